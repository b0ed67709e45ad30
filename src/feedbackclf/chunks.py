"""Texts cut at white space: the unit that the engine remembers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

GLUED = r"(\p{Ll}[.!?]+)(\p{Lu})"
"""Where people forget the blank between sentences."""


@dataclass(frozen=True)
class ChunkedTexts:
    """A batch of texts as numbers of their chunks.

    Attributes:
        distinct: the different chunks of the batch.
        ids: for each chunk of each text, in order, its place in `distinct`, shape (n_chunks,).
        offsets: where each text begins in `ids`, shape (n_texts + 1,).
    """

    distinct: list[str]
    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, texts: NDArray[np.int64]) -> ChunkedTexts:
        """Only the given texts, and only the chunks that stand in them."""
        lengths = np.diff(self.offsets)[texts]
        offsets = np.r_[0, np.cumsum(lengths)]
        where = np.repeat(self.offsets[texts] - offsets[:-1], lengths) + np.arange(offsets[-1])
        used, ids = np.unique(self.ids[where], return_inverse=True)
        return ChunkedTexts([self.distinct[i] for i in used.tolist()], ids, offsets)


def chunk_texts(texts: pa.Array) -> ChunkedTexts:
    """Cut texts at white space, and between sentences that lack it; a null is an empty text."""
    spaced = pc.replace_substring_regex(pc.fill_null(texts.cast(pa.large_string()), ""), GLUED, r"\1 \2")
    # Of a text that ends with two blanks Arrow (26.0) reads past the end, and what it finds there is chance.
    lists = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(spaced))
    # An empty text is one empty piece, which is no chunk.
    encoded = lists.flatten().dictionary_encode()
    distinct: list[str] = encoded.dictionary.to_pylist()
    ids = encoded.indices.to_numpy().astype(np.int64)
    offsets = lists.offsets.to_numpy().astype(np.int64)
    offsets -= offsets[0]
    if "" in distinct:
        real = ids != distinct.index("")
        offsets = np.r_[0, np.cumsum(real)][offsets]
        ids = ids[real]
    return ChunkedTexts(distinct, ids, offsets)

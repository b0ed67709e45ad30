"""Sentences and contrasts: where in a text one remark stops and the next begins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from feedbackclf.arrays import offsets_of
from feedbackclf.characters import code_points
from feedbackclf.features import ChunkEdges, Words
from feedbackclf.hash_index import are_among
from feedbackclf.tokens import letter_runs

# A remark after one of these words usually turns the one before it around.
CONTRAST_WORDS = {
    "nl": {"maar", "echter", "doch", "helaas"},
    "da": {"men", "dog", "desværre"},
    "sv": {"men", "dock", "tyvärr"},
    "en": {"but", "however", "unfortunately", "although", "though"},
}


@dataclass(frozen=True)
class Segments:
    """How the chunks of a batch of texts fall into segments.

    Attributes:
        start: offset of each segment in the chunks of the batch, closed by their number, shape (n_segments + 1,).
        text_start: offset of each text in the segments, closed by their number, shape (n_texts + 1,).
    """

    start: NDArray[np.int64]
    text_start: NDArray[np.int64]


def find_segments(offsets: NDArray[np.int64], ends: NDArray[np.bool_], contrasts: NDArray[np.bool_]) -> Segments:
    """Begin a segment with each text, after the end of a sentence, and at a word of contrast.

    Args:
        offsets: where each text begins in the chunks, shape (n_texts + 1,).
        ends, contrasts: whether each chunk ends a sentence, or is a word of contrast, shape (n_chunks,).
    """
    n_chunks = len(ends)
    begins = contrasts.copy()
    begins[1:] |= ends[:-1]
    begins[offsets[:-1][offsets[1:] > offsets[:-1]]] = True
    start = np.append(np.flatnonzero(begins), n_chunks)
    return Segments(start, offsets_of(begins)[offsets])


@cache
def _contrast_hashes(language: str) -> NDArray[np.uint64]:
    words = code_points("\n".join(sorted(CONTRAST_WORDS.get(language, ()))))
    return np.sort(Words.of(letter_runs(words)).hashes)


def contrasts(edges: ChunkEdges, language: str) -> NDArray[np.bool_]:
    """Whether chunks are words of contrast, whatever their case and punctuation."""
    return np.asarray(are_among(edges.first, _contrast_hashes(language)) & (edges.first == edges.last))

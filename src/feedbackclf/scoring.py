"""The additive engine: scores of texts as sums over remembered chunks.

A linear score over words, word pairs and character n-grams is a sum over the chunks of a text, and so is the square of
the feature vector's length that divides it. Both are computed once for each distinct chunk and then looked up, so a
batch costs one product of a sparse matrix of counts with the remembered rows. The sum is exact: `ColumnScores.text` is
scikit-learn's `decision_function` on the vectors of `feedbackclf.vectors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from feedbackclf import kernels
from feedbackclf.arrays import lengths_of, offsets_of
from feedbackclf.features import pair_buckets
from feedbackclf.memory import ChunkMemory
from feedbackclf.products import sums
from feedbackclf.segments import Segments, find_segments
from feedbackclf.table import ScoreTable

_FEW_SEGMENTS = 16


@dataclass(frozen=True)
class ColumnScores:
    """Scores of a batch of texts in every column.

    Attributes:
        text: score of the whole text, shape (n_texts, n_columns).
        best: highest score of any of its segments, same shape.
        length2: squared length of the text's vector; 0 if it has no feature that counts, shape (n_texts,).
        n_chunks, n_segments: size of each text, shape (n_texts,).
    """

    text: NDArray[np.float32]
    best: NDArray[np.float32]
    length2: NDArray[np.float32]
    n_chunks: NDArray[np.int64]
    n_segments: NDArray[np.int64]

    def take(self, texts: NDArray[np.int64]) -> ColumnScores:
        """The scores of some of the texts."""
        return ColumnScores(*(getattr(self, field.name)[texts] for field in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence[ColumnScores]) -> ColumnScores:
        """The scores of several batches, one after the other."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


def feedback_scores(
    places: NDArray[np.int32], offsets: NDArray[np.int64], table: ScoreTable, memory: ChunkMemory
) -> ColumnScores:
    """Scores of n texts as wholes and segment by segment; a text without chunks scores the intercepts.

    Args:
        places: of all chunks of the texts, see `ChunkMemory.places`.
        offsets: where each text begins in them, shape (n + 1,).
    """
    compiled = kernels.compiled()
    if compiled is not None:
        n, width = len(offsets) - 1, memory.rows.shape[1]
        text, best = np.empty((n, width - 1), np.float32), np.empty((n, width - 1), np.float32)
        length2, n_segments = np.empty(n, np.float32), np.empty(n, np.int64)
        chunks = memory.rows, memory.first, memory.last, memory.ends, memory.contrasts
        scratch = np.empty((4, width), np.float32)
        into = scratch, text, best, length2, n_segments
        compiled.score_texts(places, offsets, n, *chunks, *table.compiled, table.intercepts, *into)
        return ColumnScores(text, best, length2, lengths_of(offsets), n_segments)
    segments, _, of_segment = segment_sums(places, offsets, table, memory)
    n_segments = lengths_of(segments.text_start)
    whole = sums(np.arange(len(of_segment), dtype=np.int32), segments.text_start, of_segment)
    best = _highest(normalise(of_segment, table.intercepts), segments.text_start[:-1], n_segments, table.intercepts)
    return ColumnScores(normalise(whole, table.intercepts), best, whole[:, -1], lengths_of(offsets), n_segments)


def segment_sums(
    places: NDArray[np.int32], offsets: NDArray[np.int64], table: ScoreTable, memory: ChunkMemory
) -> tuple[Segments, NDArray[np.int32], NDArray[np.float32]]:
    """The segments of texts, the row of the pair behind each chunk, and the sums of the rows of each segment.

    Returns:
        The sums have the squared length last, shape (n_segments, n_columns + 1); see `_pair_rows` for the pairs.
    """
    segments = find_segments(offsets, memory.ends[places], memory.contrasts[places])
    pairs = _pair_rows(places, segments.start, table, memory)
    counts = pairs < len(table.buckets)
    of_segment = sums(places, segments.start, memory.rows)
    of_segment += sums(pairs[counts], offsets_of(counts)[segments.start], table.rows)
    return segments, pairs, of_segment


def _pair_rows(
    places: NDArray[np.int32], segment_start: NDArray[np.int64], table: ScoreTable, memory: ChunkMemory
) -> NDArray[np.int32]:
    """For each chunk the row of the pair of its last word and the next one's first, inside a segment.

    Where there is none, or it does not count, that is the last row of the table, which is all zeros.
    """
    rows = np.full(len(places), len(table.buckets), np.int32)
    left, right = memory.last[places[:-1]], memory.first[places[1:]]
    rows[:-1] = np.where((left != 0) & (right != 0), table.row_of_bucket[pair_buckets(left, right)], rows[:-1])
    rows[segment_start[1:] - 1] = len(table.buckets)  # nothing reaches beyond the last chunk of a segment
    return rows


def _highest(
    scores: NDArray[np.float32], begin: NDArray[np.int64], count: NDArray[np.int64], otherwise: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The highest of rows `begin[i]` to `begin[i] + count[i]`, column by column; `otherwise` where there are none.

    Most texts have few segments, and NumPy's `reduceat` is slow on short runs.
    """
    best = np.tile(otherwise, (len(count), 1))
    some = np.flatnonzero((count > 0) & (count <= _FEW_SEGMENTS))
    best[some] = scores[begin[some]]
    for place in range(1, int(count[some].max(initial=0))):
        some = some[count[some] > place]
        best[some] = np.maximum(best[some], scores[begin[some] + place])
    for text in np.flatnonzero(count > _FEW_SEGMENTS).tolist():
        best[text] = scores[begin[text] : begin[text] + count[text]].max(axis=0)
    return best


def normalise(total: NDArray[np.float32], intercepts: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores of texts from sums of rows, the last column being the squared length of their vectors."""
    length = np.sqrt(np.maximum(total[:, -1:], 0))
    length[length == 0] = 1
    return np.asarray(total[:, :-1] / length + intercepts, dtype=np.float32)

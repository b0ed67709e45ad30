"""The additive engine: scores of texts as sums over remembered chunks.

A linear score over words, word pairs and character n-grams is a sum over the chunks of a text, and so is the square of
the feature vector's length that divides it. Both are computed once for each distinct chunk and then looked up, so a
batch costs one product of a sparse matrix of counts with the remembered rows. The sum is exact: `ColumnScores.text` is
scikit-learn's `decision_function` on the vectors of `feedbackclf.vectors`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from feedbackclf.chunks import ChunkedTexts
from feedbackclf.features import N_BUCKETS, ChunkFeatures, pair_buckets
from feedbackclf.segments import Segments, find_segments, whole_texts

Featurize = Callable[[Sequence[str]], tuple[ChunkFeatures, NDArray[np.bool_]]]


@dataclass(frozen=True)
class ScoreTable:
    """Linear score columns over hashed features.

    Attributes:
        buckets: the features that count, ascending, shape (n_features,).
        weights: weight of each feature in each column, its inverse document frequency multiplied in,
            shape (n_features, n_columns).
        norm2: what each feature adds to the squared length of a text's vector, shape (n_features,).
        intercepts: shape (n_columns,).
    """

    buckets: NDArray[np.int32]
    weights: NDArray[np.float32]
    norm2: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def in_half_precision(self) -> ScoreTable:
        """The table with weights as a model folder keeps them: half the size, and scores change by under 0.1 %."""
        return replace(self, weights=self.weights.astype(np.float16).astype(np.float32))

    @cached_property
    def rows(self) -> NDArray[np.float32]:
        """Weights with `norm2` as the last column, and a last row of zeros for features that do not count."""
        rows = np.zeros((len(self.buckets) + 1, self.weights.shape[1] + 1), np.float32)
        rows[:-1, :-1] = self.weights
        rows[:-1, -1] = self.norm2
        return rows

    @cached_property
    def row_of_bucket(self) -> NDArray[np.int32]:
        """The row of each bucket; the last row where the feature does not count, shape (N_BUCKETS,)."""
        row = np.full(N_BUCKETS, len(self.buckets), np.int32)
        row[self.buckets] = np.arange(len(self.buckets), dtype=np.int32)
        return row


class ChunkMemory:
    """The rows of the chunks seen so far, for one score table and one way of making features.

    Holds at most about `capacity` chunks: when it is full it forgets them all and starts again.
    """

    def __init__(self, table: ScoreTable, featurize: Featurize, capacity: int = 300_000) -> None:
        self._table = table
        self._featurize = featurize
        self._capacity = capacity
        self._forget()

    def _forget(self) -> None:
        self._ids: dict[str, int] = {}
        self.rows = np.zeros((1024, self._table.rows.shape[1]), np.float32)
        self.first = np.zeros(1024, np.uint64)
        self.last = np.zeros(1024, np.uint64)
        self.ends = np.zeros(1024, bool)
        self.contrasts = np.zeros(1024, bool)

    def look_up(self, chunks: Sequence[str]) -> NDArray[np.int64]:
        """Numbers of chunks in the arrays of this memory; what is not known yet is learned."""
        if len(self._ids) + len(chunks) > self._capacity:
            self._forget()
        new = [chunk for chunk in chunks if chunk not in self._ids]
        if new:
            self._learn(new)
        return np.fromiter(map(self._ids.__getitem__, chunks), np.int64, len(chunks))

    def _learn(self, new: list[str]) -> None:
        begin, end = len(self._ids), len(self._ids) + len(new)
        self._make_room(end)
        features, contrasts = self._featurize(new)
        rows = self._table.row_of_bucket[features.bucket]
        pointer = np.searchsorted(features.chunk, np.arange(len(new) + 1))
        self.rows[begin:end] = _sums(rows, pointer, self._table.rows)
        self.first[begin:end] = features.first
        self.last[begin:end] = features.last
        self.ends[begin:end] = features.ends
        self.contrasts[begin:end] = contrasts
        self._ids.update(zip(new, range(begin, end), strict=True))

    def _make_room(self, size: int) -> None:
        if size <= len(self.rows):
            return
        size = max(size, 2 * len(self.rows))
        for name in ("rows", "first", "last", "ends", "contrasts"):
            old = getattr(self, name)
            grown = np.zeros((size, *old.shape[1:]), old.dtype)
            grown[: len(old)] = old
            setattr(self, name, grown)


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


def score_texts(
    texts: ChunkedTexts, table: ScoreTable, memory: ChunkMemory, *, by_segment: bool = True
) -> ColumnScores:
    """Score texts as wholes and, unless `by_segment` is false, segment by segment.

    A text without chunks scores the intercepts.
    """
    known = memory.look_up(texts.distinct)
    ids = known[texts.ids]
    if by_segment:
        segments = find_segments(texts.offsets, memory.ends[ids], memory.contrasts[ids])
    else:
        segments = whole_texts(texts.offsets)
    sums = _sums(ids, segments.start, memory.rows)
    sums += _pair_sums(ids, segments, table, memory)

    n_segments = np.diff(segments.text_start)
    filled = np.flatnonzero(n_segments)
    begin = segments.text_start[filled]
    text = np.tile(table.intercepts, (len(texts), 1))
    best, length2 = text.copy(), np.zeros(len(texts), np.float32)
    if len(filled):
        whole = np.add.reduceat(sums, begin)
        length2[filled] = whole[:, -1]
        text[filled] = _normalise(whole, table.intercepts)
        best[filled] = np.maximum.reduceat(_normalise(sums, table.intercepts), begin) if by_segment else text[filled]
    return ColumnScores(text, best, length2, np.diff(texts.offsets), n_segments)


def _pair_sums(
    ids: NDArray[np.int64], segments: Segments, table: ScoreTable, memory: ChunkMemory
) -> NDArray[np.float32]:
    """Row sums of the word pairs that reach from one chunk to the next inside a segment."""
    left, right = memory.last[ids[:-1]], memory.first[ids[1:]]
    segment = segments.of_chunk
    beside = np.flatnonzero((segment[:-1] == segment[1:]) & (left != 0) & (right != 0))
    row = table.row_of_bucket[pair_buckets(left[beside], right[beside])]
    counts = row < len(table.buckets)
    pointer = np.searchsorted(beside[counts], segments.start)
    return _sums(row[counts], pointer, table.rows)


def _sums(
    columns: NDArray[np.int64] | NDArray[np.int32], pointer: NDArray[np.int64], rows: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Sums of the rows `columns[pointer[i]:pointer[i + 1]]` for each i."""
    ones = np.ones(len(columns), np.float32)
    counts = csr_matrix((ones, columns, pointer), shape=(len(pointer) - 1, len(rows)))
    sums: NDArray[np.float32] = counts @ rows
    return sums


def _normalise(sums: NDArray[np.float32], intercepts: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.sqrt(np.maximum(sums[:, -1:], 0))
    length[length == 0] = 1
    return np.asarray(sums[:, :-1] / length + intercepts, dtype=np.float32)

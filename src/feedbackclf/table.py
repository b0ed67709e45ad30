"""Score tables: linear score columns over hashed features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf import kernels
from feedbackclf.arrays import offsets_of
from feedbackclf.features import N_BUCKETS, ChunkFeatures, Words, chunk_features, word_features
from feedbackclf.products import sums


@dataclass(frozen=True)
class ScoreTable:
    """Linear score columns over hashed features.

    Attributes:
        buckets: the features that count, ascending, shape (n_features,).
        rows: what each feature adds to each column and, last, to the squared length of a text's vector; closed by a
            row of zeros for features that do not count, shape (n_features + 1, n_columns + 1).
        intercepts: shape (n_columns,).
    """

    buckets: NDArray[np.int32]
    rows: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    @classmethod
    def of(
        cls, buckets: NDArray[np.int32], weights: NDArray[Any], norm2: NDArray[Any], intercepts: NDArray[np.float32]
    ) -> ScoreTable:
        """A table from weights of shape (n_features, n_columns) and squared scales of shape (n_features,)."""
        rows = np.zeros((len(buckets) + 1, weights.shape[1] + 1), np.float32)
        rows[:-1, :-1] = weights
        rows[:-1, -1] = norm2
        return cls(buckets, rows, intercepts)

    @classmethod
    def empty(cls) -> ScoreTable:
        """A table without features and columns."""
        return cls.of(np.zeros(0, np.int32), np.zeros((0, 0)), np.zeros(0), np.zeros(0, np.float32))

    @property
    def weights(self) -> NDArray[np.float32]:
        """Weight of each feature in each column, its inverse document frequency multiplied in."""
        return self.rows[:-1, :-1]

    @property
    def norm2(self) -> NDArray[np.float32]:
        """What each feature adds to the squared length of a text's vector."""
        return self.rows[:-1, -1]

    def in_half_precision(self) -> ScoreTable:
        """The table with weights as a model folder keeps them: half the size, and scores change by under 0.1 %."""
        return self.of(self.buckets, self.weights.astype(np.float16), self.norm2, self.intercepts)

    @cached_property
    def row_of_bucket(self) -> NDArray[np.int32]:
        """The row of each bucket, `NO_BUCKET` too; the last row where it does not count, shape (N_BUCKETS + 1,)."""
        row = np.full(N_BUCKETS + 1, len(self.buckets), np.int32)
        row[self.buckets] = np.arange(len(self.buckets), dtype=np.int32)
        return row

    @cached_property
    def bits(self) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """The buckets that count as bits, 64 to a number, and how many of them come before each of these numbers."""
        counts = np.zeros(N_BUCKETS, bool)
        counts[self.buckets] = True
        before = np.cumsum(counts.reshape(-1, 64).sum(axis=1), dtype=np.int32)
        return np.packbits(counts, bitorder="little").view("<u8"), np.r_[np.int32(0), before[:-1]]

    @property
    def compiled(self) -> tuple[Any, ...]:
        """The table as the compiled functions take it."""
        return N_BUCKETS - 2, *self.bits, self.rows, self.rows.shape[1]

    def word_rows(
        self, words: Words, which: NDArray[np.int64], ngrams: tuple[int, int], rows: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Set `rows`, shape (n, n_columns + 1), to sums of the rows of the features of some words, and return them."""
        compiled = kernels.compiled()
        if compiled is None:
            features = word_features(words, which)
            row = self.row_of_bucket[features.take(ngrams)]
            counts = row < len(self.buckets)
            before = offsets_of(counts.sum(axis=1))
            rows[:] = sums(row[counts], before[features.start], self.rows)
        else:
            of_words = words.codes, words.start, words.length, words.is_word, words.hashes
            compiled.word_rows(*of_words, which, len(which), *ngrams, *self.compiled, rows)
        return rows

    def chunk_rows(
        self, words: Words, numbers: NDArray[np.int32], of_words: NDArray[np.float32], rows: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Set `rows` to the sums of the rows of all features of chunks, and return them.

        Args:
            words: all that the chunks have, shape (n_words,).
            numbers, of_words: `of_words[numbers]` are the rows of the words, see `word_rows`.
            rows: shape (n_chunks, n_columns + 1).
        """
        compiled = kernels.compiled()
        if compiled is None:
            pointer = np.searchsorted(words.chunk, np.arange(len(rows) + 1))
            rows[:] = sums(numbers, pointer, of_words) + self._more_rows(chunk_features(words), len(rows))
        else:
            scratch, arrays = np.empty(rows.shape[1], np.float32), (words.hashes, words.is_word, words.shouted)
            compiled.chunk_rows(
                numbers, words.chunk, *arrays, len(numbers), len(rows), of_words, *self.compiled, scratch, rows
            )
        return rows

    def _more_rows(self, features: ChunkFeatures, n_chunks: int) -> NDArray[np.float32]:
        """Sums of the rows of what chunks have besides their words."""
        row = np.searchsorted(self.buckets, features.bucket).astype(np.int32)  # few: not worth `row_of_bucket`
        counts = np.flatnonzero(np.append(self.buckets, -1)[row] == features.bucket)
        counts = counts[np.argsort(features.chunk[counts], kind="stable")]
        pointer = np.searchsorted(features.chunk[counts], np.arange(n_chunks + 1))
        return sums(row[counts], pointer, self.rows)

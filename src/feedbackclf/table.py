"""Score tables: linear score columns over hashed features."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf import kernels
from feedbackclf.arrays import offsets_of
from feedbackclf.features import N_BUCKETS, ChunkFeatures, Words, chunk_features, word_features
from feedbackclf.products import sums, whole_sums

LARGEST = 1e9
"""Of a number in a model: a text of a million characters then scores below 1e34, and 32 bits hold 1e38."""


@dataclass(frozen=True)
class Rows:
    """What words or chunks have of a table, one row each.

    Attributes:
        scores: sums of the rows of their features, shape (n, n_columns + 1).
        embedded: sums of the embeddings of their features, shape (n, n_dims).
    """

    scores: NDArray[np.float32]
    embedded: NDArray[np.int32]

    @classmethod
    def room(cls, n: int, table: ScoreTable) -> Rows:
        """Room for n rows of a table."""
        widths = table.rows.shape[1], table.embeddings.shape[1]
        return cls(np.zeros((n, widths[0]), np.float32), np.zeros((n, widths[1]), np.int32))

    def part(self, begin: int, end: int) -> Rows:
        """Some of the rows, to be written to."""
        return Rows(self.scores[begin:end], self.embedded[begin:end])


@dataclass(frozen=True)
class ScoreTable:
    """Linear score columns over hashed features.

    Attributes:
        buckets: the features that count, ascending, shape (n_features,).
        rows: what each feature adds to each column and, last, to the squared length of a text's vector; closed by a
            row of zeros for features that do not count, shape (n_features + 1, n_columns + 1).
        intercepts: shape (n_columns,).
        embeddings: see `feedbackclf.phrases`; closed by a row of zeros, too, shape (n_features + 1, n_dims).
    """

    buckets: NDArray[np.int32]
    rows: NDArray[np.float32]
    intercepts: NDArray[np.float32]
    embeddings: NDArray[np.int8]

    @classmethod
    def of(
        cls, buckets: NDArray[np.int32], weights: NDArray[Any], norm2: NDArray[Any], intercepts: NDArray[np.float32]
    ) -> ScoreTable:
        """A table from weights of shape (n_features, n_columns) and squared scales of shape (n_features,)."""
        if len(weights) != len(buckets):
            raise ValueError(f"weights of {len(weights)} features, not {len(buckets)}")
        rows = np.zeros((len(buckets) + 1, weights.shape[1] + 1), np.float32)
        compiled = kernels.compiled()
        if compiled is not None and weights.dtype == np.float16:
            compiled.widen_halves(np.ascontiguousarray(weights), *weights.shape, rows.shape[1], rows)
        else:
            rows[:-1, :-1] = weights
        rows[:-1, -1] = norm2
        return cls(buckets, rows, intercepts, np.zeros((len(rows), 0), np.int8))

    @classmethod
    def empty(cls) -> ScoreTable:
        """A table without features and columns."""
        return cls.of(np.zeros(0, np.int32), np.zeros((0, 0)), np.zeros(0), np.zeros(0, np.float32))

    def __getstate__(self) -> dict[str, Any]:
        """Without what is worked out of the rest when it is wanted."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

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

    def with_embeddings(self, buckets: NDArray[np.int32], embeddings: NDArray[np.int8]) -> ScoreTable:
        """The table with embeddings of features, of which those that had no row get rows of zeros.

        Args:
            buckets: ascending, shape (n_features,).
            embeddings: shape (n_features, n_dims).
        """
        if np.array_equal(self.buckets, buckets):  # usually, and quicker
            closed = np.vstack([embeddings, np.zeros((1, embeddings.shape[1]), np.int8)])
            return ScoreTable(self.buckets, self.rows, self.intercepts, closed)
        every = np.union1d(self.buckets, buckets)
        rows = np.zeros((len(every) + 1, self.rows.shape[1]), np.float32)
        rows[np.searchsorted(every, self.buckets)] = self.rows[:-1]
        embedded = np.zeros((len(rows), embeddings.shape[1]), np.int8)
        embedded[np.searchsorted(every, buckets)] = embeddings
        return ScoreTable(every, rows, self.intercepts, embedded)

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
        """The scores of the table as the compiled functions take them."""
        return N_BUCKETS - 2, *self.bits, self.rows, self.rows.shape[1]

    @property
    def compiled_with_embeddings(self) -> tuple[Any, ...]:
        """The whole table as the compiled functions take it."""
        return *self.compiled, self.embeddings, self.embeddings.shape[1]

    def word_rows(self, words: Words, which: NDArray[np.int64], ngrams: tuple[int, int], into: Rows) -> None:
        """Set `into` to sums of the rows of the features of some words, and of their embeddings."""
        compiled = kernels.compiled()
        if compiled is None:
            features = word_features(words, which)
            row = self.row_of_bucket[features.take(ngrams)]
            counts = row < len(self.buckets)
            before = offsets_of(counts.sum(axis=1))
            into.scores[:] = sums(row[counts], before[features.start], self.rows)
            into.embedded[:] = whole_sums(row[counts], before[features.start], self.embeddings)
        else:
            of_words = words.codes, words.start, words.length, words.is_word, words.hashes
            asked = *of_words, which, len(which), *ngrams
            compiled.word_rows(*asked, *self.compiled_with_embeddings, into.scores, into.embedded)

    def chunk_rows(self, words: Words, numbers: NDArray[np.int32], of_words: Rows, into: Rows) -> None:
        """Set `into` to the sums of the rows of all features of chunks, and of their embeddings.

        Args:
            words: all that the chunks have, shape (n_words,).
            numbers: places in `of_words` of the rows of the words, see `word_rows`, shape (n_words,).
        """
        compiled, n_chunks = kernels.compiled(), len(into.scores)
        if compiled is not None:
            scratch, arrays = np.empty(self.rows.shape[1], np.float32), (words.hashes, words.is_word, words.shouted)
            asked = numbers, words.chunk, *arrays, len(numbers), n_chunks, of_words.scores, of_words.embedded
            compiled.chunk_rows(*asked, *self.compiled_with_embeddings, scratch, into.scores, into.embedded)
            return
        pointer = np.searchsorted(words.chunk, np.arange(n_chunks + 1))
        row, more = self._more_rows(chunk_features(words), n_chunks)
        into.scores[:] = sums(numbers, pointer, of_words.scores) + sums(row, more, self.rows)
        into.embedded[:] = whole_sums(numbers, pointer, of_words.embedded) + whole_sums(row, more, self.embeddings)

    def _more_rows(self, features: ChunkFeatures, n_chunks: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The rows of what chunks have besides their words, chunk by chunk, and where each chunk begins in them."""
        row = np.searchsorted(self.buckets, features.bucket).astype(np.int32)  # few: not worth `row_of_bucket`
        counts = np.flatnonzero(np.append(self.buckets, -1)[row] == features.bucket)
        counts = counts[np.argsort(features.chunk[counts], kind="stable")]
        return row[counts], np.searchsorted(features.chunk[counts], np.arange(n_chunks + 1))


def check_buckets(buckets: NDArray[Any]) -> None:
    """Make sure that features are in range and order.

    Raises:
        ValueError: they are not.
    """
    in_range = buckets.dtype == np.int32 and (not len(buckets) or (buckets[0] >= 0 and buckets[-1] < N_BUCKETS))
    # Neighbours are compared, since the difference of two of them may outgrow its 32 bits.
    if not in_range or (buckets[1:] <= buckets[:-1]).any():
        raise ValueError("buckets out of range or order")


def check_numbers(name: str, numbers: NDArray[np.floating[Any]], lowest: float = -LARGEST) -> None:
    """Make sure that numbers are finite and so small that no score outgrows its type.

    Raises:
        ValueError: they are not.
    """
    # Asked in this way, since what is no number is neither larger nor smaller.
    if numbers.size and not (numbers.min() >= lowest and numbers.max() <= LARGEST):
        raise ValueError(f"{name} out of range")

"""Texts as the sparse vectors that scikit-learn learns from; `feedbackclf.scoring` computes with the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from feedbackclf.characters import code_points
from feedbackclf.chunks import ChunkedTexts, chunk_texts
from feedbackclf.features import (
    FEEDBACK_NGRAMS,
    LANGUAGE_NGRAMS,
    N_BUCKETS,
    NO_BUCKET,
    Words,
    chunk_edges,
    chunk_features,
    is_ngram,
    pair_buckets,
    word_features,
)
from feedbackclf.scoring import ColumnScores
from feedbackclf.segments import contrasts, find_segments
from feedbackclf.table import ScoreTable
from feedbackclf.tokens import letter_runs, tokenize_chunks


@dataclass(frozen=True)
class FeatureCounts:
    """How often each feature stands in each segment of a list of texts.

    Attributes:
        segments: counts, sparse, shape (n_segments, n_features).
        text: which text each segment is from, ascending, shape (n_segments,).
        n_chunks: size of each text, those without segments included, shape (n_texts,).
    """

    segments: sparse.csr_matrix
    text: NDArray[np.int64]
    n_chunks: NDArray[np.int64]

    def texts(self) -> sparse.csr_matrix:
        """Counts of whole texts, shape (n_texts, n_features)."""
        ones, shape = np.ones(len(self.text), np.float32), (len(self.n_chunks), len(self.text))
        return sparse.csr_matrix((ones, (self.text, np.arange(len(self.text)))), shape) @ self.segments

    def take(self, texts: NDArray[np.int64]) -> FeatureCounts:
        """The counts of some of the texts, given in ascending order."""
        wanted = np.isin(self.text, texts)
        owner = np.searchsorted(texts, self.text[wanted])
        return FeatureCounts(self.segments[wanted], owner, self.n_chunks[texts])


@dataclass(frozen=True)
class FeatureScale:
    """The features that count, and how much.

    Attributes:
        buckets: ascending, shape (n_features,).
        scale: factor of each feature's count in a vector, shape (n_features,).
    """

    buckets: NDArray[np.int64]
    scale: NDArray[np.float32]

    def vectors(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """Scaled counts, divided by their additive length: the root of the sum of count times squared scale.

        (The Euclidean length would square the counts, and so would not be a sum over chunks.)
        """
        length = np.sqrt(counts @ self.scale**2)
        length[length == 0] = 1
        return (sparse.diags((1 / length).astype(np.float32)) @ counts @ sparse.diags(self.scale)).tocsr()

    def table(self, coefficients: NDArray[np.floating], intercepts: NDArray[np.floating]) -> ScoreTable:
        """A score table of columns learned on such vectors; coefficients of shape (n_features, n_columns)."""
        weights = (coefficients * self.scale[:, None]).astype(np.float32)
        return ScoreTable.of(self.buckets.astype(np.int32), weights, self.scale**2, intercepts.astype(np.float32))

    def scores(self, vectors: sparse.csr_matrix, table: ScoreTable) -> NDArray[np.float32]:
        """The decision functions of a table's columns on vectors, shape (n_vectors, n_columns)."""
        return np.asarray(vectors @ (table.weights / self.scale[:, None]) + table.intercepts, np.float32)


def choose_features(
    texts: sparse.csr_matrix, *, min_df: int, ngram_factor: float, most: int = N_BUCKETS
) -> FeatureScale:
    """Keep the features that at least `min_df` texts have, scaled by their inverse document frequency.

    Args:
        texts: counts, shape (n_texts, N_BUCKETS).
        ngram_factor: further factor for character n-grams, of which there are many times more than words.
        most: if there are more features than this, as many texts must have one as it takes.
    """
    frequency = np.bincount(texts.indices, minlength=N_BUCKETS)
    if most < N_BUCKETS:
        min_df = max(min_df, int(np.partition(frequency, -most - 1)[-most - 1]) + 1)
    buckets = np.flatnonzero(frequency >= min_df)
    idf = np.log((1 + texts.shape[0]) / (1 + frequency[buckets])) + 1
    return FeatureScale(buckets, (idf * np.where(is_ngram(buckets), ngram_factor, 1)).astype(np.float32))


def feedback_counts(
    texts: Sequence[str], languages: Sequence[str], buckets: NDArray[np.int64] | None = None
) -> FeatureCounts:
    """Count the features of texts by the rules of their languages; only those of `buckets`, if given."""
    chunked, codes = chunk_texts(texts), np.array(languages, dtype=object)
    parts, owners = [], []
    for language in sorted(set(languages)):
        where = np.flatnonzero(codes == language)
        part = _count(chunked.take(where), language, buckets)
        parts.append(part.segments)
        owners.append(where[part.text])
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    return FeatureCounts(sparse.vstack(parts, format="csr")[order], owner[order], np.diff(chunked.offsets))


def score_counts(counts: FeatureCounts, table: ScoreTable, scale: FeatureScale) -> ColumnScores:
    """The scores of texts from their counts: what `scoring.feedback_scores` gives, by scikit-learn's way."""
    whole = counts.texts()
    text = scale.scores(scale.vectors(whole), table)
    by_segment = scale.scores(scale.vectors(counts.segments), table)
    best = np.tile(table.intercepts, (len(text), 1))
    n_segments = np.bincount(counts.text, minlength=len(text))
    filled = np.flatnonzero(n_segments)
    if len(filled):
        best[filled] = np.maximum.reduceat(by_segment, np.searchsorted(counts.text, filled))
    return ColumnScores(text, best, whole @ scale.scale**2, counts.n_chunks, n_segments)


def language_counts(texts: Sequence[str], buckets: NDArray[np.int64] | None = None) -> sparse.csr_matrix:
    """Count the features for language identification, shape (n_texts, n_features)."""
    chunked = chunk_texts(texts)
    distinct, ids = chunked.distinct()
    words = Words.of(letter_runs(code_points("\n".join(distinct))))
    of_chunks = _chunk_counts(words, len(distinct), LANGUAGE_NGRAMS, buckets)
    return _chunk_sums(ids, chunked.offsets, len(distinct)) @ of_chunks


def _count(texts: ChunkedTexts, language: str, buckets: NDArray[np.int64] | None) -> FeatureCounts:
    distinct, ids = texts.distinct()
    words = Words.of(tokenize_chunks(code_points("\n".join(distinct)), language))
    edges = chunk_edges(words, len(distinct))
    segments = find_segments(texts.offsets, edges.ends[ids], contrasts(edges, language)[ids])
    of_chunks = _chunk_counts(words, len(distinct), FEEDBACK_NGRAMS, buckets)
    counts = _chunk_sums(ids, segments.start, len(distinct)) @ of_chunks
    n_segments = len(segments.start) - 1
    left, right = edges.last[ids[:-1]], edges.first[ids[1:]]
    segment = np.repeat(np.arange(n_segments), np.diff(segments.start))
    beside = (segment[:-1] == segment[1:]) & (left != 0) & (right != 0)
    pairs = pair_buckets(left[beside], right[beside])
    counts = counts + _selected(segment[1:][beside], pairs, n_segments, buckets)
    text = np.repeat(np.arange(len(texts)), np.diff(segments.text_start))
    return FeatureCounts(counts.tocsr(), text, np.diff(texts.offsets))


def _chunk_counts(
    words: Words, n_chunks: int, ngrams: tuple[int, int], buckets: NDArray[np.int64] | None
) -> sparse.csr_matrix:
    """Counts of the features of chunks, all but the pairs that reach across two, shape (n_chunks, n_features)."""
    features, more = word_features(words, np.arange(len(words.start))), chunk_features(words)
    of_words = features.take(ngrams)
    there = of_words != NO_BUCKET
    chunk_of_row = np.repeat(words.chunk, np.diff(features.start))
    chunk = np.concatenate([np.repeat(chunk_of_row, there.sum(axis=1)), more.chunk])
    bucket = np.concatenate([of_words[there].astype(np.int64), more.bucket])
    return _selected(chunk, bucket, n_chunks, buckets)


def _chunk_sums(ids: NDArray[np.int64], start: NDArray[np.int64], n_distinct: int) -> sparse.csr_matrix:
    """What adds up the chunks of each text or segment, shape (n_texts, n_distinct)."""
    return sparse.csr_matrix((np.ones(len(ids), np.float32), ids, start), (len(start) - 1, n_distinct))


def _selected(
    row: NDArray[np.int64], bucket: NDArray[np.int64], n_rows: int, buckets: NDArray[np.int64] | None
) -> sparse.csr_matrix:
    """Counts of features by row, with a column per bucket or, if some are chosen, a column for each of those."""
    n_columns = N_BUCKETS
    if buckets is not None:
        column = np.full(N_BUCKETS, -1, np.int64)
        column[buckets] = np.arange(len(buckets))
        chosen = column[bucket] >= 0
        row, bucket, n_columns = row[chosen], column[bucket[chosen]], len(buckets)
    return sparse.csr_matrix((np.ones(len(row), np.float32), (row, bucket)), (n_rows, n_columns))

"""What each chunk of a text adds to the score of each label: the scores of `feedbackclf.engine`, taken apart.

A label's score is a weighted sum of scores of the whole text, of its best segments, and of phrases. The first two are
sums over chunks divided by a length. A filter of the phrase network adds what one chunk and its neighbours gave to it,
at the chunk where it answers most, and on the whole. So with the lengths, the choice of segments and the choice of
places as they are, all of it is a sum over chunks, and nothing is approximated. What no chunk adds (intercepts, the
language, the size of the text) is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedbackclf import kernels
from feedbackclf.arrays import lengths_of
from feedbackclf.heads import Answers, HeadModel
from feedbackclf.memory import ChunkMemory
from feedbackclf.phrases import PhraseNetwork
from feedbackclf.products import sums
from feedbackclf.scoring import normalise, segment_sums
from feedbackclf.table import ScoreTable

_LARGEST_FACTOR = 29
"""Bits of the factors of filters, of which two are added up in 32."""


@dataclass(frozen=True)
class Contributions:
    """What chunks add to the log-odds of the labels that heads gave to n texts.

    Attributes:
        offsets: where each text begins in the chunks, shape (n + 1,).
        jobs: numbers the pairs of a text and a head that were asked for, -1 for the others, shape (n, n_heads).
        weights: 0 for what was not asked for, shape (n_chunks, n_heads).
        log_odds: of the label of each text, shape (n, n_heads); the rest of it, that no chunk adds, is `log_odds` minus
            the sum of `weights`.
    """

    offsets: NDArray[np.int64]
    jobs: NDArray[np.int64]
    weights: NDArray[np.float64]
    log_odds: NDArray[np.float64]


class Contributor:
    """Takes apart the scores that a model gives.

    Args:
        heads, phrases: of the model.
        n_columns: how many columns its table has.
    """

    def __init__(self, heads: Sequence[HeadModel], phrases: PhraseNetwork, n_columns: int) -> None:
        self._heads = heads
        self._phrases = phrases
        layers = [model.coefficients.T.astype(np.float64) for model in heads]
        n_phrases = len(phrases.columns)
        self._of_columns = [np.ascontiguousarray(layer[:, : 2 * n_columns]) for layer in layers]
        filters = phrases.weights.astype(np.float64).T
        self._of_filters = [layer[:, 2 * n_columns : 2 * n_columns + n_phrases] @ filters for layer in layers]
        # Factors of filters are whole numbers, as their values are, so that sums do not depend on their order. A label
        # counts once, and all the others against it once.
        largest = 2 * max((np.abs(factors).max(initial=0) for factors in self._of_filters), default=0)
        self._scale = 2.0 ** min(_LARGEST_FACTOR - int(np.ceil(np.log2(largest))) if largest else 0, 60)

    def take_apart(
        self,
        places: NDArray[np.int32],
        offsets: NDArray[np.int64],
        table: ScoreTable,
        memory: ChunkMemory,
        answers: Answers,
        wanted: NDArray[np.bool_],
    ) -> Contributions:
        """Take the answers to n texts apart.

        The log-odds of a label are its score minus the mean of the other labels' scores, as likely as they are among
        themselves, and minus their entropy. With these likelihoods as they are, that is a sum over chunks, too.

        Args:
            places: of all chunks of the texts, see `ChunkMemory.places`.
            offsets: where each text begins in them, shape (n + 1,).
            table, memory: what scored the texts.
            answers: what the heads said.
            wanted: which heads are asked for, shape (n, n_heads).
        """
        jobs = np.where(wanted, np.cumsum(wanted).reshape(wanted.shape) - 1, -1)
        n_jobs, n_filters = int(wanted.sum()), len(self._phrases.bias)
        of_columns = np.empty((n_jobs, 2 * len(table.intercepts)))
        of_filters = np.empty((n_jobs, 2 * n_filters))
        log_odds = np.empty(wanted.shape)
        for nth, model in enumerate(self._heads):
            given, texts = answers.of(model.head.name), np.flatnonzero(wanted[:, nth])
            p, rows = given.label_probability, np.arange(len(texts))
            others = given.probabilities[texts]
            others[rows, given.labels[texts]] = 0
            against = -others / np.maximum(others.sum(axis=1, keepdims=True), np.finfo(float).tiny)
            against[rows, given.labels[texts]] = 1
            of_columns[jobs[texts, nth]] = against @ self._of_columns[nth]
            of_filters[jobs[texts, nth]] = against @ self._of_filters[nth]
            rest = np.maximum(given.probabilities.sum(axis=1) - p, np.finfo(float).tiny)
            log_odds[:, nth] = np.log(p) - np.log(rest)
        weights = _share_columns(places, offsets, table, memory, jobs, of_columns)
        if n_filters:
            root = np.sqrt(np.maximum(lengths_of(offsets), 1))
            of_filters[:, n_filters:] /= np.repeat(root, wanted.sum(axis=1))[:, None]
            factors = np.rint(of_filters * self._scale).astype(np.int32)
            once, always = (np.ascontiguousarray(part) for part in np.hsplit(factors, 2))
            weights += _share_phrases(places, offsets, memory, self._phrases, jobs, once, always) / self._scale
        return Contributions(offsets, jobs, weights, log_odds)


def _share_columns(
    places: NDArray[np.int32],
    offsets: NDArray[np.int64],
    table: ScoreTable,
    memory: ChunkMemory,
    jobs: NDArray[np.int64],
    directions: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What chunks add by the columns, shape (n_chunks, n_heads).

    Args:
        directions: for each job a factor of the text's score in each column, and then one of that of its best segment.
    """
    n_columns, weights = len(table.intercepts), np.zeros((len(places), jobs.shape[1]))
    segments, pairs, of_segment = segment_sums(places, offsets, table, memory)
    best = _best_segments(normalise(of_segment, table.intercepts), segments.text_start)
    length2 = np.ascontiguousarray(of_segment[:, -1])
    compiled = kernels.compiled()
    if compiled is not None:
        rows = places, offsets, len(offsets) - 1, memory.rows, table.rows, pairs
        scratch = np.empty((n_columns + 2) * jobs.shape[1])
        compiled.share_columns(
            *rows,
            segments.start,
            segments.text_start,
            length2,
            best,
            n_columns,
            jobs,
            jobs.shape[1],
            directions,
            scratch,
            weights,
        )
        return weights
    text = np.repeat(np.arange(len(offsets) - 1), lengths_of(offsets))
    segment = np.repeat(np.arange(len(of_segment)), lengths_of(segments.start))
    of_text = _length(sums(np.arange(len(length2), dtype=np.int32), segments.text_start, length2[:, None])[:, 0])[text]
    for nth in range(jobs.shape[1]):
        job = jobs[text, nth]
        asked = np.flatnonzero(job >= 0)
        own, more = (directions[job[asked]][:, part] for part in (slice(n_columns), slice(n_columns, None)))
        more = np.where(best[text[asked]] == segment[asked, None], more, 0) / _length(length2)[segment[asked], None]
        both = own / of_text[asked, None] + more
        of_pair = _products(table.rows[pairs[asked]], both) / 2
        weights[asked[1:], nth] = of_pair[:-1]  # of a pair inside a segment both chunks are asked for
        weights[asked, nth] += _products(memory.rows[places[asked]], both)
        weights[asked, nth] += of_pair
    return weights


def _share_phrases(
    places: NDArray[np.int32],
    offsets: NDArray[np.int64],
    memory: ChunkMemory,
    phrases: PhraseNetwork,
    jobs: NDArray[np.int64],
    once: NDArray[np.int32],
    always: NDArray[np.int32],
) -> NDArray[np.int64]:
    """What chunks add by the phrases in whole numbers, shape (n_chunks, n_heads).

    Args:
        once, always: for each job factors of the highest value of each filter, and of each of its values.
    """
    n, shares = len(phrases.bias), np.zeros((len(places), jobs.shape[1]), np.int64)
    compiled = kernels.compiled()
    if compiled is not None:
        read = places, offsets, len(offsets) - 1, memory.taps, phrases.bias, n
        compiled.share_phrases(*read, jobs, jobs.shape[1], once, always, shares)
        return shares
    for text in np.flatnonzero((jobs >= 0).any(axis=1) & (lengths_of(offsets) > 0)).tolist():
        chunks = slice(offsets[text], offsets[text + 1])
        taps = memory.taps[places[chunks]].astype(np.float64)  # whole numbers that doubles hold
        own = taps[:, n : 2 * n] + phrases.bias
        before, after = np.zeros_like(own), np.zeros_like(own)
        before[1:], after[:-1] = taps[:-1, :n], taps[1:, 2 * n :]
        found = np.maximum(own + before + after, 0)
        is_highest = np.arange(len(found))[:, None] == found.argmax(axis=0)
        for nth in np.flatnonzero(jobs[text] >= 0).tolist():
            job = jobs[text, nth]
            factors = (found > 0) * (always[job].astype(np.float64) + is_highest * once[job])
            parts = [(values * factors).sum(axis=1).astype(np.int64) for values in (own, before, after)]
            parts[0][:-1] += parts[1][1:]
            parts[0][1:] += parts[2][:-1]
            shares[chunks, nth] = parts[0]
    return shares


def _best_segments(scores: NDArray[np.float32], text_start: NDArray[np.int64]) -> NDArray[np.int64]:
    """The segment of each text that each column scores highest, the first of several, shape (n_texts, n_columns)."""
    count = lengths_of(text_start)
    best = np.zeros((len(count), scores.shape[1]), np.int64)
    filled = np.flatnonzero(count)
    if len(filled):
        starts, owner = text_start[filled], np.repeat(np.arange(len(filled)), count[filled])
        is_highest = scores == np.maximum.reduceat(scores, starts)[owner]
        rows = np.where(is_highest, np.arange(len(scores))[:, None], len(scores))
        best[filled] = np.minimum.reduceat(rows, starts)
    return best


def _products(rows: NDArray[np.float32], directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row by row the sum of products, from the first column to the last; rows have the squared length besides."""
    total = np.zeros(len(rows))
    for column in range(directions.shape[1]):
        total += rows[:, column].astype(np.float64) * directions[:, column]
    return total


def _length(squared: NDArray[np.float32]) -> NDArray[np.float64]:
    """The length that `normalise` divides by."""
    length = np.sqrt(np.maximum(squared.astype(np.float64), 0))
    return np.where(length == 0, 1.0, length)

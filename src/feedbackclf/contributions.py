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

from feedbackclf.arrays import lengths_of
from feedbackclf.heads import Answers, HeadModel
from feedbackclf.memory import ChunkMemory
from feedbackclf.phrases import PhraseNetwork
from feedbackclf.scoring import normalise, pair_rows
from feedbackclf.segments import Segments, find_segments
from feedbackclf.table import ScoreTable


@dataclass(frozen=True)
class Contributions:
    """What chunks add to the log-odds of the labels that heads gave.

    Attributes:
        offsets: where each text begins in the chunks, shape (n_texts + 1,).
        weights: shape (n_chunks, n_heads).
        log_odds: of the label of each text, shape (n_texts, n_heads); the rest of it, that no chunk adds, is `log_odds`
            minus the sum of `weights`.
    """

    offsets: NDArray[np.int64]
    weights: NDArray[np.float64]
    log_odds: NDArray[np.float64]


def contributions(
    places: NDArray[np.int32],
    offsets: NDArray[np.int64],
    table: ScoreTable,
    memory: ChunkMemory,
    phrases: PhraseNetwork,
    heads: Sequence[HeadModel],
    answers: Answers,
) -> Contributions:
    """Take the answers of heads to n texts apart.

    The log-odds of a label are its score minus the mean of the other labels' scores, as likely as they are among
    themselves, and minus their entropy. With these likelihoods as they are, that is a sum over chunks, too.

    Args:
        places: of all chunks of the texts, see `ChunkMemory.places`.
        offsets: where each text begins in them, shape (n + 1,).
        table, memory, phrases: what scored the texts.
        heads: the layers of the model.
        answers: what they said.
    """
    inputs = np.hstack([_of_columns(places, offsets, table, memory), _of_phrases(places, offsets, phrases, memory)])
    n_texts = len(offsets) - 1
    text = np.repeat(np.arange(n_texts), lengths_of(offsets))
    coefficients = np.hstack([model.coefficients[: inputs.shape[1]] for model in heads]).astype(np.float64)
    scores = inputs @ coefficients
    weights, log_odds = np.empty((len(places), len(heads))), np.empty((n_texts, len(heads)))
    for nth, model in enumerate(heads):
        given, place = answers.of(model.head.name), np.arange(n_texts)
        p = given.label_probability
        others = given.probabilities.copy()
        others[place, given.labels] = 0
        of_others = np.maximum(others.sum(axis=1), np.finfo(float).tiny)
        against = -others / of_others[:, None]
        against[place, given.labels] = 1
        weights[:, nth] = np.einsum("ij,ij->i", scores[:, answers.places[model.head.name][1]], against[text])
        log_odds[:, nth] = np.log(p) - np.log(of_others)
    return Contributions(offsets, weights, log_odds)


def _of_columns(
    places: NDArray[np.int32], offsets: NDArray[np.int64], table: ScoreTable, memory: ChunkMemory
) -> NDArray[np.float64]:
    """What chunks add to the scores of texts and of their best segments, shape (n_chunks, 2 * n_columns)."""
    n_columns = len(table.intercepts)
    if not len(places):
        return np.zeros((0, 2 * n_columns))
    segments = find_segments(offsets, memory.ends[places], memory.contrasts[places])
    own = memory.rows[places].astype(np.float64)
    of_pairs = table.rows[pair_rows(places, segments.start, table, memory)] / 2.0
    own += of_pairs
    own[1:] += of_pairs[:-1]
    of_segment = np.add.reduceat(own, segments.start[:-1])
    is_best = _best_segments(normalise(of_segment.astype(np.float32), table.intercepts), segments)
    chunks, texts = lengths_of(segments.start), lengths_of(segments.text_start)
    filled = np.flatnonzero(texts)
    of_text = np.add.reduceat(of_segment[:, -1], segments.text_start[:-1][filled])
    whole = own[:, :-1] / np.repeat(_length(of_text), lengths_of(offsets)[filled])[:, None]
    best = own[:, :-1] / np.repeat(_length(of_segment[:, -1]), chunks)[:, None]
    return np.hstack([whole, best * np.repeat(is_best, chunks, axis=0)])


def _best_segments(scores: NDArray[np.float32], segments: Segments) -> NDArray[np.bool_]:
    """Which segment of its text each column scores highest, the first of several, shape (n_segments, n_columns)."""
    texts = lengths_of(segments.text_start)
    starts, owner = segments.text_start[:-1][texts > 0], np.repeat(np.arange((texts > 0).sum()), texts[texts > 0])
    return _first(scores == np.maximum.reduceat(scores, starts)[owner], starts, owner)


def _of_phrases(
    places: NDArray[np.int32], offsets: NDArray[np.int64], phrases: PhraseNetwork, memory: ChunkMemory
) -> NDArray[np.float64]:
    """What chunks add to the scores of phrases, shape (n_chunks, n_phrase_columns)."""
    n, lengths = len(phrases.bias), lengths_of(offsets)
    if not len(places) or not phrases.columns:
        return np.zeros((len(places), len(phrases.columns)))
    taps = memory.taps[places].astype(np.int16)
    starts = offsets[:-1][lengths > 0]
    owner = np.repeat(np.arange(len(starts)), lengths[lengths > 0])
    before, after = np.zeros((2, len(places), n), np.int16)
    before[1:], after[:-1] = taps[:-1, :n], taps[1:, 2 * n :]
    before[starts] = 0
    after[starts[1:] - 1] = 0
    own = taps[:, n : 2 * n] + phrases.bias
    found = np.maximum(own + before + after, 0)
    is_highest = _first((found == np.maximum.reduceat(found, starts)[owner]) & (found > 0), starts, owner)

    def shared(where: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The values of filters at some chunks, each part of them at the chunk that gave it."""
        parts = np.where(where, own, 0).astype(np.float64)
        parts[:-1] += np.where(where, before, 0)[1:]
        parts[1:] += np.where(where, after, 0)[:-1]
        return parts

    weights, root = phrases.weights.astype(np.float64), np.sqrt(np.maximum(lengths, 1))
    on_the_whole = shared(found > 0) / np.repeat(root, lengths)[:, None]
    return np.asarray(shared(is_highest) @ weights[:n] + on_the_whole @ weights[n:])


def _first(holds: NDArray[np.bool_], starts: NDArray[np.int64], owner: NDArray[np.int64]) -> NDArray[np.bool_]:
    """In each column and run of rows only the first row that holds."""
    rows = np.arange(len(holds))[:, None]
    return np.asarray(rows == np.minimum.reduceat(np.where(holds, rows, len(holds)), starts)[owner])


def _length(squared: NDArray[np.float64]) -> NDArray[np.float64]:
    """The length that `normalise` divides by."""
    length = np.sqrt(np.maximum(squared, 0))
    return np.where(length == 0, 1.0, length)

"""What columns learn from in a second pass, besides whole labelled texts. Both come from the first pass.

Columns of dimensions are learned again unless a phrase network knows the dimension, those of choices if there is a
teacher.

*Segments*: a dimension is mentioned somewhere in a text. In a text that mentions it, the segment with the highest score
is taken for the one; in a text that does not, every segment is a counterexample (MI-SVM; Andrews, Tsochantaridis and
Hofmann, 2003). So the best segment, which the heads look at, is what the columns have learned to tell.

*Guesses* at the labels of texts that nobody has labelled, whose sources are more varied than those of the labelled
ones. They are the model's own after the first pass (self-training; Scudder, 1965) or, where a teacher has guessed too,
a mean of both, which is better than either. Own guesses alone teach only whether a dimension is mentioned.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from feedbackclf.column_training import Lesson
from feedbackclf.columns import Column, head_of, mentioned_column, says_yes
from feedbackclf.heads import HeadModel, Layers
from feedbackclf.taxonomy import UNDETERMINED
from feedbackclf.vectors import FeatureCounts

SEGMENT_WEIGHT = 0.5
OWN_GUESS_WEIGHT, TEACHER_GUESS_WEIGHT = 0.3, 1.0
TEACHER_SHARE = 0.7
"""Of the mean of a teacher's log-odds and own ones; anything from a half to all is better than own ones alone."""
TEXTS_PER_LANGUAGE = 10_000


def segment_lesson(
    counts: FeatureCounts,
    vectors: sparse.csr_matrix,
    scores: NDArray[np.float32],
    columns: Sequence[Column],
    weights: NDArray[np.float64],
    languages: NDArray[np.int64],
    dimensions: Set[str],
) -> Lesson:
    """The segments of labelled texts that have more than one. Only columns of dimensions learn from them.

    Args:
        counts: of n texts.
        vectors: of their segments, shape (n_segments, n_features).
        scores: of their segments, shape (n_segments, n_columns).
        columns: what is learned, answered for the n texts.
        weights, languages: of the n texts.
        dimensions: names of the heads that are dimensions.
    """
    several = np.bincount(counts.text, minlength=len(weights))[counts.text] > 1
    text, scores = counts.text[several], scores[several]
    _, starts, sizes = np.unique(text, return_index=True, return_counts=True)
    is_best = scores == np.repeat(np.maximum.reduceat(scores, starts), sizes, axis=0)
    share = 1 / np.repeat(sizes, sizes)  # the segments of a text that mentions nothing weigh as much as one
    asked = [replace(column, answers=column.answers[text]) for column in columns]
    parts = [np.where(column.answers == 1, is_best[:, place], share) for place, column in enumerate(asked)]
    is_learned = np.array([[head_of(column.name) in dimensions] for column in columns])
    return Lesson(
        vectors[several], asked, SEGMENT_WEIGHT * weights[text] * np.stack(parts) * is_learned, languages[text]
    )


def choose_unlabelled(languages: Sequence[str], *, seed: int) -> NDArray[np.int64]:
    """Places of up to `TEXTS_PER_LANGUAGE` texts in each language, none of them undetermined."""
    rng = np.random.default_rng(seed)
    codes = np.array(languages, dtype=object)
    chosen = [
        rng.permutation(np.flatnonzero(codes == code))[:TEXTS_PER_LANGUAGE]
        for code in sorted(set(languages) - {UNDETERMINED})
    ]
    return np.sort(np.concatenate([np.zeros(0, np.int64), *chosen]))


def own_guesses(
    inputs: NDArray[np.float32], heads: Sequence[HeadModel], columns: Sequence[Column]
) -> NDArray[np.float64]:
    """The log-odds that heads give to the questions of columns, shape (n_texts, n_columns).

    Whether a dimension is mentioned is measured from its threshold, so that zero is where the label changes.
    """
    answers = Layers(heads).answer(inputs).by_head()
    log_odds = np.empty((len(inputs), len(columns)))
    models = {model.head.name: model for model in heads}
    for place, column in enumerate(columns):
        name, _, question = column.name.partition(":")  # a label may have colons of its own
        head = models[name].head
        wanted = [head.labels.index(label) for label in sorted(says_yes(head, question))]
        log_odds[:, place] = _log_odds(answers[name].probabilities[:, wanted].sum(axis=1))
        if column.name == mentioned_column(head):
            log_odds[:, place] -= _log_odds(np.array(models[name].threshold))
    return log_odds


def both_guesses(
    own: NDArray[np.float64], teacher: NDArray[np.float32] | None, columns: Sequence[Column]
) -> NDArray[np.float64]:
    """The mean of own guesses and a teacher's, shape (n_texts, n_columns); NaN where there is nothing to learn from."""
    if teacher is not None:
        mean: NDArray[np.float64] = (1 - TEACHER_SHARE) * own + TEACHER_SHARE * teacher
        return mean
    asks_mention = [column.name.endswith(":mentioned") for column in columns]
    return np.where(asks_mention, own, np.nan)


def guess_lesson(
    vectors: sparse.csr_matrix,
    columns: Sequence[Column],
    log_odds: NDArray[np.float64],
    weight: float,
    languages: NDArray[np.int64],
) -> Lesson:
    """Unlabelled texts with guesses, which weigh the more the surer they are.

    Args:
        vectors: of n texts.
        columns: what is learned.
        log_odds: of a yes, NaN where there is no guess, shape (n, n_columns).
        weight: of a guess that is quite sure.
        languages: of the n texts.
    """
    odds = np.nan_to_num(log_odds, nan=0.0).T
    guessed = [replace(column, answers=(row > 0).astype(np.int8)) for column, row in zip(columns, odds, strict=True)]
    return Lesson(vectors, guessed, weight * np.abs(np.tanh(odds / 2)), languages)


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(probability, 1e-4, 1 - 1e-4)
    return np.log(inside / (1 - inside))

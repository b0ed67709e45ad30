"""What columns of dimensions learn from in a second pass, besides whole labelled texts. Both come from the first pass.

*Segments*: a dimension is mentioned somewhere in a text. In a text that mentions it, the segment with the highest score
is taken for the one; in a text that does not, every segment is a counterexample (MI-SVM; Andrews, Tsochantaridis and
Hofmann, 2003). So the best segment, which the heads look at, is what the columns have learned to tell.

*Guesses* at what unlabelled texts mention (self-training; Scudder, 1965). Their sources are more varied than those of
the labelled texts. Only "is it mentioned" is learned so, where labels are scarcest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from feedbackclf.column_training import Lesson
from feedbackclf.columns import Column, mentioned_column
from feedbackclf.heads import HeadModel, Layers
from feedbackclf.taxonomy import UNDETERMINED
from feedbackclf.vectors import FeatureCounts

SEGMENT_WEIGHT = 0.5
GUESS_WEIGHT = 0.3
TEXTS_PER_LANGUAGE = 10_000
SURE = 2.0
"""Log-odds away from the threshold from which on a guess has its full weight."""


def segment_lesson(
    counts: FeatureCounts,
    vectors: sparse.csr_matrix,
    scores: NDArray[np.float32],
    columns: Sequence[Column],
    weights: NDArray[np.float64],
) -> Lesson:
    """The segments of labelled texts that have more than one.

    Args:
        counts: of n texts.
        vectors: of their segments, shape (n_segments, n_features).
        scores: of their segments, shape (n_segments, n_columns).
        columns: what is learned, answered for the n texts.
        weights: of the n texts.
    """
    several = np.bincount(counts.text, minlength=len(weights))[counts.text] > 1
    text, scores = counts.text[several], scores[several]
    _, starts, sizes = np.unique(text, return_index=True, return_counts=True)
    is_best = scores == np.repeat(np.maximum.reduceat(scores, starts), sizes, axis=0)
    share = 1 / np.repeat(sizes, sizes)  # the segments of a text that mentions nothing weigh as much as one
    asked = [Column(column.name, column.answers[text]) for column in columns]
    parts = [np.where(column.answers == 1, is_best[:, place], share) for place, column in enumerate(asked)]
    return Lesson(vectors[several], asked, SEGMENT_WEIGHT * weights[text] * np.stack(parts))


def choose_unlabelled(languages: Sequence[str], *, seed: int) -> NDArray[np.int64]:
    """Places of up to `TEXTS_PER_LANGUAGE` texts in each language, none of them undetermined."""
    rng = np.random.default_rng(seed)
    codes = np.array(languages, dtype=object)
    chosen = [
        rng.permutation(np.flatnonzero(codes == code))[:TEXTS_PER_LANGUAGE]
        for code in sorted(set(languages) - {UNDETERMINED})
    ]
    return np.sort(np.concatenate([np.zeros(0, np.int64), *chosen]))


def guess_lesson(
    vectors: sparse.csr_matrix, inputs: NDArray[np.float32], heads: Sequence[HeadModel], columns: Sequence[Column]
) -> Lesson:
    """Unlabelled texts, with guesses at whether they mention dimensions.

    Args:
        vectors: of n texts.
        inputs: their pooled scores, see `feedbackclf.heads.pool`.
        heads: layers of the dimensions.
        columns: those of the dimensions. Nothing is guessed of those that ask for praise or blame.
    """
    n = vectors.shape[0]
    answers = {column.name: np.zeros(n, np.int8) for column in columns}
    weights = {column.name: np.zeros(n) for column in columns}
    for model, found in zip(heads, Layers(heads).answer(inputs).by_head().values(), strict=True):
        distance = _log_odds(found.confidence) - _log_odds(np.array(model.threshold))
        name = mentioned_column(model.head)
        answers[name] = (distance >= 0).astype(np.int8)
        weights[name] = GUESS_WEIGHT * np.minimum(1, np.abs(distance) / SURE)
    guessed = [Column(name, of_name) for name, of_name in answers.items()]
    return Lesson(vectors, guessed, np.stack(list(weights.values())))


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(probability, 1e-9, 1 - 1e-9)
    return np.log(inside / (1 - inside))

"""Learning the layer of a head from pooled column scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from feedbackclf.columns import head_of
from feedbackclf.heads import HeadModel, n_inputs
from feedbackclf.language import softmax
from feedbackclf.taxonomy import Head, Taxonomy

NEVER = -30.0
"""The score of a label that no example has."""
STRENGTH = 0.1
"""Inverse strength of the L2 penalty; from cross-validation, where 0.01 to 1 differ by 0.3 points."""


def fit_head(
    head: Head,
    inputs: NDArray[np.float32],
    seen: NDArray[np.bool_],
    gold: NDArray[np.int64],
    weights: NDArray[np.float64],
    threshold: float,
    factors: NDArray[np.float64],
) -> HeadModel:
    """Learn the layer of a head.

    Args:
        inputs: pooled scores, shape (n_texts, n_inputs).
        seen: the inputs that it may use, shape (n_inputs,).
        gold: labels by their place in `head.labels`, shape (n_texts,).
        weights: of the texts, shape (n_texts,).
        threshold, factors: see `HeadModel`.
    """
    coefficients = np.zeros((inputs.shape[1], len(head.labels)), np.float32)
    coefficients[seen], intercepts = _fit(inputs[:, seen], gold, weights, len(head.labels))
    return HeadModel(head, coefficients, intercepts.astype(np.float32), threshold, factors)


def inputs_seen(
    head: Head, columns: Sequence[str], phrase_columns: Sequence[str], taxonomy: Taxonomy
) -> NDArray[np.bool_]:
    """Which of the pooled inputs the layer of a head uses, shape (n_inputs,).

    A dimension does without the columns of the other heads, which cost it half a point on held-out feedback, and
    without the language and length of a text: what these say of it holds for the businesses that were learned from.
    """
    others = {choice.name for choice in taxonomy.choices} if head.is_dimension else set()
    use = [head_of(column) not in others for column in (*columns, *columns, *phrase_columns)]
    n = n_inputs(len(columns), len(phrase_columns), len(taxonomy.languages))
    return np.array([*use, *[not head.is_dimension] * (n - len(use))], dtype=bool)


def cross_fit(
    inputs: NDArray[np.float32],
    gold: NDArray[np.int64],
    weights: NDArray[np.float64],
    n_labels: int,
    folds: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Probabilities for each text from a layer that has not been learned from its fold, shape (n_texts, n_labels)."""
    probabilities = np.full((len(gold), n_labels), 1 / n_labels)
    for fold in np.unique(folds):
        rows, left_out = folds != fold, folds == fold
        coefficients, intercepts = _fit(inputs[rows], gold[rows], weights[rows], n_labels)
        probabilities[left_out] = softmax(inputs[left_out] @ coefficients + intercepts)
    return probabilities


def _fit(
    inputs: NDArray[np.float32], gold: NDArray[np.int64], weights: NDArray[np.float64], n_labels: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Multinomial logistic regression; a label without examples is never given."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    coefficients = np.zeros((inputs.shape[1], n_labels))
    intercepts = np.full(n_labels, NEVER)
    present = np.unique(gold)
    if len(present) < 2:
        intercepts[present] = 0
        return coefficients, intercepts
    mean, spread = inputs.mean(axis=0, dtype=np.float64), inputs.std(axis=0, dtype=np.float64)
    spread[spread < 1e-6] = 1
    learner = LogisticRegression(C=STRENGTH, max_iter=2000, tol=1e-4)
    with threadpool_limits(1):  # more threads only get in each other's way on matrices this narrow
        learner.fit((inputs - mean) / spread, gold, sample_weight=weights)
    learned, offsets = learner.coef_.T, learner.intercept_
    if len(present) == 2:  # learned as one question, yes or no
        learned, offsets = np.hstack([np.zeros_like(learned), learned]), np.r_[0.0, offsets]
    coefficients[:, present] = learned / spread[:, None]
    intercepts[present] = offsets - (mean / spread) @ learned
    return coefficients, intercepts

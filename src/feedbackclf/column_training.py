"""Learning score columns from text vectors, with scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse

from feedbackclf.columns import NOT_LABELLED, Column

Learned = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Coefficients, shape (n_features, n_columns), and intercepts, shape (n_columns,)."""


@dataclass(frozen=True)
class Lesson:
    """Rows (texts, or pieces of texts) to learn columns from.

    Attributes:
        vectors: shape (n_rows, n_features).
        columns: the questions, with an answer for each row.
        weights: how much each row counts for each column, 0 for not at all, shape (n_columns, n_rows).
    """

    vectors: sparse.csr_matrix
    columns: Sequence[Column]
    weights: NDArray[np.float64]

    @classmethod
    def joined(cls, lessons: Sequence[Lesson]) -> Lesson:
        """The rows of several lessons about the same columns, one after the other."""
        columns = [
            Column(same[0].name, np.concatenate([column.answers for column in same]))
            for same in zip(*(lesson.columns for lesson in lessons), strict=True)
        ]
        vectors = sparse.vstack([lesson.vectors for lesson in lessons], format="csr")
        return cls(vectors, columns, np.hstack([lesson.weights for lesson in lessons]))


def text_lesson(
    vectors: sparse.csr_matrix, columns: Sequence[Column], weights: NDArray[np.float64], rows: NDArray[np.int64]
) -> Lesson:
    """Some of the labelled texts, each with its weight for every column.

    Args:
        vectors, columns, weights: of n texts, weights of shape (n,).
        rows: the texts to learn from.
    """
    asked = [Column(column.name, column.answers[rows]) for column in columns]
    return Lesson(vectors[rows], asked, np.tile(weights[rows], (len(columns), 1)))


def fit_columns(lesson: Lesson, *, seed: int, jobs: int) -> Learned:
    """Learn columns by L2-regularised logistic regression with balanced classes (liblinear's dual solver).

    A column without both answers learns nothing: zeros.
    """
    doubles = lesson.vectors.astype(np.float64)  # liblinear's type, converted once
    pairs = zip(lesson.columns, lesson.weights, strict=True)
    return _stacked(Parallel(n_jobs=jobs)(delayed(_fit)(doubles, c.answers, weights, seed) for c, weights in pairs))


def fit_weak_columns(vectors: sparse.csr_matrix, columns: Sequence[Column], *, seed: int, jobs: int) -> Learned:
    """Learn columns from very many texts, by averaged stochastic gradient descent."""
    return _stacked(Parallel(n_jobs=jobs)(delayed(_fit_weak)(vectors, column.answers, seed) for column in columns))


def _stacked(fits: Sequence[tuple[NDArray[np.float32], float]]) -> Learned:
    return np.stack([coefficients for coefficients, _ in fits], axis=1), np.array([b for _, b in fits], np.float32)


def _fit(
    vectors: sparse.csr_matrix, answers: NDArray[np.int8], weights: NDArray[np.float64], seed: int
) -> tuple[NDArray[np.float32], float]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    rows = np.flatnonzero((answers != NOT_LABELLED) & (weights > 0))
    if len(np.unique(answers[rows])) < 2:
        return np.zeros(vectors.shape[1], np.float32), 0.0
    learner = LogisticRegression(
        C=16, class_weight="balanced", solver="liblinear", dual=True, tol=0.1, max_iter=100, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a hundred rounds are enough, quite done or not
        learner.fit(vectors[rows], answers[rows], sample_weight=weights[rows])
    return learner.coef_[0].astype(np.float32), float(learner.intercept_[0])


def _fit_weak(vectors: sparse.csr_matrix, answers: NDArray[np.int8], seed: int) -> tuple[NDArray[np.float32], float]:
    from sklearn.linear_model import SGDClassifier

    labelled = np.flatnonzero(answers != NOT_LABELLED)
    learner = SGDClassifier(
        loss="log_loss", alpha=1e-5, max_iter=6, tol=None, average=True, class_weight="balanced", random_state=seed
    )
    learner.fit(vectors[labelled], answers[labelled])
    return learner.coef_[0].astype(np.float32), float(learner.intercept_[0])

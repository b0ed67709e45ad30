"""Learning score columns from text vectors, with scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse

from feedbackclf.columns import NOT_LABELLED, Column

STRENGTH, ROUGH_STRENGTH = 16.0, 1.0
"""Inverse strength of the L2 penalty; labels that are often wrong need more of it."""
FEW = 30
"""Texts of a language that may weigh as much together as all its other texts do."""

Learned = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Coefficients, shape (n_features, n_columns), and intercepts, shape (n_columns,)."""


@dataclass(frozen=True)
class Lesson:
    """Rows (texts, or pieces of texts) to learn columns from.

    Attributes:
        vectors: shape (n_rows, n_features).
        columns: the questions, with an answer for each row.
        weights: how much each row counts for each column, 0 for not at all, shape (n_columns, n_rows).
        languages: the number of each row's language, shape (n_rows,).
    """

    vectors: sparse.csr_matrix
    columns: Sequence[Column]
    weights: NDArray[np.float64]
    languages: NDArray[np.int64]

    @classmethod
    def joined(cls, lessons: Sequence[Lesson]) -> Lesson:
        """The rows of several lessons about the same columns, one after the other."""
        columns = [
            replace(same[0], answers=np.concatenate([column.answers for column in same]))
            for same in zip(*(lesson.columns for lesson in lessons), strict=True)
        ]
        vectors = sparse.vstack([lesson.vectors for lesson in lessons], format="csr")
        weights = np.hstack([lesson.weights for lesson in lessons])
        return cls(vectors, columns, weights, np.concatenate([lesson.languages for lesson in lessons]))


def text_lesson(
    vectors: sparse.csr_matrix,
    columns: Sequence[Column],
    weights: NDArray[np.float64],
    languages: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> Lesson:
    """Some of the labelled texts, each with its weight for every column.

    Args:
        vectors, columns, weights, languages: of n texts, weights and languages of shape (n,).
        rows: the texts to learn from.
    """
    asked = [replace(column, answers=column.answers[rows]) for column in columns]
    return Lesson(vectors[rows], asked, np.tile(weights[rows], (len(columns), 1)), languages[rows])


def fit_columns(lesson: Lesson, *, seed: int, jobs: int, strength: float = STRENGTH) -> Learned:
    """Learn columns by L2-regularised logistic regression with balanced answers (liblinear's dual solver).

    A column without both answers learns nothing: zeros.
    """
    doubles = lesson.vectors.astype(np.float64)  # liblinear's type, converted once
    nowhere = np.zeros_like(lesson.languages)
    asked = [
        (column.answers, weights, lesson.languages if column.by_language else nowhere)
        for column, weights in zip(lesson.columns, lesson.weights, strict=True)
    ]
    fits = Parallel(n_jobs=jobs)(delayed(_fit)(doubles, *of_column, strength, seed) for of_column in asked)
    return np.stack([coefficients for coefficients, _ in fits], axis=1), np.array([b for _, b in fits], np.float32)


def balanced(answers: NDArray[np.int8], languages: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights with which 1 and 0 weigh the same in each language, and languages as much as they have texts.

    With one language they are those of scikit-learn's `class_weight="balanced"`. An answer that a language hardly ever
    has weighs less than that, or so few texts would decide.
    """
    weights = np.empty(len(answers))
    for answer in (0, 1):
        has = answers == answer
        few = max(min(FEW, has.sum()), 1)
        for language in np.unique(languages):
            of_language = languages == language
            there = has & of_language
            weights[there] = of_language.sum() / (2 * max(there.sum(), few))
    return weights


def _fit(
    vectors: sparse.csr_matrix,
    answers: NDArray[np.int8],
    weights: NDArray[np.float64],
    languages: NDArray[np.int64],
    strength: float,
    seed: int,
) -> tuple[NDArray[np.float32], float]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    rows = np.flatnonzero((answers != NOT_LABELLED) & (weights > 0))
    if len(np.unique(answers[rows])) < 2:
        return np.zeros(vectors.shape[1], np.float32), 0.0
    learner = LogisticRegression(C=strength, solver="liblinear", dual=True, tol=0.1, max_iter=100, random_state=seed)
    weights = weights[rows] * balanced(answers[rows], languages[rows])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a hundred rounds are enough, quite done or not
        learner.fit(vectors[rows], answers[rows], sample_weight=weights)
    return learner.coef_[0].astype(np.float32), float(learner.intercept_[0])

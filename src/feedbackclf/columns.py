"""Score columns: the yes/no questions that are learned first, by logistic regression on text vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse

from feedbackclf.corpus import Example
from feedbackclf.taxonomy import Head, Taxonomy

NOT_LABELLED = -1


@dataclass(frozen=True)
class Column:
    """A yes/no question about a text.

    Attributes:
        name: head and question, such as `speed:positive`.
        answers: 1 yes, 0 no, `NOT_LABELLED` for each text, shape (n_texts,).
    """

    name: str
    answers: NDArray[np.int8]


def label_columns(examples: Sequence[Example], taxonomy: Taxonomy) -> list[Column]:
    """The questions of every head: for a dimension, is it mentioned, praised, criticised; for a choice, each label."""
    return [column for head in taxonomy.heads for column in _of_head(head, [x.labels.get(head.name) for x in examples])]


def weak_columns(examples: Sequence[Example], taxonomy: Taxonomy) -> list[Column]:
    """The questions that weakly labelled examples can answer, stars included.

    They are columns of their own, so that the layers above can learn how far to trust them.
    """
    columns = []
    for head in taxonomy.heads:
        labels = [_weak_label(example, head) for example in examples]
        columns += [Column(f"weak:{column.name}", column.answers) for column in _of_head(head, labels)]
    return [column for column in columns if len(set(column.answers.tolist()) - {NOT_LABELLED}) == 2]


def fit_columns(
    vectors: sparse.csr_matrix,
    columns: Sequence[Column],
    rows: NDArray[np.int64] | None,
    weights: NDArray[np.float64] | Sequence[NDArray[np.float64]],
    *,
    seed: int,
    jobs: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Learn columns by L2-regularised logistic regression with balanced classes (liblinear's dual solver).

    Args:
        vectors: of n texts, shape (n, n_features).
        columns: what to learn.
        rows: the texts to learn from, shape (n_rows,); None is all of them.
        weights: of each of those, shape (n_rows,), one array for all columns or one for each.

    Returns:
        Coefficients (n_features, n_columns) and intercepts (n_columns,); zeros for a column without both answers.
    """
    if rows is None:
        rows = np.arange(vectors.shape[0])
    doubles = vectors[rows].astype(np.float64)  # liblinear's type, converted once
    each = [weights] * len(columns) if isinstance(weights, np.ndarray) else weights
    fits = Parallel(n_jobs=jobs)(
        delayed(_fit)(doubles, column.answers[rows], weight, seed) for column, weight in zip(columns, each, strict=True)
    )
    return np.stack([coefficient for coefficient, _ in fits], axis=1), np.array([b for _, b in fits], np.float32)


def fit_weak_columns(
    vectors: sparse.csr_matrix, columns: Sequence[Column], *, seed: int, jobs: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Learn columns from very many texts by averaged stochastic gradient descent; shapes as in `fit_columns`."""
    fits = Parallel(n_jobs=jobs)(delayed(_fit_weak)(vectors, column.answers, seed) for column in columns)
    return np.stack([coefficient for coefficient, _ in fits], axis=1), np.array([b for _, b in fits], np.float32)


def _of_head(head: Head, labels: Sequence[str | None]) -> list[Column]:
    def ask(question: str, yes: set[str]) -> Column:
        answers = [NOT_LABELLED if label is None else int(label in yes) for label in labels]
        return Column(f"{head.name}:{question}", np.array(answers, np.int8))

    if not head.is_dimension:
        return [ask(label, {label}) for label in head.labels]
    questions = {
        "mentioned": {"positive", "negative", "mixed"},
        "positive": {"positive", "mixed"},
        "negative": {"negative", "mixed"},
    }
    return [ask(question, yes) for question, yes in questions.items()]


def _weak_label(example: Example, head: Head) -> str | None:
    if head.name in example.labels:
        return example.labels[head.name]
    if head.from_rating is None or example.rating is None:
        return None
    return head.from_rating.get(round(example.rating))


def _fit(
    vectors: sparse.csr_matrix, answers: NDArray[np.int8], weights: NDArray[np.float64], seed: int
) -> tuple[NDArray[np.float32], float]:
    from sklearn.linear_model import LogisticRegression

    labelled = np.flatnonzero(answers != NOT_LABELLED)
    if len(np.unique(answers[labelled])) < 2:
        return np.zeros(vectors.shape[1], np.float32), 0.0
    learner = LogisticRegression(
        C=16, class_weight="balanced", solver="liblinear", dual=True, tol=0.1, max_iter=100, random_state=seed
    )
    learner.fit(vectors[labelled], answers[labelled], sample_weight=weights[labelled])
    return learner.coef_[0].astype(np.float32), float(learner.intercept_[0])


def _fit_weak(vectors: sparse.csr_matrix, answers: NDArray[np.int8], seed: int) -> tuple[NDArray[np.float32], float]:
    from sklearn.linear_model import SGDClassifier

    labelled = np.flatnonzero(answers != NOT_LABELLED)
    learner = SGDClassifier(
        loss="log_loss", alpha=1e-5, max_iter=6, tol=None, average=True, class_weight="balanced", random_state=seed
    )
    learner.fit(vectors[labelled], answers[labelled])
    return learner.coef_[0].astype(np.float32), float(learner.intercept_[0])

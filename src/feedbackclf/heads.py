"""From column scores to calibrated probabilities to labels: one small linear layer per head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf.language import softmax
from feedbackclf.scoring import ColumnScores
from feedbackclf.taxonomy import NOT_MENTIONED, Head


@dataclass(frozen=True)
class HeadModel:
    """The layer that answers one head: a multinomial logistic regression over pooled column scores.

    Attributes:
        head: the question.
        coefficients: shape (n_inputs, n_labels), in the order of `head.labels`.
        intercepts: shape (n_labels,).
        threshold: a dimension is mentioned if the probability of that is at least this; unused for choices.
    """

    head: Head
    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]
    threshold: float = 0.5


@dataclass(frozen=True)
class HeadAnswers:
    """Answers of one head to a batch of texts.

    Attributes:
        labels: index of the label in `head.labels`, shape (n_texts,).
        confidence: probability of the label or, for a dimension, that it is mentioned, shape (n_texts,).
        probabilities: of each label, shape (n_texts, n_labels).
    """

    labels: NDArray[np.int64]
    confidence: NDArray[np.float64]
    probabilities: NDArray[np.float64]


def pool(scores: ColumnScores, texts_in: Sequence[str], languages: Sequence[str]) -> NDArray[np.float32]:
    """What the heads see of a text: its scores, those of its best segments, its length and its language.

    Args:
        scores: of n_texts texts.
        texts_in: the language of each text.
        languages: those the model knows.

    Returns:
        Shape (n_texts, n_inputs), see `n_inputs`.
    """
    code = np.array([languages.index(x) if x in languages else -1 for x in texts_in], dtype=np.int64)
    in_language = (code[:, None] == np.arange(len(languages))).astype(np.float32)
    sizes = np.log1p(np.stack([scores.n_chunks, scores.n_segments], axis=1)).astype(np.float32)
    return np.hstack([scores.text, scores.best, sizes, in_language])


def n_inputs(n_columns: int, n_languages: int) -> int:
    """How many numbers `pool` gives for a text."""
    return 2 * n_columns + 2 + n_languages


def answer(inputs: NDArray[np.float32], models: Sequence[HeadModel]) -> Mapping[str, HeadAnswers]:
    """Answer every head for a batch of pooled texts, shape (n_texts, n_inputs)."""
    # Doubles, since the last digit of a product depends on how many rows it has and how many threads share them.
    stacked = inputs.astype(np.float64) @ np.hstack([model.coefficients for model in models])
    answers = {}
    begin = 0
    for model in models:
        end = begin + len(model.head.labels)
        answers[model.head.name] = decide(
            softmax(stacked[:, begin:end] + model.intercepts), model.head, model.threshold
        )
        begin = end
    return answers


def decide(probabilities: NDArray[np.floating[Any]], head: Head, threshold: float) -> HeadAnswers:
    """Choose labels: the likeliest; for a dimension, the likeliest polarity if it is likely enough to be mentioned."""
    p = probabilities.astype(np.float64)
    rows = np.arange(len(p))
    if not head.is_dimension:
        labels = p.argmax(axis=1)
        return HeadAnswers(labels, p[rows, labels], p)
    none = head.labels.index(NOT_MENTIONED)
    mentioned = 1 - p[:, none]
    polarity = np.where(np.arange(p.shape[1]) == none, -1, p).argmax(axis=1)
    return HeadAnswers(np.where(mentioned >= threshold, polarity, none), mentioned, p)

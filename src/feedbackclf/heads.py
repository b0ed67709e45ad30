"""From column scores to calibrated probabilities to labels: one small linear layer per head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf import kernels
from feedbackclf.arrays import offsets_of
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
        factors: a choice gets the label whose probability times its factor is highest; ones for a dimension, shape
            (n_labels,).
    """

    head: Head
    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]
    threshold: float
    factors: NDArray[np.float64]


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

    @property
    def label_probability(self) -> NDArray[np.float64]:
        """Probability of the label itself, `none` and polarities included, shape (n_texts,)."""
        probability: NDArray[np.float64] = np.take_along_axis(self.probabilities, self.labels[:, None], axis=1)[:, 0]
        return probability


@dataclass(frozen=True)
class Answers:
    """Answers of several heads to a batch of texts; see `HeadAnswers`.

    Attributes:
        places: where each head is in `labels` and `confidence`, and its labels in `probabilities`.
        labels, confidence: shape (n_heads, n_texts).
        probabilities: of the labels of all heads, shape (n_labels, n_texts).
    """

    places: Mapping[str, tuple[int, slice]]
    labels: NDArray[np.int64]
    confidence: NDArray[np.float64]
    probabilities: NDArray[np.float64]

    @classmethod
    def joined(cls, parts: Sequence[Answers]) -> Answers:
        """The answers to several batches, one after the other."""
        arrays = ([getattr(part, name) for part in parts] for name in ("labels", "confidence", "probabilities"))
        return cls(parts[0].places, *(np.concatenate(array, axis=1) for array in arrays))

    def of(self, head: str) -> HeadAnswers:
        """The answers of one head, by name."""
        place, labels = self.places[head]
        return HeadAnswers(self.labels[place], self.confidence[place], self.probabilities[labels].T)

    def by_head(self) -> dict[str, HeadAnswers]:
        """The answers of every head by name."""
        return {name: self.of(name) for name in self.places}


def pool(
    scores: ColumnScores,
    language: NDArray[np.int64],
    n_languages: int,
    phrases: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """What the heads see of a text: its scores, those of its best segment and its phrases, its length and its language.

    Args:
        scores: of n_texts texts.
        language: the number of each text's language, `n_languages` for none of those that the model knows.
        n_languages: how many it knows.
        phrases: scores of the same texts by `feedbackclf.phrases`, shape (n_texts, n_phrase_columns).

    Returns:
        Shape (n_texts, n_inputs), see `n_inputs`.
    """
    if phrases is None:
        phrases = np.zeros((len(language), 0), np.float32)
    n_columns, n_phrase_columns = scores.text.shape[1], phrases.shape[1]
    inputs = np.empty((len(language), n_inputs(n_columns, n_phrase_columns, n_languages)), np.float32)
    inputs[:, :n_columns] = scores.text
    inputs[:, n_columns : 2 * n_columns] = scores.best
    rest = inputs[:, 2 * n_columns :]
    rest[:, :n_phrase_columns] = phrases
    rest[:, n_phrase_columns] = np.log1p(scores.n_chunks)
    rest[:, n_phrase_columns + 1] = np.log1p(scores.n_segments)
    rest[:, n_phrase_columns + 2 :] = language[:, None] == np.arange(n_languages)
    return inputs


def n_inputs(n_columns: int, n_phrase_columns: int, n_languages: int) -> int:
    """How many numbers `pool` gives for a text."""
    return 2 * n_columns + n_phrase_columns + 2 + n_languages


class Layers:
    """The layers of several heads side by side, so that one product answers them all."""

    def __init__(self, models: Sequence[HeadModel]) -> None:
        self._models = models
        self._offsets = offsets_of(np.array([len(model.intercepts) for model in models], np.int64))
        # Doubles, since the last digit of a product depends on how many rows it has and how many threads share them.
        self._coefficients = np.hstack([model.coefficients for model in models]).astype(np.float64)
        self._intercepts = np.concatenate([model.intercepts for model in models]).astype(np.float64)
        self._none = np.array([_place_of_none(model.head) for model in models], np.int64)
        self._thresholds = np.array([model.threshold for model in models], np.float64)
        self._factors = np.concatenate([model.factors for model in models]).astype(np.float64)
        bounds = pairwise(self._offsets.tolist())
        self._places = {
            model.head.name: (place, slice(*labels))
            for place, (model, labels) in enumerate(zip(models, bounds, strict=True))
        }

    def answer(self, inputs: NDArray[np.float32]) -> Answers:
        """Answer every head for a batch of pooled texts, shape (n_texts, n_inputs)."""
        scores = inputs.astype(np.float64) @ self._coefficients + self._intercepts
        n_heads, n_texts = len(self._models), len(inputs)
        compiled = kernels.compiled()
        if compiled is None:
            p = self._softmax(np.ascontiguousarray(scores.T))
            found = [decide(p[self._places[m.head.name][1]].T, m.head, m.threshold, m.factors) for m in self._models]
            labels, confidence = np.stack([of.labels for of in found]), np.stack([of.confidence for of in found])
            return Answers(self._places, labels, confidence, p)
        p = np.empty(scores.shape[::-1])
        labels, confidence = np.empty((n_heads, n_texts), np.int64), np.empty((n_heads, n_texts))
        compiled.head_exponents(scores, n_texts, self._offsets, n_heads, p)
        np.exp(p, out=p)
        heads = self._offsets, self._none, self._thresholds, self._factors, n_heads
        compiled.decide(p, n_texts, *heads, labels, confidence)
        return Answers(self._places, labels, confidence, p)

    def _softmax(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities of the labels of each head, shape (n_labels, n_texts) as given."""
        p = np.empty(scores.shape)
        for _, labels in self._places.values():
            np.exp(scores[labels] - scores[labels].max(axis=0), out=p[labels])
            p[labels] /= sum(p[labels])  # one after the other, so that the last digit is that of the compiled function
        return p


def decide(
    probabilities: NDArray[np.floating[Any]], head: Head, threshold: float, factors: NDArray[np.float64]
) -> HeadAnswers:
    """Choose labels: the likeliest when its factor is considered; for a dimension, if it is mentioned, the polarity."""
    p = probabilities.astype(np.float64, copy=False)
    rows = np.arange(len(p))
    if not head.is_dimension:
        labels = (p * factors).argmax(axis=1)
        return HeadAnswers(labels, p[rows, labels], p)
    none = _place_of_none(head)
    mentioned = 1 - p[:, none]
    polarity = np.where(np.arange(p.shape[1]) == none, -1, p).argmax(axis=1)
    return HeadAnswers(np.where(mentioned >= threshold, polarity, none), mentioned, p)


def _place_of_none(head: Head) -> int:
    """Where "not mentioned" is among the labels of a dimension; -1 for a choice, which has no such label."""
    return head.labels.index(NOT_MENTIONED) if head.is_dimension else -1

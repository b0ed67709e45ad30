"""What comes out for one text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from feedbackclf.engine import BatchAnswers
from feedbackclf.label_columns import rounded
from feedbackclf.taxonomy import NOT_MENTIONED, UNDETERMINED, Taxonomy


@dataclass(frozen=True)
class Answer:
    """The label that a head gave, None for an empty text, and its probability where the head reports one."""

    label: str | None
    confidence: float | None = None


@dataclass(frozen=True)
class Dimension:
    """A service dimension: its polarity, None for an empty text, and the probability that it is mentioned at all."""

    polarity: str | None
    probability: float | None

    @property
    def is_mentioned(self) -> bool:
        return self.polarity not in (None, NOT_MENTIONED)


@dataclass(frozen=True)
class Prediction:
    """Everything predicted for one text.

    Attributes:
        language: code, or `und` for none of the model's languages.
        language_confidence: its probability, None if the text has no letters.
        dimensions: the dimensions of the taxonomy by name.
        choices: the other heads by name.
    """

    language: str
    language_confidence: float | None
    dimensions: Mapping[str, Dimension]
    choices: Mapping[str, Answer]

    @property
    def sentiment(self) -> str | None:
        """The label of the head `sentiment`.

        Raises:
            KeyError: the model's taxonomy has no such head.
        """
        return self.choices["sentiment"].label

    @property
    def labels(self) -> dict[str, str | None]:
        """The label of each head, None for an empty text; `FeedbackClassifier.fit` takes labels in this form."""
        polarities = {name: found.polarity for name, found in self.dimensions.items()}
        return polarities | {name: found.label for name, found in self.choices.items()}

    @property
    def mentioned(self) -> dict[str, str]:
        """The polarity of each dimension that is mentioned."""
        return {name: str(found.polarity) for name, found in self.dimensions.items() if found.is_mentioned}


def predictions(found: BatchAnswers, taxonomy: Taxonomy) -> list[Prediction]:
    """What the engine says of n texts, one by one; probabilities have four decimals."""
    codes = (*taxonomy.languages, UNDETERMINED)
    numbers, sure = found.language.tolist(), rounded(found.language_confidence).tolist()
    labels, confidence = found.heads.labels.T.tolist(), rounded(found.heads.confidence).T.tolist()
    rows = zip(numbers, sure, labels, confidence, found.has_text.tolist(), strict=True)
    return [_prediction(taxonomy, codes[number], *rest) for number, *rest in rows]


def _prediction(
    taxonomy: Taxonomy, language: str, sure: float, labels: list[int], confidence: list[float], has_text: bool
) -> Prediction:
    """What is said of one text; None where there is no text, and where a head reports no confidence."""
    dimensions, choices = {}, {}
    for head, label, p in zip(taxonomy.heads, labels, confidence, strict=True):
        answer = head.labels[label] if has_text else None, p if has_text and head.confidence else None
        if head.is_dimension:
            dimensions[head.name] = Dimension(*answer)
        else:
            choices[head.name] = Answer(*answer)
    return Prediction(language, None if math.isnan(sure) else sure, dimensions, choices)

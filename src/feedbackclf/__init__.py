"""Tags customer feedback in Dutch, Danish, Swedish and English with sentiment and service dimensions.

>>> import feedbackclf
>>> classifier = feedbackclf.load()
>>> classifier.predict(["Quick delivery, but the zip broke on the first day"])[0].mentioned
{'speed': 'positive', 'quality': 'negative'}
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedbackclf.errors import FeedbackError, UsageError

if TYPE_CHECKING:
    from feedbackclf.classifier import FeedbackClassifier
    from feedbackclf.explanation import Explanation, LabelExplanation, Span
    from feedbackclf.prediction import Answer, Dimension, Prediction
    from feedbackclf.taxonomy import Head, Taxonomy, default_taxonomy

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Dimension",
    "Explanation",
    "FeedbackClassifier",
    "FeedbackError",
    "Head",
    "LabelExplanation",
    "Prediction",
    "Span",
    "Taxonomy",
    "UsageError",
    "default_taxonomy",
    "load",
]

_HOMES = {
    "FeedbackClassifier": "classifier",
    "Answer": "prediction",
    "Dimension": "prediction",
    "Prediction": "prediction",
    "Explanation": "explanation",
    "LabelExplanation": "explanation",
    "Span": "explanation",
    "Head": "taxonomy",
    "Taxonomy": "taxonomy",
    "default_taxonomy": "taxonomy",
}


def load(model: str | Path = "default", *, language_detector: str = "model") -> FeedbackClassifier:
    """Load a trained classifier.

    Args:
        model: the name of a shipped model, or the path of a model folder.
        language_detector: `model` (learned) or `langdetect`.

    Raises:
        FeedbackError: there is no such model, or its folder is damaged.
    """
    from feedbackclf.classifier import FeedbackClassifier
    from feedbackclf.model_folder import resolve_model
    from feedbackclf.persistence import read_model

    return FeedbackClassifier.from_model(read_model(resolve_model(model)), language_detector=language_detector)


def __getattr__(name: str) -> Any:
    """Import the public names when they are asked for, so that `feedbackclf --help` need not wait for NumPy."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"feedbackclf.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'feedbackclf' has no attribute {name!r}")

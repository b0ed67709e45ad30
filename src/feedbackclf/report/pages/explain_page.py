"""Explanations of texts as one HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from feedbackclf.explaining import shown_heads
from feedbackclf.explanation import Explanation, LabelExplanation
from feedbackclf.report.pages.templating import rendered

TITLE = "Which words carry each label"


def render_explanations(explanations: Sequence[Explanation]) -> str:
    """HTML that runs from disk and loads nothing.

    Raises:
        FeedbackError: a library is not installed.
    """
    return rendered("explain.html.j2", title=TITLE, texts=[_of_text(explanation) for explanation in explanations])


def _of_text(explanation: Explanation) -> dict[str, Any]:
    heads = shown_heads(explanation)
    return {
        "language": explanation.prediction.language,
        "language_confidence": explanation.prediction.language_confidence,
        "heads": [_of_head(name, head, explanation) for name, head in heads.items()],
        "silent": [name for name in explanation.heads if name not in heads],
    }


def _of_head(name: str, head: LabelExplanation, explanation: Explanation) -> dict[str, Any]:
    text, span = explanation.text, head.evidence
    start, end = (span.start, span.end) if span else (len(text), len(text))
    return {
        "name": name,
        "label": head.label,
        "probability": head.probability,
        "log_odds": head.log_odds,
        "base": head.base,
        "weight": span.weight if span else None,
        "before": text[:start],
        "evidence": text[start:end],
        "after": text[end:],
        "words": [(explanation.quote(word), word.weight) for word in head.words],
    }

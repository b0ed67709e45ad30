"""An explanation as lines for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from feedbackclf.explanation import Explanation, LabelExplanation, Span
from feedbackclf.taxonomy import NOT_MENTIONED

if TYPE_CHECKING:
    from rich.text import Text

STYLES = {"positive": "green", "negative": "red", "mixed": "yellow"}
"""Colours of polarities; any other label is `OTHER`."""
OTHER = "cyan"
N_WORDS = 5
"""How many of the words that speak for a label are named, and how many of those against it."""
CONTEXT = 160
"""Characters that are shown before and after a span."""


def to_dict(explanation: Explanation) -> dict[str, Any]:
    """JSON-ready: the text, its language, and for each head all that `LabelExplanation` has, the evidence quoted."""
    heads = {}
    for name, head in explanation.heads.items():
        heads[name] = asdict(head)
        if head.evidence is not None:
            heads[name]["evidence"]["quote"] = explanation.quote(head.evidence)
    found = explanation.prediction
    language = {"language": found.language, "language_confidence": found.language_confidence}
    return {"text": explanation.text, **language, "heads": heads}


def shown_heads(explanation: Explanation) -> dict[str, LabelExplanation]:
    """The heads that say something, by name."""
    return {name: head for name, head in explanation.heads.items() if head.label != NOT_MENTIONED}


def strongest(explanation: Explanation, head: LabelExplanation) -> tuple[list[Span], list[Span]]:
    """The words that add most to a label, and those that take most from it, the strongest first."""
    ranked = sorted(head.words, key=lambda word: word.weight)
    against = [word for word in ranked[:N_WORDS] if word.weight <= -0.05]
    return [word for word in ranked[: -N_WORDS - 1 : -1] if word.weight >= 0.05], against


def terminal_lines(explanation: Explanation, *, colours: bool) -> Iterator[Text]:
    """The explanation for a terminal; without colours spans stand in brackets."""
    from rich.text import Text

    found = explanation.prediction
    if not explanation.heads:
        yield Text("There is no text to explain.")
        return
    sure = "" if found.language_confidence is None else f" {found.language_confidence:.0%}"
    yield Text.assemble(("language", "bold"), f" {found.language}{sure}")
    for name, head in shown_heads(explanation).items():
        style = STYLES.get(head.label, OTHER)
        yield Text("")
        odds = f"{head.probability:.0%}, log-odds {head.log_odds:+.2f}"
        yield Text.assemble((name, "bold"), " ", (head.label, f"bold {style}"), f"  {odds}")
        if head.evidence is not None:
            yield _highlighted(explanation, head.evidence, style, colours)
        words = "  ".join(f"{word}\u00a0{weight:+.2f}" for word, weight in _contributions(explanation, head))
        yield Text(f"  {words}", style="dim")
    silent = [name for name in explanation.heads if name not in shown_heads(explanation)]
    if silent:
        yield Text("")
        yield Text(f"{NOT_MENTIONED}: {', '.join(silent)}", style="dim")


def _highlighted(explanation: Explanation, span: Span, style: str, colours: bool) -> Text:
    from rich.text import Text

    text = explanation.text
    begin, end = max(span.start - CONTEXT, 0), span.end + CONTEXT
    before = ("…" if begin else "") + text[begin : span.start]
    after = text[span.end : end] + ("…" if end < len(text) else "")
    words = explanation.quote(span) if colours else f"[{explanation.quote(span)}]"
    return Text.assemble("  ", _one_line(before), (_one_line(words), f"reverse {style}"), _one_line(after))


def _contributions(explanation: Explanation, head: LabelExplanation) -> Iterator[tuple[str, float]]:
    """What adds up to the log-odds: the strongest words, all others, and what is no word."""
    speaks_for, against = strongest(explanation, head)
    named = [*speaks_for, *against]
    for word in named:
        quoted = _one_line(explanation.quote(word))
        yield quoted.strip(".,;:") or quoted, word.weight
    if len(named) < len(head.words):
        yield "(other words)", sum(word.weight for word in head.words) - sum(word.weight for word in named)
    yield "(without words)", head.base


def _one_line(text: str) -> str:
    """Text as a terminal may show it: no line ends, and nothing that moves the cursor or turns the direction."""
    return "".join(sign if sign.isprintable() else " " for sign in text)

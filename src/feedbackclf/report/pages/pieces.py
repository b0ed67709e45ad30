"""A quote cut into pieces, so that its evidence can be marked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from feedbackclf.report.figures import Quote, Span
from feedbackclf.report.pages.tree import printable


@dataclass(frozen=True)
class Piece:
    """Part of a text.

    Attributes:
        text: without control characters.
        spans: that it lies in.
        ends: of these, those that end with it.
    """

    text: str
    spans: tuple[Span, ...]
    ends: tuple[Span, ...]


def pieces(quote: Quote) -> tuple[Piece, ...]:
    """The text of a quote in order, cut where a span starts or ends. Spans may overlap, and end after the text does."""
    size = len(quote.text)
    whole = [(max(span.start, 0), min(span.start + span.length, size), span) for span in quote.spans]
    whole = [(start, end, span) for start, end, span in whole if start < end]
    cuts = sorted({0, size, *(cut for start, end, _ in whole for cut in (start, end))})
    return tuple(
        Piece(
            text=printable(quote.text[start:end]),
            spans=tuple(span for first, last, span in whole if first <= start and end <= last),
            ends=tuple(span for _, last, span in whole if last == end),
        )
        for start, end in pairwise(cuts)
    )

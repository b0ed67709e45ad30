"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

from typing import Any

from feedbackclf.report.figures import Figures, Quote
from feedbackclf.report.pages import formats, tree
from feedbackclf.report.pages.charts import charts
from feedbackclf.report.pages.highlights import highlights
from feedbackclf.report.pages.pieces import pieces
from feedbackclf.report.pages.svg import inline, to_svg
from feedbackclf.report.pages.templating import rendered, safe
from feedbackclf.report.pages.tree import Node

WIDE, NARROW = 680, 327
"""Pixels of a chart on a screen and on a phone."""


def render(figures: Figures) -> str:
    """HTML that runs from disk and loads nothing. Every number in it is one of the figures and says which.

    Raises:
        FeedbackError: a library is not installed.
    """
    return rendered(
        "page.html.j2",
        script="page.js",
        f=Node(figures.to_dict()),
        h=highlights(figures),
        charts=_pictures(figures),
        quotes=[(quote, pieces(quote)) for quote in figures.quotes],
        facts=[_facts(quote) for quote in figures.quotes],
    )


def _pictures(figures: Figures) -> dict[str, Any]:
    """Of each chart its title, caption, and SVG for a screen and for a phone."""
    found = {}
    for name, chart in charts(figures).items():
        label = f"{chart.title}. The table below has the same figures."
        sizes = (("wide", WIDE), ("narrow", NARROW))
        svgs = [inline(to_svg(chart.draw(width)), f"{name}-{size}", label, size) for size, width in sizes]
        found[name] = {"title": chart.title, "caption": chart.caption, "svg": safe("".join(svgs))}
    return found


def _facts(quote: Quote) -> dict[str, Any]:
    """What the filters of the page ask of a quote."""
    return {
        "labels": dict(quote.labels),
        "language": formats.language(quote.language),
        "groups": {tree.printable(column): tree.printable(value) for column, value in quote.groups.items()},
        "shows": quote.shows,
    }

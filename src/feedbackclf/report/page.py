"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from functools import cache, partial
from pathlib import Path
from typing import Any

from feedbackclf.report import formats, tree
from feedbackclf.report.charts import charts
from feedbackclf.report.evidence import pieces
from feedbackclf.report.extra import library
from feedbackclf.report.figures import Figures, Quote
from feedbackclf.report.highlights import highlights
from feedbackclf.report.palette import of_label, stylesheet
from feedbackclf.report.svg import inline, to_svg
from feedbackclf.report.tree import Node

_TEMPLATES = Path(__file__).with_name("templates")
WIDE, NARROW = 680, 327
"""Pixels of a chart on a screen and on a phone."""


def render(figures: Figures) -> str:
    """HTML that runs from disk and loads nothing. Every number in it is one of the figures and says which.

    Raises:
        FeedbackError: a library is not installed.
    """
    style = stylesheet() + _template("style.css")
    script = _template("page.js")
    html: str = (
        _environment()
        .get_template("page.html.j2")
        .render(
            f=Node(figures.to_dict()),
            h=highlights(figures),
            charts=_pictures(figures),
            quotes=[(quote, pieces(quote)) for quote in figures.quotes],
            facts=[_facts(quote) for quote in figures.quotes],
            style=_safe(style),
            script=_safe(script),
            style_hash=_csp_hash(style),
            script_hash=_csp_hash(script),
        )
    )
    return html


def _pictures(figures: Figures) -> dict[str, Any]:
    """Of each chart its title, caption, and SVG for a screen and for a phone."""
    found = {}
    for name, chart in charts(figures).items():
        label = f"{chart.title}. The table below has the same figures."
        sizes = (("wide", WIDE), ("narrow", NARROW))
        svgs = [inline(to_svg(chart.draw(width)), f"{name}-{size}", label, size) for size, width in sizes]
        found[name] = {"title": chart.title, "caption": chart.caption, "svg": _safe("".join(svgs))}
    return found


def _facts(quote: Quote) -> dict[str, Any]:
    """What the filters of the page ask of a quote."""
    return {
        "labels": dict(quote.labels),
        "language": formats.language(quote.language),
        "groups": {tree.printable(column): tree.printable(value) for column, value in quote.groups.items()},
        "shows": quote.shows,
    }


@cache
def _environment() -> Any:
    jinja2 = library("jinja2")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}  # columns stay in the order of the file
    for form in formats.FORMATS.keys() - {"length"}:
        environment.filters[form] = partial(_figure, form=form)
    environment.filters["estimate"] = lambda node, form: _safe(tree.estimate(node, form))
    environment.filters["label"] = lambda node: _safe(tree.label(node))
    environment.filters["words"] = formats.words
    environment.filters["language"] = formats.language
    environment.globals["remark"] = formats.remark
    environment.filters["name"] = lambda text: _safe(tree.name(text))
    environment.filters["printable"] = tree.printable
    environment.filters["colour"] = of_label
    environment.filters["figure"] = _figure
    environment.filters["length_of"] = partial(_figure, form="length")
    return environment


def _figure(node: Node, form: str) -> Any:
    return _safe(tree.figure(node, form))


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _safe(html: str) -> Any:
    return library("markupsafe").Markup(html)


def _csp_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

"""How pages are put together: templates, and what a browser is allowed to do with the result."""

from __future__ import annotations

import base64
import hashlib
from functools import cache, partial
from pathlib import Path
from typing import Any

from feedbackclf.report.pages import formats, tree
from feedbackclf.report.pages.extra import library
from feedbackclf.report.pages.palette import of_label, stylesheet
from feedbackclf.report.pages.tree import Node

_TEMPLATES = Path(__file__).with_name("templates")


def rendered(template: str, *, script: str = "", **content: Any) -> str:
    """A page that loads nothing: its style and script stand in it, and a browser is told to run nothing else.

    Args:
        template: name of the template of the whole page.
        script: name of a file with a script.
        content: what the template is about.

    Raises:
        FeedbackError: a library is not installed.
    """
    style, code = stylesheet() + _text("style.css"), _text(script) if script else ""
    html: str = (
        environment()
        .get_template(template)
        .render(
            **content,
            style=safe(style),
            script=safe(code),
            style_hash=_csp_hash(style),
            script_hash=_csp_hash(code),
        )
    )
    return html


@cache
def environment() -> Any:
    """The templates, with filters for numbers and names."""
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
    environment.filters["estimate"] = lambda node, form: safe(tree.estimate(node, form))
    environment.filters["label"] = lambda node: safe(tree.label(node))
    environment.filters["words"] = formats.words
    environment.filters["language"] = formats.language
    environment.filters["group"] = formats.group
    environment.globals["remark"] = formats.remark
    environment.filters["signed"] = formats.star_change
    environment.filters["name"] = lambda text: safe(tree.name(text))
    environment.filters["printable"] = tree.printable
    environment.filters["colour"] = of_label
    environment.filters["figure"] = _figure
    environment.filters["length_of"] = partial(_figure, form="length")
    return environment


def safe(html: str) -> Any:
    """Text that is HTML already."""
    return library("markupsafe").Markup(html)


def _figure(node: Node, form: str) -> Any:
    return safe(tree.figure(node, form))


def _text(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _csp_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

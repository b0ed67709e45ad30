"""From a chart to a picture that can stand in a page: no fonts, scripts, styles or colours of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from feedbackclf.report.pages.extra import library
from feedbackclf.report.pages.palette import LIGHT

SVG = "http://www.w3.org/2000/svg"
_VARIABLES = {value: f"var(--{name})" for name, value in LIGHT.items()}
_LEFT_TO_THE_PAGE = ("role", "aria-roledescription", "aria-hidden", "style", "font-family", "pointer-events")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_LONG_NUMBER = re.compile(r"-?[0-9]+\.[0-9]{2,}")


def to_svg(chart: Any) -> str:
    """An Altair chart as SVG, in the colours of the light theme."""
    svg: str = library("vl_convert").vegalite_to_svg(chart.to_dict())
    return svg


def inline(svg: str, name: str, label: str, css_class: str) -> str:
    """SVG for a page: colours are the page's CSS variables, and what a mark says of itself is in `data-tip`.

    Args:
        svg: from `to_svg`.
        name: makes the ids in it unique in the page.
        label: what the picture shows, for those who do not see it.
        css_class: of the root.
    """
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(svg)
    with_ids = [element for element in root.iter() if "id" in element.attrib]
    # The drawing library goes on counting from chart to chart; the same figures are to make the same page.
    ids = {element.attrib["id"]: f"{name}-{number}" for number, element in enumerate(with_ids)}
    for element in root.iter():
        is_mark = element.get("role") == "graphics-symbol" and element.get("aria-roledescription") != "axis"
        tip = element.attrib.pop("aria-label", "")
        for attribute in _LEFT_TO_THE_PAGE:
            element.attrib.pop(attribute, None)
        for attribute, value in list(element.attrib.items()):
            element.set(attribute, _in_page(attribute, value, ids))
        if is_mark and tip:
            element.set("data-tip", tip)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.get("display") == "none" or child.get("class") == "background":
                parent.remove(child)
    for element in root.iter():
        element.attrib.pop("class", None)
    for attribute, value in (("class", css_class), ("role", "img"), ("aria-label", label)):
        root.set(attribute, value)
    return ElementTree.tostring(root, encoding="unicode")


def _in_page(attribute: str, value: str, ids: Mapping[str, str]) -> str:
    if attribute in ("fill", "stroke"):
        return _VARIABLES.get(value, value)
    if attribute in ("transform", "d", "x2", "y2", "width", "height"):
        return _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.1f}", value)
    if attribute == "id":
        return ids[value]
    return _REFERENCE.sub(lambda found: f"url(#{ids[found[1]]})", value)

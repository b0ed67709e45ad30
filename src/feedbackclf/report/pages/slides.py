"""The charts of a report as pictures for slides."""

from __future__ import annotations

import textwrap
from pathlib import Path
from xml.etree import ElementTree

from feedbackclf.errors import FeedbackError
from feedbackclf.report.figures import Figures
from feedbackclf.report.pages.charts import Chart, charts
from feedbackclf.report.pages.extra import library
from feedbackclf.report.pages.palette import LIGHT
from feedbackclf.report.pages.svg import SVG, to_svg
from feedbackclf.report.pages.tree import printable
from feedbackclf.tables.sinks import write_output

WIDTH, HEIGHT, SCALE = 1280, 720, 2
"""Of a slide, 16:9, in units of which each is `SCALE` pixels."""
_MARGIN, _TOP = 72, 212
_CHART = 680


def draw(figures: Figures, folder: Path) -> list[Path]:
    """Write each chart as a PNG of 2560 by 1440 pixels, named by its place in the page and its name.

    Raises:
        FeedbackError: a library is not installed, or a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FeedbackError(f"{folder}: cannot be made: {error.strerror}") from None
    paths = []
    for number, (name, chart) in enumerate(charts(figures).items(), 1):
        png = library("vl_convert").svg_to_png(slide(chart, figures), scale=SCALE)
        path = folder / f"{number:02}-{name}.png"
        write_output(str(path), png)
        paths.append(path)
    return paths


def slide(chart: Chart, figures: Figures) -> str:
    """SVG of a slide: a title, what the chart is about, and the chart as large as it can be."""
    root = ElementTree.Element("svg", xmlns=SVG, width=str(WIDTH), height=str(HEIGHT))
    ElementTree.SubElement(root, "rect", width="100%", height="100%", fill=LIGHT["paper"])
    _write(root, textwrap.shorten(chart.title, 60, placeholder="…"), 92, 40, LIGHT["ink"], bold=True)
    _write(root, _about(chart, figures), 130, 20, LIGHT["muted"])
    for number, line in enumerate(textwrap.wrap(chart.caption, 120, max_lines=2, placeholder="…")):
        _write(root, line, 160 + 24 * number, 18, LIGHT["muted"])
    picture = ElementTree.fromstring(to_svg(chart.draw(_CHART)))
    for attribute, value in (
        ("x", _MARGIN),
        ("y", _TOP),
        ("width", WIDTH - 2 * _MARGIN),
        ("height", HEIGHT - _TOP - 40),
    ):
        picture.set(attribute, str(value))
    picture.set("preserveAspectRatio", "xMinYMin meet")
    root.append(picture)
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _about(chart: Chart, figures: Figures) -> str:
    return textwrap.shorten(f"{chart.basis} · {printable(figures.title)}", 110, placeholder="…")


def _write(root: ElementTree.Element, text: str, y: int, size: int, colour: str, *, bold: bool = False) -> None:
    attributes = {
        "x": str(_MARGIN),
        "y": str(y),
        "font-family": "Liberation Sans, Arial, sans-serif",
        "font-size": str(size),
        "font-weight": "bold" if bold else "normal",
        "fill": colour,
    }
    ElementTree.SubElement(root, "text", attributes).text = text

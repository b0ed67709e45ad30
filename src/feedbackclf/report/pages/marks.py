"""The kinds of chart there are, each from rows of plain data."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from feedbackclf.report.pages.extra import library
from feedbackclf.report.pages.palette import LIGHT

PERCENT = "format(abs(datum.value), '.0%')"
POINTS = "datum.value == 0 ? '0' : format(datum.value * 100, '+.0f')"
STARS = "datum.value == 0 ? '0' : format(datum.value, '+.2~f')"
"""How an axis writes its values: expressions of Vega."""
_CHARACTER = 7.4
"""Pixels that one takes, on average, in the widest of the usual fonts."""


@dataclass(frozen=True)
class Row:
    """One line of a chart.

    Attributes:
        name: stands at the left; a second line after a line feed.
        value, low, high: a figure and its interval, None where there is none.
        colour: its name in the palette.
        text: the figure as it is written.
        tip: what the mark says of itself.
        series: tells the marks of one name apart.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    colour: str
    text: str
    tip: str
    series: str = ""

    @property
    def start(self) -> float:
        return self.value if self.low is None else self.low

    @property
    def end(self) -> float:
        return self.value if self.high is None else self.high


def bars(rows: Sequence[Row], width: int) -> Any:
    """Shares as bars from the left, each with its figure at the end."""
    alt = library("altair")
    most = max([row.end for row in rows], default=0) or 1
    base = _base(rows).encode(y=_names(rows, width), description="tip:N")
    scale = alt.Scale(domain=[0, most * (1.28 if width < 500 else 1.14)], nice=False)
    none = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
    x = alt.X("value:Q", axis=none, scale=scale)
    bar = base.mark_bar(height=16, cornerRadiusEnd=2).encode(x=x, color=_colour())
    interval = _intervals(base, LIGHT["ink"], 1.5).encode(opacity=alt.value(0.8))
    text = base.mark_text(align="left", dx=7, color=LIGHT["ink"], fontWeight=600).encode(x="end:Q", text="text:N")
    return _finished(alt.layer(bar, interval, text), width, 30)


def dots(rows: Sequence[Row], width: int, axis: str, reference: float | None = None) -> Any:
    """Figures as dots with their intervals, around a line at nought; `reference` is another, dashed."""
    alt = library("altair")
    base = _base(rows).encode(y=_names(rows, width), description="tip:N")
    x = alt.X("value:Q", axis=_axis(axis, width), scale=_around_nought(rows, width))
    layers = [_line_at(0, LIGHT["muted"])]
    if reference is not None:
        layers.append(_line_at(reference, LIGHT["muted"], dash=[3, 3]))
    layers.append(_intervals(base, None, 3).encode(opacity=alt.value(0.55)))
    layers.append(base.mark_point(filled=True, size=95, opacity=1).encode(x=x, color=_colour()))
    text = base.mark_text(align="left", dx=9, color=LIGHT["ink"], fontWeight=600).encode(x="end:Q", text="text:N")
    return _finished(alt.layer(*layers, text), width, 40 if width < 500 else 34)


def diverging(rows: Sequence[Row], nets: Sequence[Row], width: int) -> Any:
    """Bars to both sides of nought, and a dot with an interval for what is left when one is taken from the other."""
    alt = library("altair")
    end = 1.5 if width < 500 else 1.22
    axis = alt.Axis(title=None, labelExpr=PERCENT, values=[-1, -0.5, 0, 0.5, 1], domain=False, grid=False)
    x = alt.X("value:Q", axis=axis, scale=alt.Scale(domain=[-end, end], nice=False))
    base = _base(rows).encode(y=_names(nets, width), description="tip:N")
    bar = base.mark_bar(height=18).encode(x=x, color=_colour())
    sides = []
    for series, align, place in (("positive", "left", 1.03), ("negative", "right", -1.03)):
        side = base.transform_filter(alt.datum.series == series)
        text = side.mark_text(align=align, color=LIGHT["ink"], fontWeight=600)
        sides.append(text.encode(x=alt.datum(place), text="text:N"))
    net = _base(nets).encode(y=_names(nets, width), description="tip:N")
    dot = net.mark_point(filled=True, size=80, color=LIGHT["ink"], stroke=LIGHT["paper"], strokeWidth=1.5, opacity=1)
    layers = (_line_at(0, LIGHT["muted"]), bar, *sides, _intervals(net, LIGHT["ink"], 2), dot.encode(x="value:Q"))
    return _finished(alt.layer(*layers), width, 40)


def before_after(rows: Sequence[Row], width: int, axis: str, signed: bool) -> Any:
    """Two dots for each name, each with its interval: the first (`before`) hollow and above, the other filled."""
    alt = library("altair")
    scale = _around_nought(rows, width) if signed else alt.Scale(nice=False, domain=[0, _right_end(rows, width)])
    layers = [_line_at(0, LIGHT["muted"])]
    for series, offset in (("before", -6), ("after", 6)):
        base = _base([row for row in rows if row.series == series]).encode(y=_names(rows, width), description="tip:N")
        x = alt.X("value:Q", axis=_axis(axis, width), scale=scale)
        layers.append(_intervals(base, None, 2.5, yOffset=offset).encode(opacity=alt.value(0.6)))
        inside = {"filled": True} if series == "after" else {"fill": LIGHT["paper"]}
        dot = base.mark_point(size=70, opacity=1, yOffset=offset, strokeWidth=2, **inside)
        layers.append(dot.encode(x=x, color=_colour()))
        text = base.mark_text(align="left", dx=9, dy=offset, color=LIGHT["ink" if series == "after" else "muted"])
        layers.append(text.encode(x="end:Q", text="text:N"))
    return _finished(alt.layer(*layers), width, 46)


def over_time(rows: Sequence[Row], width: int, unit: str, panels: Sequence[str]) -> Any:
    """Net sentiment over time with a band around it, one panel for each of `panels`; `name` is a day."""
    alt = library("altair")
    ink = LIGHT["accent"]
    columns = 1 if len(panels) == 1 else (3 if width > 500 else 1)
    panel = width - 58 if columns == 1 else (width - 58) // columns - 22
    time = alt.X(
        "name:T",
        axis=alt.Axis(
            title=None,
            format={"year": "%Y", "quarter": "%b %Y", "month": "%b %Y"}.get(unit, "%d %b %Y"),
            labelOverlap="greedy",
            labelSeparation=10,
            tickCount=max(2, panel // 130),
            grid=False,
        ),
        scale=alt.Scale(type="utc"),
    )
    net = alt.Y("value:Q", axis=alt.Axis(title=None, labelExpr=POINTS, tickCount=5, grid=True))
    base = alt.Chart().encode(x=time, description="tip:N")
    zero = alt.Chart().mark_rule(color=LIGHT["muted"]).encode(y=alt.datum(0))
    band = base.mark_area(color=ink, opacity=0.2).encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    line = base.mark_line(color=ink, strokeWidth=2).encode(y=net)
    points = base.mark_point(color=ink, filled=True, size=42 if columns == 1 else 26, opacity=1).encode(y=net)
    layers = alt.layer(zero, band, line, points, data=_data(rows)).properties(
        width=panel, height=220 if len(panels) == 1 else 120
    )
    if len(panels) == 1:
        return _configured(layers)
    header = alt.Header(title=None, labelAnchor="start", labelFontSize=14, labelFontWeight=600)
    facet = alt.Facet("series:N", sort=list(panels), header=header)
    return _configured(layers.facet(facet, columns=columns, spacing=22).resolve_axis(x="independent"))


def _data(rows: Sequence[Row]) -> Any:
    return library("altair").Data(values=[asdict(row) | {"end": row.end} for row in rows])


def _base(rows: Sequence[Row]) -> Any:
    return library("altair").Chart(_data(rows))


def _names(rows: Sequence[Row], width: int) -> Any:
    """Names at the left edge, on two lines at most. The fonts of the page are not known: room is left for wide ones."""
    alt = library("altair")
    names = list(dict.fromkeys(row.name for row in rows))
    fitting = int(width * (0.31 if width < 500 else 0.36) / _CHARACTER)
    lines = {name: [x for line in name.split("\n") for x in _wrapped(line, fitting)] for name in names}
    longest = max((len(line) for parts in lines.values() for line in parts), default=0)
    axis = alt.Axis(
        title=None,
        labelExpr=f"{json.dumps(lines)}[datum.label]",
        labelAlign="left",
        labelPadding=longest * _CHARACTER + 14,
        labelLimit=0,
        domain=False,
        ticks=False,
        grid=False,
    )
    return alt.Y("name:N", sort=names, axis=axis)


def _wrapped(line: str, characters: int) -> list[str]:
    return textwrap.wrap(line, characters, max_lines=2, placeholder="…") or [line]


def _axis(expression: str, width: int) -> Any:
    return library("altair").Axis(
        title=None, labelExpr=expression, tickCount=max(3, width // 120), domain=False, grid=False
    )


def _colour() -> Any:
    names = [name for name in LIGHT if name != "paper"]
    scale = library("altair").Scale(domain=names, range=[LIGHT[name] for name in names])
    return library("altair").Color("colour:N", scale=scale, legend=None)


def _intervals(base: Any, colour: str | None, thickness: float, **offset: float) -> Any:
    known = base.transform_filter("datum.low != null && datum.high != null")
    rule = known.mark_rule(strokeWidth=thickness, **({"color": colour} if colour else {}), **offset)
    rule = rule.encode(x="low:Q", x2="high:Q")
    return rule if colour else rule.encode(color=_colour())


def _line_at(value: float, colour: str, dash: Sequence[int] = ()) -> Any:
    alt = library("altair")
    return alt.Chart(alt.Data(values=[{}])).mark_rule(color=colour, strokeDash=list(dash)).encode(x=alt.datum(value))


def _right_end(rows: Sequence[Row], width: int) -> float:
    """Leaves room for the figure that is written after the last mark."""
    end = max([0.0, *(row.end for row in rows)])
    spread = (end - _left_end(rows)) or 1
    return end + spread * (0.3 if width < 500 else 0.12)


def _left_end(rows: Sequence[Row]) -> float:
    return min([0.0, *(row.start for row in rows)])


def _around_nought(rows: Sequence[Row], width: int) -> Any:
    left, right = _left_end(rows), _right_end(rows, width)
    left -= (right - left) * 0.03
    return library("altair").Scale(domain=[left, right], nice=False)


def _finished(chart: Any, width: int, step: int) -> Any:
    alt = library("altair")
    fit = alt.AutoSizeParams(type="fit-x", contains="padding")
    return _configured(chart.properties(width=width, height=alt.Step(step), autosize=fit))


def _configured(chart: Any) -> Any:
    return (
        chart.properties(background="transparent", padding={"left": 0, "right": 4, "top": 4, "bottom": 4})
        .configure(font="Liberation Sans")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=LIGHT["ink"],
            labelFontSize=13,
            gridColor=LIGHT["line"],
            domainColor=LIGHT["line"],
            tickColor=LIGHT["line"],
        )
        .configure_text(fontSize=13)
        .configure_header(labelColor=LIGHT["ink"])
    )

"""Every chart of a report: which figures, in which kind of chart, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from feedbackclf.report.figures import Change, Effect, Estimate, Figures, Share, Source
from feedbackclf.report.pages import formats, marks
from feedbackclf.report.pages.marks import Row
from feedbackclf.report.pages.palette import of_label
from feedbackclf.report.pages.rows import one_line, row, share_rows

MOST_GROUPS = 24
"""Of a breakdown that are drawn; the table has all."""


@dataclass(frozen=True)
class Chart:
    """A chart that can be drawn.

    Attributes:
        title: what it is of.
        caption: how to read it.
        basis: how many texts it is from.
        draw: gives an Altair chart of a width in pixels.
    """

    title: str
    caption: str
    basis: str
    draw: Callable[[int], Any]


def charts(figures: Figures) -> dict[str, Chart]:
    """By name, in the order of the page; only those there are figures for."""
    made = {**_changes(figures), **_languages(figures), **_satisfaction(figures), **_dimensions(figures)}
    return {
        **made,
        **_drivers(figures),
        **_trends(figures),
        **_breakdowns(figures),
        **_choices(figures),
        **_unsure(figures),
    }


def _changes(figures: Figures) -> dict[str, Chart]:
    if figures.comparison is None:
        return {}
    found: dict[str, Chart] = {}
    sources = figures.comparison.before, figures.comparison.after
    basis = "{} before, {} after".format(*map(_all_texts, sources))
    kinds: tuple[tuple[str, str, Callable[[Change], bool]], ...] = (
        ("net", "Net sentiment before and after", lambda change: change.measure == "net"),
        ("mentioned", "What people write about, before and after", lambda change: change.measure == "mentioned"),
        ("shares", "Labels before and after", lambda change: change.measure not in ("net", "mentioned", "mean")),
    )
    for name, title, belongs in kinds:
        changes = [change for change in figures.comparison.changes if belongs(change)]
        write, axis = (formats.points, marks.POINTS) if name == "net" else (formats.percent, marks.PERCENT)
        rows = [line for change in changes for line in _change_rows(change, write)]
        caption = "Hollow: before. Filled: after, coloured where the change is more than chance."
        if rows:
            draw = partial(marks.before_after, rows, axis=axis, signed=name == "net")
            found[f"changes-{name}"] = Chart(title, caption, basis, draw)
    return found


def _change_rows(change: Change, write: Callable[[float], str]) -> list[Row]:
    about, measure = formats.words(change.about), formats.words(change.measure)
    name = about if change.measure in ("net", "mentioned") else f"{about}\n{measure}"
    colour = "ink" if not change.differs else "positive" if change.difference.value > 0 else "negative"
    if change.measure != "net" and change.differs:
        colour = "accent"  # more of a label is neither good nor bad
    before = row(name, change.before, write, "muted", series="before")
    return [before, row(name, change.after, write, colour, series="after")]


def _languages(figures: Figures) -> dict[str, Chart]:
    rows = share_rows(figures.languages, formats.language)
    return _bars("languages", "Languages", figures.languages, rows)


def _satisfaction(figures: Figures) -> dict[str, Chart]:
    found = {}
    if figures.sentiment is not None:
        shares = figures.sentiment.shares
        rows = [
            replace(bar, colour=of_label(share.label)) for share, bar in zip(shares, share_rows(shares), strict=True)
        ]
        found = _bars("sentiment", "Sentiment", shares, rows)
    return {**found, **_bars("ratings", "Ratings", figures.ratings, share_rows(figures.ratings, _stars))}


def _stars(label: str) -> str:
    return f"{label} star" if label == "1" else f"{label} stars"


def _dimensions(figures: Figures) -> dict[str, Chart]:
    dimensions = figures.dimensions
    mentioned = [row(formats.words(x.name), x.mentioned.share, formats.percent, "bar") for x in dimensions]
    sides, nets = [], []
    for dimension in dimensions:
        name = formats.words(dimension.name)
        for share in dimension.polarity.shares:
            if share.label in ("positive", "negative") and share.share.n:
                side = row(name, share.share, formats.percent, of_label(share.label), series=share.label)
                sides.append(replace(side, value=-side.value) if share.label == "negative" else side)
        if dimension.polarity.net is not None:
            nets.append(row(name, dimension.polarity.net, formats.points, "ink", about="net"))
    found = _bars("mentioned", "How often each is mentioned", [x.mentioned for x in dimensions], mentioned)
    if nets:
        caption = (
            "Share of the texts about it that praise (right, blue) or criticise (left, orange). The dot is praise "
            "minus criticism, with its interval."
        )
        draw = partial(marks.diverging, sides, nets)
        found["polarity"] = Chart("Praise and criticism", caption, _all_texts(figures.source), draw)
    return found


def _drivers(figures: Figures) -> dict[str, Chart]:
    drivers = figures.drivers
    if drivers is None or not drivers.effects:
        return {}
    rated = drivers.outcome == "rating"
    write, axis = (formats.star_change, marks.STARS) if rated else (formats.points, marks.POINTS)
    what = "the mean rating, in stars" if rated else "net sentiment, in points"

    def rows(of: Callable[[Effect], Estimate], effects: Iterable[Effect]) -> list[Row]:
        return [
            row(formats.remark(x.dimension, x.polarity), of(x), write, x.polarity if x.q < 0.05 else "neutral")
            for x in effects
        ]

    impacts = rows(lambda x: x.impact, drivers.effects)
    effects = rows(lambda x: x.effect, sorted(drivers.effects, key=lambda x: x.effect.value))
    grey = "Grey: could be chance."
    return {
        "impact": Chart(
            "Weight across all texts",
            f"How much of {what}, goes with each remark: its effect times how often it is made. {grey}",
            f"n = {formats.count(drivers.rows)}",
            partial(marks.dots, impacts, axis=axis),
        ),
        "effect": Chart(
            "Weight of one remark",
            f"How far the texts with a remark lie from others, all else being equal: {what}. {grey}",
            f"n = {formats.count(drivers.rows)}",
            partial(marks.dots, effects, axis=axis),
        ),
    }


def _trends(figures: Figures) -> dict[str, Chart]:
    trends = figures.trends
    if trends is None or not trends.periods:
        return {}
    overall, by_dimension = [], []
    for part in trends.periods:
        when = formats.period(part.name, trends.unit)
        if part.net is not None:
            overall.append(_point(part.name, when, "sentiment", part.net))
        for dimension, here in part.dimensions.items():
            if here.net is not None:
                by_dimension.append(_point(part.name, when, formats.words(dimension), here.net))
    basis = _all_texts(figures.source)
    found, band = {}, f"By {trends.unit}, with the interval of each as a band."
    for name, title, rows in (
        ("trend", "Net sentiment over time", overall),
        ("trend-dimensions", "Praise minus criticism over time", by_dimension),
    ):
        panels = list(dict.fromkeys(x.series for x in rows))
        if rows:
            found[name] = Chart(title, band, basis, partial(marks.over_time, rows, unit=trends.unit, panels=panels))
    return found


def _point(day: str, when: str, series: str, net: Estimate) -> Row:
    return replace(row(when, net, formats.points, "accent", series=series, about=series), name=day)


def _breakdowns(figures: Figures) -> dict[str, Chart]:
    net = figures.sentiment.net if figures.sentiment is not None else None
    reference, basis = net.value if net is not None else None, _all_texts(figures.source)
    found = {}
    for number, breakdown in enumerate(figures.breakdowns):
        rows = []
        for group in breakdown.groups[:MOST_GROUPS]:
            above = group.difference is not None and group.difference.value > 0
            colour = "neutral" if not group.differs else "positive" if above else "negative"
            if group.part.net is not None:
                rows.append(
                    row(
                        one_line(formats.group(breakdown.column, group.part.name)),
                        group.part.net,
                        formats.points,
                        colour,
                    )
                )
        if rows:
            caption = "Net sentiment. Coloured: different from all the others by more than chance. Dashed: all texts."
            if len(breakdown.groups) > MOST_GROUPS:
                caption += " The largest groups are drawn; the table has all."
            title = f"Net sentiment by {one_line(breakdown.column)}"
            draw = partial(marks.dots, rows, axis=marks.POINTS, reference=reference)
            found[f"breakdown-{number}"] = Chart(title, caption, basis, draw)
    return found


def _choices(figures: Figures) -> dict[str, Chart]:
    found: dict[str, Chart] = {}
    for number, choice in enumerate(figures.choices):
        shares = [label.share for label in choice.labels]
        found |= _bars(f"choice-{number}", formats.words(choice.name).capitalize(), shares, share_rows(shares))
    return found


def _unsure(figures: Figures) -> dict[str, Chart]:
    shares = [x.unsure for x in figures.unsure]
    rows = [row(formats.words(x.head), x.unsure.share, formats.percent, "bar") for x in figures.unsure]
    return _bars("unsure", "How often the model was unsure", shares, rows)


def _bars(name: str, title: str, shares: Sequence[Share], rows: Sequence[Row]) -> dict[str, Chart]:
    """Nothing where no row has a label."""
    if not any(share.share.n for share in shares):
        return {}
    sizes = {share.share.n for share in shares}
    basis = f"n = {formats.count(max(sizes))}" if len(sizes) == 1 else f"up to {formats.texts(max(sizes))}"
    with_intervals = any(x.low is not None for x in rows)
    caption = "Share of the texts, with its interval." if with_intervals else "Share of the texts."
    return {name: Chart(title, caption, basis, partial(marks.bars, rows))}


def _all_texts(source: Source) -> str:
    return formats.texts(source.rows - source.empty)

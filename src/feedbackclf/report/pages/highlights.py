"""What a summary picks from the figures: where they stand, not what they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from feedbackclf.report.figures import DimensionFigures, Figures

CHANCE = 0.05
"""A figure whose p or q is not below this could be chance."""


@dataclass(frozen=True)
class Highlights:
    """Positions in lists of `Figures`; None where nothing stands out.

    Attributes:
        hinders, helps: in `drivers.effects`: what lowers and raises the outcome most, if that is more than chance.
        most_mentioned, best, worst: in `dimensions`: the most frequent, the highest and the lowest net polarity.
        trend: whether sentiment went `up` or `down`, or is `steady`.
        groups: in `breakdowns` and its `groups`: those that differ most from the others, up to three.
        changes: in `comparison.changes`: those that are more than chance, the largest first.
        main_issue: in `choices` and its `labels`: the most frequent issue that is one.
    """

    hinders: int | None
    helps: int | None
    most_mentioned: int | None
    best: int | None
    worst: int | None
    trend: str | None
    groups: tuple[tuple[int, int], ...]
    changes: tuple[int, ...]
    main_issue: tuple[int, int] | None


def highlights(figures: Figures) -> Highlights:
    """Pick them."""
    known = [i for i, x in enumerate(figures.dimensions) if x.polarity.net is not None and x.mentioned.count]
    best = _most(known, lambda i: _net(figures.dimensions[i]))
    worst = _most(known, lambda i: -_net(figures.dimensions[i]))
    return Highlights(
        hinders=_driver(figures, -1),
        helps=_driver(figures, 1),
        most_mentioned=_most(
            [i for i, x in enumerate(figures.dimensions) if x.mentioned.count],
            lambda i: figures.dimensions[i].mentioned.count,
        ),
        best=best if best != worst else None,
        worst=worst if best != worst else None,
        trend=_trend(figures),
        groups=_groups(figures),
        changes=_changes(figures),
        main_issue=_main_issue(figures),
    )


def _most(places: Sequence[int], size: Callable[[int], float]) -> int | None:
    return max(places, key=size, default=None)


def _net(dimension: DimensionFigures) -> float:
    return dimension.polarity.net.value if dimension.polarity.net is not None else 0.0


def _driver(figures: Figures, sign: int) -> int | None:
    effects = figures.drivers.effects if figures.drivers is not None else ()
    sure = [i for i, x in enumerate(effects) if x.q < CHANCE and x.impact.value * sign > 0]
    return _most(sure, lambda i: abs(effects[i].impact.value))


def _trend(figures: Figures) -> str | None:
    trends = figures.trends
    if trends is None or trends.slope is None or trends.p is None:
        return None
    if trends.p >= CHANCE or not trends.slope.value:
        return "steady"
    return "up" if trends.slope.value > 0 else "down"


def _groups(figures: Figures) -> tuple[tuple[int, int], ...]:
    differ = [
        (abs(group.difference.value), i, j)
        for i, breakdown in enumerate(figures.breakdowns)
        for j, group in enumerate(breakdown.groups)
        if group.differs and group.difference is not None
    ]
    return tuple((i, j) for _, i, j in sorted(differ, key=lambda x: -x[0])[:3])


def _changes(figures: Figures) -> tuple[int, ...]:
    changes = figures.comparison.changes if figures.comparison is not None else ()
    differ = [i for i, change in enumerate(changes) if change.differs]
    return tuple(sorted(differ, key=lambda i: (changes[i].p, -abs(changes[i].difference.value))))


def _main_issue(figures: Figures) -> tuple[int, int] | None:
    for i, choice in enumerate(figures.choices):
        if choice.name == "issue":
            counts = {j: x.share.count for j, x in enumerate(choice.labels) if x.label not in ("none", "other")}
            j = _most([j for j, count in counts.items() if count], counts.__getitem__)
            return None if j is None else (i, j)
    return None

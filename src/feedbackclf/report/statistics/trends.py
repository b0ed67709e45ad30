"""How things went: figures by day, week, month, quarter or year, and whether net sentiment rises or falls."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special

from feedbackclf.report.feedback import Feedback, answered
from feedbackclf.report.figures import Estimate, Part, Trends
from feedbackclf.report.reading.days import Days
from feedbackclf.report.statistics.parts import parts
from feedbackclf.report.statistics.shares import CONFIDENCE
from feedbackclf.report.statistics.suppression import shown
from feedbackclf.taxonomy import Taxonomy

UNITS = ("day", "week", "month", "quarter", "year")
MOST_PERIODS, NEARLY_ALL = 40, 0.9
_MONDAY = 3  # the first of January 1970 was a Thursday
_FEWEST_FOR_SLOPE = 3
_ROUNDING = 1e-12


def trends(feedback: Feedback, taxonomy: Taxonomy, min_group: int) -> Trends | None:
    """The figures of each period; None without dates, or if fewer than two periods have enough rows.

    The unit is the finest of which no more than 40 periods have enough rows, and these nine of ten dated rows. From
    one unit to the next it is a factor of 3 to 7, so that about 6 to 40 periods come of it. If there is none such,
    it is the one that shows the most periods.
    """
    if feedback.date_column is None:
        return None
    rows, dated = answered(feedback, taxonomy), ~np.isnat(feedback.date)
    undated = int((rows & ~dated).sum())
    counted = {unit: _count(feedback.date[rows & dated], undated, unit, min_group) for unit in UNITS}
    unit = _unit(counted)
    numbers, _, visible = counted[unit]
    if visible.sum() < 2:
        return None
    place = np.full(len(numbers), -1)
    place[visible] = np.arange(visible.sum())
    part = np.full(len(feedback), -1)
    found = np.searchsorted(numbers, period_numbers(feedback.date[dated], unit))
    # Rows without a sentiment may lie in periods that no other rows have.
    there = found < len(numbers)
    there[there] = numbers[found[there]] == period_numbers(feedback.date[dated], unit)[there]
    part[dated] = np.where(there, place[np.minimum(found, len(numbers) - 1)], -1)
    names = [str(day) for day in first_days(numbers[visible], unit)]
    periods = parts(part, names, feedback, taxonomy, min_group)
    slope, p = _slope(numbers[visible], periods)
    return Trends(
        column=feedback.date_column,
        unit=unit,
        periods=tuple(periods),
        left_out=int((~visible).sum()),
        undated=undated,
        slope=slope,
        p=p,
    )


def period_numbers(dates: Days, unit: str) -> NDArray[np.int64]:
    """The periods of days, numbered without gaps."""
    if unit == "day":
        return dates.astype("M8[D]").astype(np.int64)
    if unit == "week":
        return (dates.astype("M8[D]").astype(np.int64) + _MONDAY) // 7
    if unit == "year":
        return dates.astype("M8[Y]").astype(np.int64)
    return dates.astype("M8[M]").astype(np.int64) // (3 if unit == "quarter" else 1)


def first_days(numbers: NDArray[np.int64], unit: str) -> Days:
    """The first day of each period."""
    if unit == "week":
        return (numbers * 7 - _MONDAY).astype("M8[D]")
    if unit == "quarter":
        return (numbers * 3).astype("M8[M]").astype("M8[D]")
    return numbers.astype(f"M8[{unit[0].upper()}]").astype("M8[D]")


Counted = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]


def _count(dates: Days, undated: int, unit: str, min_group: int) -> Counted:
    """The periods that have rows, how many, and which are shown."""
    numbers, sizes = np.unique(period_numbers(dates, unit), return_counts=True)
    return numbers, sizes, shown(sizes, undated, min_group)


def _unit(counted: dict[str, Counted]) -> str:
    for unit, (_, sizes, visible) in counted.items():
        if visible.sum() <= MOST_PERIODS and 0 < sizes[visible].sum() >= NEARLY_ALL * sizes.sum():
            return unit
    few = [unit for unit in counted if counted[unit][2].sum() <= MOST_PERIODS] or [UNITS[-1]]
    return max(few, key=lambda unit: int(counted[unit][2].sum()))


def _slope(numbers: NDArray[np.int64], periods: list[Part]) -> tuple[Estimate | None, float | None]:
    """The slope of a line through the nets by least squares, each weighted by its rows, with Student's interval.

    The interval is from how far the periods lie from the line, so it knows of what makes periods differ beside chance.
    """
    nets = [(number, part.net) for number, part in zip(numbers.tolist(), periods, strict=True)]
    x = np.array([number for number, net in nets if net is not None], float)
    y = np.array([net.value for _, net in nets if net is not None])
    weights = np.array([net.n for _, net in nets if net is not None], float)
    if len(x) < _FEWEST_FOR_SLOPE:
        return None, None
    n, freedom = int(weights.sum()), len(x) - 2
    x, y = x - np.average(x, weights=weights), y - np.average(y, weights=weights)
    spread = float(weights @ x**2)
    value = float(weights @ (x * y)) / spread
    error = math.sqrt(float(weights @ (y - value * x) ** 2) / freedom / spread)
    if error < _ROUNDING:
        return Estimate(value, None, None, n), None
    half = float(special.stdtrit(freedom, CONFIDENCE)) * error
    return Estimate(value, value - half, value + half, n), float(2 * special.stdtr(freedom, -abs(value / error)))

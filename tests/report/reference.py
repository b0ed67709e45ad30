"""Statistics as other libraries have them, in the form of the JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest
from statsmodels.stats.weightstats import DescrStatsW

Tree = Any


def estimate(value: float, low: float | None, high: float | None, n: int) -> Tree:
    return {"value": value, "low": low, "high": high, "n": n}


def share(label: str, count: int, n: int) -> Tree:
    if not n:
        return {"label": label, "count": 0, "share": estimate(0.0, None, None, 0)}
    low, high = proportion_confint(count, n, method="wilson")
    return {"label": label, "count": count, "share": estimate(count / n, low, high, n)}


def net(positive: int, negative: int, n: int) -> Tree:
    if not n:
        return None
    centre, error = with_two_rows_more(positive, negative, n)
    low, high = stats.norm.interval(0.95, centre, error)
    return estimate((positive - negative) / n, max(-1.0, low), min(1.0, high), n)


def with_two_rows_more(positive: int, negative: int, n: int) -> tuple[float, float]:
    """Mean of 1, -1 and 0, and its standard error, after half a 1, half a -1 and one 0 were added."""
    found = DescrStatsW([1, -1, 0], [positive + 0.5, negative + 0.5, n - positive - negative + 1])
    return found.mean, np.sqrt(found.var / (n + 2))


def net_difference(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[Tree, float]:
    value = (one[0] - one[1]) / one[2] - (other[0] - other[1]) / other[2]
    error = np.hypot(with_two_rows_more(*one)[1], with_two_rows_more(*other)[1])
    low, high = stats.norm.interval(0.95, value, error)
    return estimate(value, low, high, one[2] + other[2]), stats.chi2.sf((value / error) ** 2, 1)


def mean(values: np.ndarray) -> Tree:
    if not len(values):
        return None
    if len(set(values)) < 2 or len(values) < 5:
        return estimate(values[0], None, None, len(values))
    found = DescrStatsW(values)
    return estimate(found.mean, *found.tconfint_mean(), len(values))


def mean_difference(one: np.ndarray, other: np.ndarray) -> tuple[Tree, float]:
    found = stats.ttest_ind(one, other, equal_var=False)
    return estimate(one.mean() - other.mean(), *found.confidence_interval(), len(one) + len(other)), found.pvalue


def share_change(about: str, measure: str, counts: Sequence[int], n: Sequence[int]) -> Tree:
    before, after = (share("", *pair)["share"] for pair in zip(counts, n, strict=True))
    low, high = confint_proportions_2indep(counts[1], n[1], counts[0], n[0], method="newcomb", compare="diff")
    difference = estimate(counts[1] / n[1] - counts[0] / n[0], low, high, sum(n))
    return change(about, measure, before, after, difference, proportions_ztest(counts, n)[1])


def change(about: str, measure: str, before: Tree, after: Tree, difference: Tree, p: float) -> Tree:
    named = {"about": about, "measure": measure}
    return {**named, "before": before, "after": after, "difference": difference, "p": p}


def longest_prefix(sizes: list[int], rest: int, min_group: int) -> int:
    """How many of some groups, the largest first, can be shown; what is not shown can be told only together."""

    def is_safe(n: int) -> bool:
        hidden = [size for size in sizes[n:] if size]
        parts = len(hidden) + (rest > 0)
        return not hidden or (sum(hidden) + rest >= min_group and parts >= 2)

    large = [n for n in range(len(sizes) + 1) if all(size >= min_group for size in sizes[:n])]
    return max((n for n in large if is_safe(n)), default=0)


def shown_among(sizes: list[int], rest: int, min_group: int) -> set[int]:
    """The places of the groups that can be shown, in any order."""
    order = sorted(range(len(sizes)), key=lambda place: (-sizes[place], place))
    return set(order[: longest_prefix([sizes[place] for place in order], rest, min_group)])

"""Shares, net sentiment and means with 95 % intervals; differences of two, and how likely chance makes as large."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from feedbackclf.report.figures import Balance, Estimate, Share

Z = float(special.ndtri(0.975))
"""Standard errors on either side of a value that make a 95 % interval."""
CONFIDENCE = 0.975
ENOUGH = 5
"""Values whose spread says something of the spread of all."""


@dataclass(frozen=True)
class Difference:
    """One value minus another, and the probability of so large a difference (either way) by chance."""

    estimate: Estimate
    p: float


def wilson(count: int, n: int) -> Estimate:
    """A share with its score interval (Wilson, 1927), which is sound for few rows and shares near 0 or 1.

    Of no rows at all the share is 0, without an interval.
    """
    if n == 0:
        return Estimate(0.0, None, None, 0)
    share = count / n
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    low = 0.0 if count == 0 else centre - half  # as it would be without rounding
    high = 1.0 if count == n else centre + half
    return Estimate(share, low, high, n)


def share_of(label: str, count: int, n: int) -> Share:
    """How many of n rows have a label."""
    return Share(label, int(count), wilson(int(count), int(n)))


def net(positive: int, negative: int, n: int) -> Estimate | None:
    """Share of positive minus share of negative; None if n is 0.

    It is the difference of two shares of one multinomial sample. The interval is the normal one with the multinomial
    variance after half a row was added to positive and to negative, and one to all others (Agresti and Min, 2005,
    Statistics in Medicine 24). So it is sound where all rows agree: the plain variance is 0 there. It is cut at -1
    and 1, and always holds the value.
    """
    if n == 0:
        return None
    centre, half = (positive - negative) / (n + 2), Z * math.sqrt(net_variance(positive, negative, n))
    return Estimate((positive - negative) / n, max(-1.0, centre - half), min(1.0, centre + half), n)


def net_variance(positive: int, negative: int, n: int) -> float:
    """Squared standard error of a net share, with the two rows of `net` added; never 0."""
    shares, difference = (positive + negative + 1) / (n + 2), (positive - negative) / (n + 2)
    return (shares - difference**2) / (n + 2)


def net_difference(one: tuple[int, int, int], other: tuple[int, int, int]) -> Difference | None:
    """Net share of one sample minus that of another, by a z test; None if either has no rows.

    Args:
        one, other: counts of positive, of negative, and of all rows.
    """
    if not one[2] or not other[2]:
        return None
    value = (one[0] - one[1]) / one[2] - (other[0] - other[1]) / other[2]
    error = math.sqrt(net_variance(*one) + net_variance(*other))
    interval = max(-2.0, value - Z * error), min(2.0, value + Z * error)
    return Difference(Estimate(value, *interval, one[2] + other[2]), _two_sided(value / error))


def share_difference(one: tuple[int, int], other: tuple[int, int]) -> Difference | None:
    """A share minus that in another sample; None if either has no rows.

    The interval is Newcombe's (1998, method 10, from two Wilson intervals), the test is the z test with a pooled
    share, which is the chi-squared test.

    Args:
        one, other: count, and of how many rows.
    """
    if not one[1] or not other[1]:
        return None
    here, there = wilson(*one), wilson(*other)
    if here.low is None or here.high is None or there.low is None or there.high is None:
        return None
    value = here.value - there.value
    low = value - math.hypot(here.value - here.low, there.high - there.value)
    high = value + math.hypot(here.high - here.value, there.value - there.low)
    pooled = (one[0] + other[0]) / (one[1] + other[1])
    error = math.sqrt(pooled * (1 - pooled) * (1 / one[1] + 1 / other[1]))
    p = _two_sided(value / error) if error else 1.0
    return Difference(Estimate(value, low, high, one[1] + other[1]), p)


def mean(values: NDArray[np.float32]) -> Estimate | None:
    """The mean of the values that are not NaN, with Student's interval; None without any.

    There is no interval for fewer than `ENOUGH` values, or where all are the same: too little says then how far they
    might lie apart.
    """
    given = values[~np.isnan(values)].astype(np.float64)
    n = len(given)
    if n == 0:
        return None
    value, spread = float(given.mean()), float(given.std(ddof=1)) if n >= ENOUGH else 0.0
    if not spread:
        return Estimate(value, None, None, n)
    half = float(special.stdtrit(n - 1, CONFIDENCE)) * spread / math.sqrt(n)
    return Estimate(value, value - half, value + half, n)


def mean_difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> Difference | None:
    """The mean of one sample minus that of another, by Welch's t test (1947); None where it cannot be computed."""
    here, there = (x[~np.isnan(x)].astype(np.float64) for x in (one, other))
    if min(len(here), len(there)) < 2:
        return None
    a, b = (float(x.var(ddof=1)) / len(x) for x in (here, there))
    if not a + b:
        return None
    value, error = float(here.mean() - there.mean()), math.sqrt(a + b)
    freedom = (a + b) ** 2 / (a**2 / (len(here) - 1) + b**2 / (len(there) - 1))
    half = float(special.stdtrit(freedom, CONFIDENCE)) * error
    p = float(2 * special.stdtr(freedom, -abs(value / error)))
    return Difference(Estimate(value, value - half, value + half, len(here) + len(there)), p)


def balance(labels: Sequence[str], counts: Sequence[int], positive: str, negative: str) -> Balance:
    """How rows are spread over labels, and their net share."""
    n = int(sum(counts))
    by_label = dict(zip(labels, map(int, counts), strict=True))
    shares = tuple(share_of(label, count, n) for label, count in by_label.items())
    return Balance(shares, net(by_label[positive], by_label[negative], n))


def corrected(p: Sequence[float]) -> list[float]:
    """Probabilities corrected for their number, so that of what is below 0.05 about 1 in 20 is chance.

    Benjamini and Hochberg (1995).
    """
    if not p:
        return []
    from scipy import stats

    return [float(q) for q in stats.false_discovery_control(p)]


def _two_sided(z: float) -> float:
    return float(2 * special.ndtr(-abs(z)))

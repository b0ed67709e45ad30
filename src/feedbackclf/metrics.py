"""Figures of quality, from labels and probabilities; nothing here knows of files or models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Resamples = NDArray[np.float64]
"""How often each of n rows is drawn in each resample, shape (n_resamples, n); the first row is all ones."""


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % bootstrap interval; all NaN if there is nothing to measure."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float | None]:
        """Rounded, and None for NaN, as JSON has none."""
        return {
            name: None if np.isnan(value) else round(float(value), 4)
            for name, value in (("value", self.value), ("low", self.low), ("high", self.high))
        }


def resamples(n: int, n_resamples: int = 1000, seed: int = 0) -> Resamples:
    """Draws of n rows with replacement, as counts."""
    rng = np.random.default_rng(seed)
    counts = np.ones((n_resamples + 1, n))
    if n:
        counts[1:] = rng.multinomial(n, np.full(n, 1 / n), size=n_resamples)
    return counts


def bootstrap(statistic: Callable[[Resamples], NDArray[np.float64]], draws: Resamples) -> Figure:
    """A statistic of weighted rows, and the 2.5 and 97.5 percentiles of its resamples (Efron's percentile method)."""
    values = statistic(draws)
    rest = values[1:][~np.isnan(values[1:])]
    if np.isnan(values[0]) or not len(rest):
        return Figure(float("nan"), float("nan"), float("nan"))
    low, high = np.percentile(rest, [2.5, 97.5])
    return Figure(float(values[0]), float(low), float(high))


def precision_recall_f1(gold: Bools, predicted: Bools, draws: Resamples) -> dict[str, Figure]:
    """Precision, recall and F1 of one label; NaN where its denominator is zero."""
    hits, found, there = gold & predicted, predicted, gold
    tp, n_found, n_there = (draws @ mask.astype(np.float64) for mask in (hits, found, there))
    return {
        "precision": bootstrap(lambda _: _ratio(tp, n_found), draws),
        "recall": bootstrap(lambda _: _ratio(tp, n_there), draws),
        "f1": bootstrap(lambda _: f1_from_counts(tp, n_found, n_there), draws),
    }


def f1(gold: Bools, predicted: Bools) -> float:
    """F1 of one label; NaN if it is neither there nor predicted."""
    value: NDArray[np.float64] = f1_from_counts(*(np.array([np.sum(x)]) for x in (gold & predicted, predicted, gold)))
    return float(value[0])


def f1_from_counts(
    hits: NDArray[np.floating], found: NDArray[np.floating], there: NDArray[np.floating]
) -> NDArray[np.float64]:
    """F1 from the numbers of true positives, predicted positives and positives."""
    return _ratio(2 * hits, found + there)


def accuracy(right: Bools, draws: Resamples) -> Figure:
    """Share of rows that are right."""
    return bootstrap(lambda counts: _ratio(counts @ right.astype(np.float64), counts.sum(axis=1)), draws)


def calibration_error(probability: NDArray[np.floating], right: Bools, n_bins: int = 10) -> float:
    """Expected calibration error over bins of equal width (Naeini et al., 2015); NaN without rows.

    Args:
        probability: that each row is right, shape (n,).
        right: whether it was, shape (n,).
    """
    if not len(right):
        return float("nan")
    bins = np.minimum((probability * n_bins).astype(np.int64), n_bins - 1)
    gap = np.abs(np.bincount(bins, probability - right, minlength=n_bins))
    return float(gap.sum() / len(right))


def best_threshold(probability: NDArray[np.floating], gold: Bools) -> float:
    """The threshold of best F1, the mean of those within a hair of the best, so that one odd row does not decide."""
    candidates = np.round(np.arange(0.05, 0.951, 0.01), 2)
    scores = np.array([np.nan_to_num(f1(gold, probability >= t)) for t in candidates])
    return float(np.round(candidates[scores >= scores.max() - 0.0005].mean(), 4))


def _ratio(numerator: NDArray[np.floating], denominator: NDArray[np.floating]) -> NDArray[np.float64]:
    ratio = np.full(len(denominator), np.nan)
    np.divide(numerator, denominator, out=ratio, where=denominator > 0)
    return ratio

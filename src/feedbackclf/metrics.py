"""Figures of quality, from labels and probabilities; nothing here knows of files or models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Sampling:
    """How intervals are drawn."""

    n_resamples: int = 1000
    seed: int = 0


THOUSAND_RESAMPLES = Sampling()


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


def resampled_counts(outcomes: NDArray[np.integer], n_outcomes: int, sampling: Sampling) -> NDArray[np.float64]:
    """How many rows have each outcome, and how many of as many rows drawn with replacement.

    To draw rows and count their outcomes is to draw the counts, which are multinomial. So the cost does not depend on
    the number of rows.

    Args:
        outcomes: in [0, n_outcomes), shape (n_rows,).

    Returns:
        Shape (n_resamples + 1, n_outcomes); the first row has the counts themselves.
    """
    counts = np.bincount(outcomes, minlength=n_outcomes).astype(np.float64)
    n = len(outcomes)
    shares = counts / n if n else np.full(n_outcomes, 1 / n_outcomes)
    drawn = np.random.default_rng(sampling.seed).multinomial(n, shares, size=sampling.n_resamples)
    return np.vstack([counts, drawn])


def bootstrap(values: NDArray[np.float64]) -> Figure:
    """A figure from its value and those of resamples: their 2.5 and 97.5 percentiles (Efron's percentile method).

    Args:
        values: the figure, then that of each resample; NaN where it has none.
    """
    rest = values[1:][~np.isnan(values[1:])]
    if np.isnan(values[0]) or not len(rest):
        return Figure(float("nan"), float("nan"), float("nan"))
    low, high = np.percentile(rest, [2.5, 97.5])
    return Figure(float(values[0]), float(low), float(high))


def precision_recall_f1(gold: Bools, predicted: Bools, sampling: Sampling) -> dict[str, Figure]:
    """Precision, recall and F1 of one label; NaN where its denominator is zero."""
    _, wrongly, missed, hits = resampled_counts(2 * gold.astype(np.int64) + predicted, 4, sampling).T
    return {
        "precision": bootstrap(_ratio(hits, hits + wrongly)),
        "recall": bootstrap(_ratio(hits, hits + missed)),
        "f1": bootstrap(f1_from_counts(hits, hits + wrongly, hits + missed)),
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


def accuracy(right: Bools, sampling: Sampling) -> Figure:
    """Share of rows that are right; NaN without rows."""
    wrong, hits = resampled_counts(right.astype(np.int64), 2, sampling).T
    return bootstrap(_ratio(hits, wrong + hits))


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


def best_factors(probabilities: NDArray[np.floating], gold: NDArray[np.int64]) -> NDArray[np.float64]:
    """Factors of labels with which the likeliest label, factor considered, gives the best mean F1 over the labels.

    Label by label and three times over, each time the middle of those within a hair of the best.

    Args:
        probabilities: shape (n, n_labels).
        gold: shape (n,).
    """
    logs = np.log(np.maximum(probabilities, 1e-12))
    n_labels = logs.shape[1]
    there = np.bincount(gold, minlength=n_labels).astype(np.float64)
    tries, chosen = np.arange(-1.5, 1.51, 0.05), np.zeros(n_labels)

    def mean_f1(offsets: NDArray[np.float64]) -> float:
        found = (logs + offsets).argmax(axis=1)
        hits, given = (np.bincount(x, minlength=n_labels).astype(np.float64) for x in (gold[found == gold], found))
        return float(np.mean(f1_from_counts(hits, given, there)[there > 0]))

    for label in [*np.flatnonzero(there)] * 3:
        scores = np.array([mean_f1(np.where(np.arange(n_labels) == label, offset, chosen)) for offset in tries])
        chosen[label] = tries[scores >= scores.max() - 0.0005].mean()
    return np.asarray(np.round(np.exp(chosen), 3), np.float64)


def _ratio(numerator: NDArray[np.floating], denominator: NDArray[np.floating]) -> NDArray[np.float64]:
    ratio = np.full(len(denominator), np.nan)
    np.divide(numerator, denominator, out=ratio, where=denominator > 0)
    return ratio

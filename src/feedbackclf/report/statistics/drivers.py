"""What satisfaction goes with: a linear regression on praise and criticism of each dimension."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from feedbackclf.report.feedback import NEGATIVE, POSITIVE, SENTIMENT, Feedback, sentiment_head
from feedbackclf.report.figures import Drivers, Effect, Estimate
from feedbackclf.report.statistics.shares import CONFIDENCE, corrected
from feedbackclf.taxonomy import POLARITIES, Taxonomy

ENOUGH_ROWS = 10
"""That have a remark, and that lack it; and rows beyond the number of effects."""
_SAYS = {POSITIVE: (POSITIVE, "mixed"), NEGATIVE: (NEGATIVE, "mixed")}
_ROUNDING = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Regression:
    """A fit by least squares.

    Attributes:
        coefficients: shape (k,).
        errors: their standard errors, robust against unequal spread: HC3 (MacKinnon and White, 1985), shape (k,).
        r2: share of the variance of the outcome that is explained.
        freedom: rows minus coefficients.
    """

    coefficients: Floats
    errors: Floats
    r2: float
    freedom: int


def drivers(feedback: Feedback, taxonomy: Taxonomy) -> Drivers | None:
    """The drivers of the rating or, if there are too few ratings, of sentiment; None if both say too little."""
    if feedback.rating_column is not None:
        found = _drivers("rating", feedback.rating_column, feedback.rating, feedback, taxonomy)
        if found is not None:
            return found
    head = sentiment_head(taxonomy)
    if head is None:
        return None
    values = np.zeros(len(head.labels) + 1)
    values[[head.labels.index(POSITIVE), head.labels.index(NEGATIVE)]] = 1.0, -1.0
    values[-1] = np.nan  # where there is no label
    return _drivers(SENTIMENT, None, values[feedback.codes[head.name]], feedback, taxonomy)


def _drivers(
    outcome: str, column: str | None, values: NDArray[np.floating], feedback: Feedback, taxonomy: Taxonomy
) -> Drivers | None:
    names = [head.name for head in taxonomy.dimensions]
    has = ~np.isnan(values)
    for name in names:
        has &= feedback.codes[name] >= 0
    y = values[has].astype(np.float64)
    remarks, left_out = [(name, polarity) for name in names for polarity in _SAYS], []
    x = [np.ones(len(y))]
    kept = []
    for name, polarity in remarks:
        labels = [POLARITIES.index(label) for label in _SAYS[polarity]]
        says = np.isin(feedback.codes[name][has], labels).astype(np.float64)
        enough = min(says.sum(), len(says) - says.sum()) >= ENOUGH_ROWS
        if enough and np.linalg.matrix_rank(_products([*x, says])) > len(x):
            x.append(says)
            kept.append((name, polarity))
        else:
            left_out.append(f"{name} {polarity}")
    fit = least_squares(np.column_stack(x), y) if kept and len(y) >= len(x) + ENOUGH_ROWS else None
    if fit is None:
        return None
    p = [float(2 * special.stdtr(fit.freedom, -abs(t))) for t in fit.coefficients / fit.errors]
    q = corrected(p[1:])
    effects = [_effect(remark, x[place], fit, place, p[place], q[place - 1]) for place, remark in enumerate(kept, 1)]
    return Drivers(
        outcome=outcome,
        column=column,
        rows=len(y),
        baseline=_estimate(fit, 0, 1.0, len(y)),
        r2=fit.r2,
        effects=tuple(sorted(effects, key=lambda effect: -abs(effect.impact.value))),
        left_out=tuple(left_out),
    )


def least_squares(x: Floats, y: Floats) -> Regression | None:
    """Fit y, shape (n,), by x, shape (n, k), of full rank; None where y is explained to the last, or never varies."""
    n, k = x.shape
    inverse = np.linalg.inv(x.T @ x)
    coefficients = inverse @ (x.T @ y)
    residuals = y - x @ coefficients
    total = float(((y - y.mean()) ** 2).sum())
    if float(residuals @ residuals) <= _ROUNDING * max(total, _ROUNDING):
        return None
    leverage = np.einsum("ij,jk,ik->i", x, inverse, x, optimize=True)
    alone = leverage > 1 - _ROUNDING  # a row with a coefficient to itself has no residual
    scaled = np.where(alone, 0.0, residuals / np.where(alone, 1.0, 1 - leverage))
    sandwich = inverse @ ((x * (scaled**2)[:, None]).T @ x) @ inverse
    r2 = 1 - float(residuals @ residuals) / total
    errors = np.sqrt(np.maximum(np.diag(sandwich), _ROUNDING**2))
    return Regression(coefficients, errors, r2, n - k)


def _products(columns: list[Floats]) -> Floats:
    """Of each column with each, whose rank is that of the columns."""
    x = np.column_stack(columns)
    return np.asarray(x.T @ x)


def _effect(remark: tuple[str, str], says: Floats, fit: Regression, place: int, p: float, q: float) -> Effect:
    rows = int(says.sum())
    return Effect(
        dimension=remark[0],
        polarity=remark[1],
        rows=rows,
        effect=_estimate(fit, place, 1.0, len(says)),
        impact=_estimate(fit, place, rows / len(says), len(says)),
        p=p,
        q=q,
    )


def _estimate(fit: Regression, place: int, factor: float, n: int) -> Estimate:
    """A coefficient, times a number that is taken as known."""
    value = float(fit.coefficients[place])
    half = float(special.stdtrit(fit.freedom, CONFIDENCE) * fit.errors[place])
    return Estimate(factor * value, factor * (value - half), factor * (value + half), n)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as sklearn_metrics

from feedbackclf.metrics import (
    Figure,
    Sampling,
    accuracy,
    best_factors,
    best_threshold,
    bootstrap,
    calibration_error,
    f1,
    precision_recall_f1,
    resampled_counts,
)

PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40)


def bools(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=bool)


@given(PAIRS)
@settings(max_examples=60, deadline=None)
def test_precision_recall_f1_are_sklearns(pairs: list[tuple[bool, bool]]) -> None:
    gold, predicted = np.array(pairs).T
    figures = precision_recall_f1(gold, predicted, Sampling(20))
    expected = sklearn_metrics.precision_recall_fscore_support(
        gold, predicted, average="binary", pos_label=True, zero_division=np.nan
    )
    for name, value in zip(("precision", "recall", "f1"), expected, strict=False):
        np.testing.assert_allclose(figures[name].value, value)
    np.testing.assert_allclose(f1(gold, predicted), expected[2])


@given(PAIRS.filter(lambda pairs: len(pairs) >= 5))
@settings(max_examples=40, deadline=None)
def test_interval_contains_the_figure(pairs: list[tuple[bool, bool]]) -> None:
    gold, predicted = np.array(pairs).T
    figure = accuracy(gold == predicted, Sampling(400))
    assert figure.low <= figure.value <= figure.high
    assert figure.value == pytest.approx(sklearn_metrics.accuracy_score(gold, predicted))


def test_interval_is_about_the_binomial_one() -> None:
    figure = accuracy(bools([1] * 80 + [0] * 20), Sampling(2000))
    assert figure.value == 0.8
    assert figure.low == pytest.approx(0.8 - 1.96 * 0.04, abs=0.02)
    assert figure.high == pytest.approx(0.8 + 1.96 * 0.04, abs=0.02)


def test_counts_are_resampled_as_rows_would_be() -> None:
    outcomes = np.repeat([0, 1, 3], [50, 30, 20])
    counts = resampled_counts(outcomes, 4, Sampling(4000, seed=3))
    assert counts[0].tolist() == [50, 30, 0, 20]
    assert (counts.sum(axis=1) == 100).all()
    rng = np.random.default_rng(0)
    by_rows = np.array([np.bincount(rng.choice(outcomes, 100), minlength=4) for _ in range(4000)])
    np.testing.assert_allclose(counts[1:].mean(axis=0), by_rows.mean(axis=0), atol=0.5)
    np.testing.assert_allclose(counts[1:].std(axis=0), by_rows.std(axis=0), atol=0.5)
    np.testing.assert_array_equal(counts, resampled_counts(outcomes, 4, Sampling(4000, seed=3)))
    assert (counts != resampled_counts(outcomes, 4, Sampling(4000, seed=4))).any()


def test_nothing_to_measure_is_nan_and_null_in_json() -> None:
    nothing = precision_recall_f1(bools([0, 0]), bools([0, 0]), Sampling(10))["f1"]
    assert np.isnan([nothing.value, nothing.low, nothing.high]).all()
    assert nothing.to_dict() == {"value": None, "low": None, "high": None}
    assert np.isnan(accuracy(bools([]), Sampling(10)).value)
    assert Figure(1 / 3, 0.25, 0.5).to_dict() == {"value": 0.3333, "low": 0.25, "high": 0.5}


def test_bootstrap_leaves_out_resamples_without_a_figure() -> None:
    values = np.array([0.5, np.nan, *np.linspace(0, 1, 101)])
    assert bootstrap(values).to_dict() == {"value": 0.5, "low": 0.025, "high": 0.975}


def test_calibration_error_by_hand() -> None:
    # Two bins: 0.95 said, 1/2 right (gap 0.45, two rows); 0.25 said, 1/4 right (no gap, four rows).
    probability = np.array([0.95, 0.95, 0.25, 0.25, 0.25, 0.25])
    assert calibration_error(probability, bools([1, 0, 1, 0, 0, 0])) == pytest.approx(0.45 * 2 / 6)
    assert calibration_error(np.array([1.0, 0.0]), bools([1, 0])) == 0
    assert calibration_error(np.array([1.0, 0.0]), bools([0, 1])) == 1
    assert np.isnan(calibration_error(np.array([]), bools([])))


def test_best_threshold_parts_the_classes() -> None:
    gold = bools([0, 0, 0, 1, 1])
    threshold = best_threshold(np.array([0.1, 0.2, 0.3, 0.6, 0.9]), gold)
    assert 0.3 < threshold <= 0.6


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_best_threshold_is_a_threshold(rows: list[tuple[float, bool]]) -> None:
    probability = np.array([p for p, _ in rows])
    assert 0.05 <= best_threshold(probability, bools([g for _, g in rows])) <= 0.95


def test_best_threshold_of_a_rare_label_is_low() -> None:
    rng = np.random.default_rng(0)
    probability = rng.beta(1, 8, 4000)
    gold = rng.random(4000) < probability
    chosen = best_threshold(probability, gold)
    assert chosen < 0.4
    assert f1(gold, probability >= chosen) > f1(gold, probability >= 0.5)


def test_best_factors_help_a_rare_label() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(6000, 3)) + np.log([0.8, 0.17, 0.03])
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    gold = (p.cumsum(axis=1) > rng.random((6000, 1))).argmax(axis=1)

    def mean_f1(factors: NDArray[np.float64], rows: slice) -> float:
        found = (p[rows] * factors).argmax(axis=1)
        return float(np.mean([f1(gold[rows] == label, found == label) for label in range(3)]))

    factors = best_factors(p[:3000], gold[:3000])
    assert factors[2] > factors[0]
    assert mean_f1(factors, slice(3000, None)) > mean_f1(np.ones(3), slice(3000, None)) + 0.02


def test_best_factors_of_labels_that_are_always_right_are_alike() -> None:
    gold = np.array([0, 1, 1, 3])
    factors = best_factors(np.eye(4)[gold], gold)
    assert np.allclose(factors, 1, atol=0.05)

"""Intervals and suppression, whatever the counts are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from feedbackclf.report.statistics.breakdowns import breakdowns
from feedbackclf.report.statistics.drivers import least_squares
from feedbackclf.report.statistics.shares import (
    corrected,
    mean,
    mean_difference,
    net,
    net_difference,
    share_difference,
    wilson,
)
from feedbackclf.report.statistics.suppression import shown
from feedbackclf.taxonomy import default_taxonomy
from tests.report.tagged import tagged_rows, write_csv

COUNTS = st.integers(0, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
THREE = st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(0, 900)).map(lambda x: (x[0], x[1], sum(x)))


@given(COUNTS)
def test_the_interval_of_a_share_holds_it_and_is_one_of_shares(counts: tuple[int, int]) -> None:
    found = wilson(*counts)
    if counts[1] == 0:
        assert (found.value, found.low, found.high) == (0, None, None)
    else:
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.low < found.high


@given(THREE)
def test_the_interval_of_a_net_share_holds_it_and_is_never_a_point(counts: tuple[int, int, int]) -> None:
    found = net(*counts)
    if counts[2] == 0:
        assert found is None
    else:
        assert -1 <= found.low <= found.value <= found.high <= 1
        assert found.low < found.high
        mirrored = net(counts[1], counts[0], counts[2])
        assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low))


@given(THREE, THREE)
def test_a_difference_turns_around_with_its_samples(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    there, back = net_difference(one, other), net_difference(other, one)
    if not one[2] or not other[2]:
        assert there is back is None
    else:
        assert there.estimate.value == pytest.approx(-back.estimate.value)
        assert there.p == pytest.approx(back.p)
        assert 0 <= there.p <= 1
        # The test and the interval say the same.
        assert (there.p < 0.05) == (not there.estimate.low <= 0 <= there.estimate.high)


@given(COUNTS, COUNTS)
def test_the_interval_of_a_difference_of_shares_holds_it(one: tuple[int, int], other: tuple[int, int]) -> None:
    found = share_difference(one, other)
    if found is not None:
        assert -1 <= found.estimate.low <= found.estimate.value <= found.estimate.high <= 1
        assert 0 <= found.p <= 1


@given(st.lists(st.integers(0, 60), max_size=12), st.integers(0, 60), st.integers(1, 30))
def test_no_small_part_is_shown_or_can_be_found_by_subtraction(sizes: list[int], rest: int, min_group: int) -> None:
    visible = shown(np.array(sizes, np.int64), rest, min_group)
    assert all(size >= min_group for size, is_shown in zip(sizes, visible, strict=True) if is_shown)
    hidden = [size for size, is_shown in zip(sizes, visible, strict=True) if not is_shown and size]
    if visible.any() and hidden:
        assert sum(hidden) + rest >= min_group
        assert len(hidden) + (rest > 0) >= 2
    if visible.any():
        assert max(hidden, default=0) <= min(size for size, is_shown in zip(sizes, visible, strict=True) if is_shown)


@given(st.lists(st.integers(0, 60), max_size=12), st.integers(0, 60), st.integers(1, 30))
def test_no_more_is_hidden_than_has_to_be(sizes: list[int], rest: int, min_group: int) -> None:
    visible = shown(np.array(sizes, np.int64), rest, min_group)
    hidden = sorted(size for size, is_shown in zip(sizes, visible, strict=True) if not is_shown and size)
    if all(size >= min_group for size in sizes if size):
        assert not hidden
    elif hidden[-1] >= min_group:  # the last that was hidden for the sake of others
        less = hidden[:-1]
        assert sum(less) + rest < min_group or len(less) + (rest > 0) < 2


def test_a_single_small_group_takes_the_next_along() -> None:
    assert shown(np.array([50, 30, 5]), 0, 20).tolist() == [True, False, False]
    assert shown(np.array([50, 30, 5]), 40, 20).tolist() == [True, True, False]
    assert shown(np.array([50, 30, 5, 5]), 0, 20).tolist() == [True, False, False, False]
    assert shown(np.array([50, 30, 15, 5]), 0, 20).tolist() == [True, True, False, False]
    assert shown(np.array([50, 30]), 3, 20).tolist() == [True, True]
    assert shown(np.array([50, 5]), 0, 20).tolist() == [False, False]


def test_two_groups_and_two_labels_are_tested_without_a_correction(read, tmp_path: Path) -> None:
    rows = [row for row in tagged_rows(200, seed=35) if row["sentiment"] in ("positive", "negative") and row["shop"]]
    rows = [{**row, "shop": row["shop"] if row["shop"] == "Aarhus" else "Breda"} for row in rows]
    feedback = read(write_csv(tmp_path / "tagged.csv", rows), group_by=("shop",))
    (found,) = breakdowns(feedback, default_taxonomy(), 20)
    table = [
        [sum(r["shop"] == s and r["sentiment"] == x for r in rows) for x in ("positive", "negative")]
        for s in ("Aarhus", "Breda")
    ]
    assert found.p == pytest.approx(
        sm.stats.Table(np.array(table), shift_zeros=False).test_nominal_association().pvalue
    )
    # Of two groups, each is all the others of the other.
    assert found.groups[0].difference.value == pytest.approx(-found.groups[1].difference.value)


def test_where_nothing_varies_there_is_no_interval() -> None:
    same = np.full(9, 5, np.float32)
    assert (mean(same).value, mean(same).low, mean(same).n) == (5, None, 9)
    assert mean(np.full(3, np.nan, np.float32)) is None
    assert mean_difference(same, same) is None
    assert share_difference((0, 40), (0, 60)).p == 1
    assert corrected([]) == []


def test_a_regression_that_explains_everything_says_nothing() -> None:
    x = np.column_stack([np.ones(30), np.arange(30) % 2]).astype(float)
    assert least_squares(x, 2 + 3 * x[:, 1]) is None
    assert least_squares(x, np.full(30, 4.0)) is None

"""Reports of little: no stars, no dates, no sentiment, one row, no row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from feedbackclf.report.compute import compute
from feedbackclf.report.figures import Figures
from feedbackclf.report.pages.report_page import render
from feedbackclf.report.statistics.trends import first_days, period_numbers
from feedbackclf.taxonomy import POLARITIES, Head, Taxonomy, default_taxonomy
from tests.report.tagged import tagged_rows, write_csv


@pytest.fixture
def figures(read, tmp_path: Path):
    """Figures of rows, which have to be JSON without NaN."""

    def call(rows: list[dict[str, Any]], taxonomy: Taxonomy | None = None, min_group: int = 20) -> Figures:
        taxonomy = taxonomy or default_taxonomy()
        feedback = read(write_csv(tmp_path / "tagged.csv", rows), taxonomy=taxonomy)
        found = compute(feedback, taxonomy, title="", made="2026-01-01", model="m", min_group=min_group)
        json.dumps(found.to_dict(), allow_nan=False)
        return found

    return call


def without(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


def test_without_stars_sentiment_is_what_is_explained(figures) -> None:
    found = figures(without(tagged_rows(300, seed=20), "stars", "date", "shop", "channel"))
    assert (found.rating, found.ratings, found.trends, found.dates) == (None, (), None, None)
    assert (found.drivers.outcome, found.drivers.column) == ("sentiment", None)
    assert [breakdown.column for breakdown in found.breakdowns] == ["language"]


def test_a_taxonomy_without_sentiment(figures) -> None:
    tone = Head("tone", ("good", "bad"), "choice", confidence=False)
    taxonomy = Taxonomy("ours", ("nl", "en"), (tone, Head("price"), Head("food")))
    found = figures(tagged_rows(400, 21, taxonomy), taxonomy)
    assert found.sentiment is None
    assert "</html>" in render(found)
    assert [label.net for choice in found.choices for label in choice.labels] == [None, None]
    assert [unsure.head for unsure in found.unsure] == ["price", "food"]
    assert found.drivers.outcome == "rating"
    assert all(period.net is None and period.rows >= 20 for period in found.trends.periods)
    assert found.trends.slope is None
    for breakdown in found.breakdowns:
        assert (breakdown.p, breakdown.q) == (None, None)
        assert all(group.difference is None and not group.differs for group in breakdown.groups)
    assert figures(without(tagged_rows(400, 21, taxonomy), "stars"), taxonomy).drivers is None


def test_one_row(figures) -> None:
    found = figures(tagged_rows(2, seed=22)[1:])
    assert found.source.rows == 1
    assert "</html>" in render(found)
    assert found.sentiment.net.n == 1
    assert (found.rating.low, found.rating.n) == (None, 1)
    assert (found.drivers, found.trends, found.breakdowns) == (None, None, ())


def test_no_row_says_anything(figures) -> None:
    empty = [row for row in tagged_rows(800, seed=23) if row["text"] == ""]
    found = figures(without(empty, "stars", "date"))
    assert found.source.rows == found.source.empty == len(empty) > 20
    assert found.languages == ()
    assert "</html>" in render(found)
    assert found.sentiment.net is None
    assert {share.share.n for share in found.sentiment.shares} == {0}
    assert (found.drivers, found.trends, found.breakdowns) == (None, None, ())


def test_a_header_and_no_row(figures, tmp_path: Path, read) -> None:
    source = write_csv(tmp_path / "tagged.csv", tagged_rows(1))
    source.write_text(source.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    found = compute(read(source), default_taxonomy(), title="", made="2026-01-01", model="m", min_group=20)
    assert (found.source.rows, found.rating, found.drivers, found.breakdowns) == (0, None, None, ())


def test_remarks_that_say_the_same_or_too_little_are_left_out(figures) -> None:
    rows = tagged_rows(300, seed=24)
    for number, row in enumerate(rows):
        row["quality"] = row["speed"]  # praise of one is praise of the other
        if number > 5 and row["greeting"] is not None:
            row["greeting"] = "none"
    found = figures(rows).drivers
    assert set(found.left_out) == {"quality positive", "quality negative", "greeting positive", "greeting negative"}
    assert {effect.dimension for effect in found.effects} == {"speed", "resolution", "gratitude"}
    assert all(np.isfinite([effect.effect.low, effect.effect.high, effect.p]).all() for effect in found.effects)


def test_small_groups_are_counted_and_never_shown(figures) -> None:
    rows = [row for row in tagged_rows(500, seed=25) if row["text"]]
    sizes = {"Aarhus": 100, "Breda": 60, "Cork": 30, "Dalby": 7}
    shops = [shop for shop, n in sizes.items() for _ in range(n)]
    rows = [{**row, "shop": shop} for row, shop in zip(rows, shops, strict=False)]
    found = {breakdown.column: breakdown for breakdown in figures(rows).breakdowns}["shop"]
    # Cork is large enough, but without it Dalby would be all that is not shown.
    assert [group.part.name for group in found.groups] == ["Aarhus", "Breda"]
    assert (found.small_groups, found.small_rows, found.missing) == (2, 37, 0)
    text = json.dumps(figures(rows).to_dict())
    assert "Aarhus" in text
    assert "Dalby" not in text
    assert "Cork" not in text


def test_a_column_whose_groups_are_all_small_is_named_in_a_note(figures) -> None:
    found = figures(tagged_rows(60, seed=26), min_group=50)
    assert found.breakdowns == ()
    assert "not broken down, as no group has 50 rows: 'language', 'shop', 'channel'" in found.notes
    assert "no trend: there are no two periods with 50 rows" in found.notes


@pytest.mark.parametrize(
    ("days", "unit"), [(6, "day"), (39, "day"), (45, "week"), (275, "week"), (400, "month"), (1300, "quarter")]
)
def test_the_unit_gives_about_6_to_40_periods(figures, days: int, unit: str) -> None:
    first = np.datetime64("2020-01-01")
    rows = [{**row, "date": str(first + n * days // 3000)} for n, row in enumerate(tagged_rows(3000, seed=27))]
    found = figures(rows, min_group=5).trends
    assert found.unit == unit
    assert 6 <= len(found.periods) <= 40


def test_a_wrong_date_does_not_change_the_unit(figures) -> None:
    rows = [{**row, "date": f"2026-03-{1 + n % 28:02}"} for n, row in enumerate(tagged_rows(1200, seed=28))]
    rows[0]["date"] = rows[1]["date"] = "1970-01-01"
    found = figures(rows).trends
    assert (found.unit, found.left_out) == ("day", 2)  # and one more, lest those of 1970 could be found


@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year"])
def test_periods_begin_with_their_first_day_and_have_no_gaps(unit: str) -> None:
    dates = np.arange(np.datetime64("1969-11-20"), np.datetime64("2004-03-10"))
    numbers = period_numbers(dates, unit)
    assert set(np.diff(numbers).tolist()) <= {0, 1}
    firsts = first_days(np.unique(numbers), unit)
    begins = dates[1:][np.diff(numbers) == 1]
    np.testing.assert_array_equal(firsts[1:], begins)
    if unit == "week":
        assert {day.weekday() for day in firsts.tolist()} == {0}


def test_unsure_is_what_lies_around_a_toss_up(figures) -> None:
    rows = without(tagged_rows(60, seed=29), "stars", "date", "shop", "channel")
    said = [row for row in rows if row["text"]]
    cells: Sequence[float] = (0.3499, 0.35, 0.5, 0.65, 0.6501, 1.0)
    for row in said:
        row.update(speed_confidence=0.9, sentiment_confidence=0.6)
    for row, cell in zip(said, cells, strict=False):
        row["speed_confidence"] = cell
    said[0]["sentiment_confidence"] = 0.5999
    found = {unsure.head: unsure.unsure for unsure in figures(rows).unsure}
    assert (found["speed"].count, found["speed"].share.n) == (3, len(said))
    assert found["sentiment"].count == 1
    assert POLARITIES[3] == "none"

"""What is read from files: dates, stars, groups, labels, and what is wrong with them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feedbackclf.errors import FeedbackError
from feedbackclf.report.reading.days import days
from feedbackclf.taxonomy import default_taxonomy
from tests.report.tagged import tagged_rows, write_csv


def day_first(*cells: str | None) -> list[str]:
    return [str(day) for day in days(pa.array(cells, pa.string()))[0]]


def with_column(tmp_path: Path, name: str, cells: list[object], **others: list[object]) -> Path:
    """A tagged file with that column, and without other dates, stars and groups."""
    rows = tagged_rows(len(cells), seed=8)
    for place, row in enumerate(rows):
        for gone in ("date", "stars", "shop", "channel"):
            del row[gone]
        row[name] = cells[place]
        row.update({other: values[place] for other, values in others.items()})
    return write_csv(tmp_path / "tagged.csv", rows)


@pytest.mark.parametrize(
    "cell",
    [
        *("2026-12-31", "2026/12/31", "2026.12.31", "20261231", " 2026-12-31 ", "2026-12-31T23:59:59Z"),
        *("2026-12-31 00:30:00+02:00", "2026-12-31T09:00", "31-12-2026", "31/12/2026", "31.12.2026", "31/12/26"),
        *("31-12-2026 14:05", "31.12.2026, 14:05", "1798675200", "1798675200000", "1798675200.5"),
    ],
)
def test_a_date_is_understood_however_it_is_written(cell: str) -> None:
    assert day_first(cell) == ["2026-12-31"]


@pytest.mark.parametrize("cell", ["", None, "31-13-2026", "30-02-2026", "2026-02-29", "0000-01-01", "soon", "1-2-3"])
def test_what_is_no_date_is_none(cell: str | None) -> None:
    assert day_first(cell, "2024-02-29") == ["NaT", "2024-02-29"]


def test_days_of_typed_columns() -> None:
    from datetime import UTC, date, datetime, timedelta, timezone

    plain = pa.array([date(2026, 3, 1), None])
    assert [str(x) for x in days(plain)[0]] == ["2026-03-01", "NaT"]
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert [str(x) for x in days(pa.array([late.replace(tzinfo=None)], pa.timestamp("us")))[0]] == ["2026-03-01"]
    there = pa.array([late.astimezone(timezone(timedelta(hours=2)))], pa.timestamp("ms", tz="+02:00"))
    assert [str(x) for x in days(there)[0]] == ["2026-03-02"]
    assert [str(x) for x in days(pa.array([1_798_675_200], pa.int64()))[0]] == ["2026-12-31"]


def test_a_whole_column_tells_whether_days_come_first(tmp_path: Path, read) -> None:
    open_question = "dates in 'date' were read day first; nothing in the column tells"
    american = read(with_column(tmp_path, "date", ["03/04/2026"] * 10 + ["12/31/2026"]))
    assert (str(american.date[0]), str(american.date[-1])) == ("2026-03-04", "2026-12-31")
    assert open_question not in american.notes
    european = read(with_column(tmp_path, "date", ["03/04/2026"] * 10 + ["31/12/2026"]))
    assert (str(european.date[0]), str(european.date[-1])) == ("2026-04-03", "2026-12-31")
    assert open_question not in european.notes
    either = read(with_column(tmp_path, "date", ["03/04/2026"] * 10))
    assert str(either.date[0]) == "2026-04-03"
    assert open_question in either.notes


@pytest.mark.parametrize("name", ["Sterren", "star_rating", "BETYG", "score", "Cijfer", "review-rating", "Stjerner"])
def test_stars_are_found_by_name(tmp_path: Path, read, name: str) -> None:
    found = read(with_column(tmp_path, name, ["1", "4,5", "3.0", "", " 5 "] * 4))
    assert found.rating_column == name
    np.testing.assert_array_equal(found.rating[:5], np.array([1, 4.5, 3, np.nan, 5], np.float32))
    assert found.groups.keys() == {"language"}


def test_what_is_not_from_1_to_5_is_no_rating_unless_it_is_said_to_be(tmp_path: Path, read) -> None:
    source = with_column(tmp_path, "score", ["10", "7", "n/a", "", "8,5"] * 4)
    found = read(source)
    assert found.rating_column is None
    assert any("--rating-column" in note for note in found.notes)
    given = read(source, rating="score")
    np.testing.assert_array_equal(given.rating[:5], np.array([10, 7, np.nan, np.nan, 8.5], np.float32))
    assert "4 cells of 'score' are no numbers and count as empty" in given.notes


@pytest.mark.parametrize("name", ["Datum", "dato", "created_at", "Timestamp", "review date", "Datum bezoek"])
def test_dates_are_found_by_name_and_by_being_dates(tmp_path: Path, read, name: str) -> None:
    found = read(with_column(tmp_path, name, ["2026-05-01", "2026-05-02", "", "2026-05-01"] * 3))
    assert found.date_column == name
    assert np.isnat(found.date).sum() == 3
    assert found.groups.keys() == {"language"}
    assert read(with_column(tmp_path, name, ["morning", "evening"] * 5)).date_column is None


def test_columns_with_few_values_are_groups_and_others_are_not(tmp_path: Path, read) -> None:
    n = 60
    source = with_column(
        tmp_path,
        "shop",
        ["Aarhus", "", " Breda"] * 20,
        customer_id=["a", "b"] * 30,
        **{"speed_evidence": ["slow", "fast"] * 30, "action": ["call", ""] * 30, "unsure": ["speed", ""] * 30},
        ticket=[f"t{number}" for number in range(n)],
        brand=["one"] * n,
        title=["x" * 101, "y"] * 30,
    )
    found = read(source)
    assert found.groups.keys() == {"language", "shop"}
    assert found.groups["shop"].values == ("Aarhus", "Breda")
    assert found.groups["shop"].codes[:3].tolist() == [0, -1, 1]
    assert read(source, group_by=("ticket",)).groups["ticket"].codes.tolist() == list(range(n))


def test_no_more_columns_are_broken_down_than_can_be_looked_at(tmp_path: Path, read) -> None:
    columns = {f"c{number}": ["x", "y"] * 30 for number in range(14)}
    found = read(with_column(tmp_path, "shop", ["a", "b"] * 30, **columns))
    assert list(found.groups) == ["language", "shop", *(f"c{number}" for number in range(11))]
    assert "not broken down: 'c11', 'c12', 'c13'; choose columns with --group-by" in found.notes


def test_a_row_takes_less_than_100_bytes(tmp_path: Path, read) -> None:
    n = 2000
    columns = {f"c{number}": ["x", "y"] * (n // 2) for number in range(14)}
    found = read(with_column(tmp_path, "date", ["2026-01-01", "2026-01-02"] * (n // 2), **columns))
    arrays = [found.source, found.row, found.has_text, found.language, found.rating, found.date]
    arrays += [*found.codes.values(), *found.confidence.values(), *(x.codes for x in found.groups.values())]
    assert sum(array.nbytes for array in arrays) < 100 * n


def test_not_a_number_is_no_value(tmp_path: Path, read) -> None:
    rows = [{**row, "size": [1.5, 2.0, math.nan, None][n % 4]} for n, row in enumerate(tagged_rows(40, seed=14))]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "tagged.parquet")
    found = read(tmp_path / "tagged.parquet").groups["size"]
    assert found.values == ("1.5", "2")
    assert found.codes[:4].tolist() == [0, 1, -1, -1]


def test_several_files_are_a_breakdown(tmp_path: Path, read) -> None:
    one, two = (write_csv(tmp_path / name, tagged_rows(n, seed=9)) for name, n in (("a.csv", 40), ("b.csv", 30)))
    found = read(one, two)
    assert found.sources == found.groups["file"].values == ("a.csv", "b.csv")
    (tmp_path / "more").mkdir()
    namesake = write_csv(tmp_path / "more" / "a.csv", tagged_rows(5, seed=9))
    assert read(one, namesake).sources == (str(one), str(namesake))
    assert np.bincount(found.source).tolist() == [40, 30]
    assert found.row.tolist() == [*range(1, 41), *range(1, 31)]


def test_rows_have_the_numbers_that_a_user_finds(tmp_path: Path, read) -> None:
    lines = write_csv(tmp_path / "tagged.csv", tagged_rows(6, seed=10)).read_text(encoding="utf-8").splitlines()
    lines[3] += ",one,cell,too,many"  # row 3
    source = tmp_path / "tagged.csv"
    source.write_text("\n".join(lines), encoding="utf-8")
    seen = []
    found = read(source, see=seen.append)
    assert found.row.tolist() == [1, 2, 4, 5, 6]
    texts = [text for batch in seen for text in batch.texts.to_pylist()]
    assert texts == [row["text"] for row in tagged_rows(6, seed=10) if row["id"] != "r3"]
    for batch in seen:
        rows = slice(batch.first, batch.first + len(batch.texts))
        np.testing.assert_array_equal(batch.codes["issue"], found.codes["issue"][rows])
        np.testing.assert_array_equal(batch.confidence["speed"], found.confidence["speed"][rows])
    assert sum(len(batch.texts) for batch in seen) == len(found) == 5


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        ("sentiment", "splendid words of a customer", "is none of the labels positive, negative, neutral, mixed"),
        ("language", "fr", "is none of the labels nl, da, sv, en, und"),
        ("speed_confidence", "splendid words of a customer", "is no probability"),
        ("speed_confidence", "1.2", "is no probability"),
    ],
)
def test_an_unknown_label_is_named_by_its_place_and_not_quoted(tmp_path: Path, read, column, cell, problem) -> None:
    rows = tagged_rows(5, seed=11)
    rows[3][column] = cell
    source = write_csv(tmp_path / "tagged.csv", rows)
    lines = source.read_text(encoding="utf-8").replace("\nr2,", f"\nr2{',' * 40}")  # a row that is rejected
    source.write_text(lines, encoding="utf-8")
    with pytest.raises(FeedbackError) as error:
        read(source)
    assert str(error.value).startswith(f"{source}, row 4, column '{column}': {problem}")
    assert "splendid" not in str(error.value)


def test_columns_of_jsonl_may_turn_up_late(tmp_path: Path, read) -> None:
    rows = [dict(row) for row in tagged_rows(8300, seed=12)]  # more than a batch
    for row in rows[:8250]:
        del row["shop"]
    source = tmp_path / "tagged.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = read(source)
    codes = found.groups["shop"].codes
    assert (codes[:8250] == -1).all()
    values = [found.groups["shop"].values[code] if code >= 0 else None for code in codes[8250:]]
    assert values == [row["shop"] for row in rows[8250:]]


def test_labels_of_parquet_may_be_dictionaries(tmp_path: Path, read) -> None:
    rows = tagged_rows(50, seed=13)
    table = pa.Table.from_pylist(rows)
    place = table.schema.get_field_index("issue")
    table = table.set_column(place, "issue", table["issue"].dictionary_encode())
    pq.write_table(table, tmp_path / "tagged.parquet")
    labels = default_taxonomy().head("issue").labels
    found = read(tmp_path / "tagged.parquet").codes["issue"]
    assert [labels[code] if code >= 0 else None for code in found] == [row["issue"] for row in rows]

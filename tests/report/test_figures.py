"""Every number of the JSON is the one that another way gives: SQL and statistical libraries on the same file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from feedbackclf import __version__
from feedbackclf.report.compute import compute
from feedbackclf.tables import open_reader, open_writer
from feedbackclf.taxonomy import default_taxonomy
from tests.report.oracle import Oracle
from tests.report.tagged import tagged_rows, write_csv


def differences(found: Any, expected: Any, at: str = "") -> list[str]:
    """Where two trees differ; every leaf has to be there in both."""
    if isinstance(expected, dict) and isinstance(found, dict):
        odd = [f"{at}.{key}: only in one" for key in found.keys() ^ expected.keys()]
        both = found.keys() & expected.keys()
        return odd + [x for key in both for x in differences(found[key], expected[key], f"{at}.{key}")]
    if isinstance(expected, list) and isinstance(found, list):
        if len(found) != len(expected):
            return [f"{at}: {len(found)} of {len(expected)}"]
        pairs = enumerate(zip(found, expected, strict=True))
        return [x for place, (a, b) in pairs for x in differences(a, b, f"{at}[{place}]")]
    if isinstance(expected, float) and isinstance(found, float | int) and not isinstance(found, bool):
        same = math.isclose(found, expected, rel_tol=1e-6, abs_tol=1e-9)
    else:
        same = type(found) is type(expected) and found == expected
    return [] if same else [f"{at}: {found!r}, and not {expected!r}"]


@pytest.mark.parametrize(("n", "min_group", "unit"), [(600, 20, "month"), (900, 5, "week"), (400, 45, "quarter")])
def test_every_figure_is_what_another_way_gives(figures_of, tmp_path: Path, n: int, min_group: int, unit: str) -> None:
    source = write_csv(tmp_path / "tagged.csv", tagged_rows(n, seed=n))
    found = figures_of(source, "--min-group", min_group, "--title", "Ours")
    expected = Oracle(source, default_taxonomy(), min_group, unit).figures()
    expected["source"]["name"] = "tagged.csv"
    assert found.pop("made")[:2] == "20"
    known = {"title": "Ours", "version": __version__, "model": "default", "min_group": min_group}
    nothing = {"quotes": [], "comparison": None}
    wrong = differences(found, {**expected, **known, **nothing})
    assert not wrong, "\n".join(wrong)


def test_every_change_is_what_another_way_gives(figures_of, tmp_path: Path) -> None:
    before = write_csv(tmp_path / "before.csv", tagged_rows(500, seed=1))
    worse = [row for row in tagged_rows(900, seed=2) if row["sentiment"] != "positive" or row["id"] > "r5"]
    after = write_csv(tmp_path / "after.csv", worse)
    found = figures_of(before, after)
    old, new = (Oracle(path, default_taxonomy(), 20, "month") for path in (before, after))
    sources = {key: x.figures()["source"] for key, x in (("before", old), ("after", new))}
    for key in sources:
        sources[key]["name"] = f"{key}.csv"
    wrong = differences(found["comparison"], {**sources, "changes": new.compared_with(old)})
    assert not wrong, "\n".join(wrong)
    assert {True, False} == {change["differs"] for change in found["comparison"]["changes"]}
    alone = figures_of(after)
    assert differences({**found, "comparison": None}, alone) == []  # everything else is of the second


def test_all_formats_give_the_same_figures(figures_of, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "tagged.csv", tagged_rows(300, seed=3))
    typed = pa_csv.read_csv(source, convert_options=pa_csv.ConvertOptions(strings_can_be_null=True))
    assert {pa.types.is_floating(typed["speed_confidence"].type), pa.types.is_date(typed["date"].type)} == {True}
    pq.write_table(typed, tmp_path / "tagged.parquet")
    for name in ("tagged.jsonl", "tagged.tsv"):
        with open_reader(str(tmp_path / "tagged.parquet")) as reader, open_writer(str(tmp_path / name)) as writer:
            for batch in reader:
                writer.write(batch)
    expected = figures_of(source)
    for name in ("tagged.parquet", "tagged.jsonl", "tagged.tsv"):
        found = figures_of(tmp_path / name)
        assert found["source"].pop("name") == name
        assert differences(found, {**expected, "source": {**found["source"]}}) == []


def test_a_workbook_gives_the_same_figures(figures_of, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    rows = tagged_rows(120, seed=4)
    book = openpyxl.Workbook()
    for cells in ([*rows[0]], *(list(row.values()) for row in rows)):
        book.active.append(cells)
    book.save(tmp_path / "tagged.xlsx")
    found, expected = figures_of(tmp_path / "tagged.xlsx"), figures_of(write_csv(tmp_path / "tagged.csv", rows))
    assert differences({**found, "source": None}, {**expected, "source": None}) == []


def test_a_raw_dump_gives_the_figures_of_the_tagged_one(run, figures_of, tmp_path: Path) -> None:
    rows = [{name: row[name] for name in ("text", "stars", "date", "shop")} for row in tagged_rows(250, seed=5)]
    raw = write_csv(tmp_path / "dump.csv", rows)
    (tmp_path / "tagged").mkdir()
    assert run("predict", raw, "-o", tmp_path / "tagged" / "dump.csv")[0] == 0
    assert run("predict", raw, "-o", tmp_path / "pred.csv", "--prefix", "pred_")[0] == 0
    expected = figures_of(raw)
    assert expected["source"] == {"name": "dump.csv", "rows": 250, "empty": sum(row["text"] == "" for row in rows)}
    assert differences(figures_of(tmp_path / "tagged" / "dump.csv"), expected) == []
    assert differences(figures_of(raw, "--jobs", 2), expected) == []
    found = figures_of(tmp_path / "pred.csv", "--prefix", "pred_")
    assert found["breakdowns"][0].pop("column") == "pred_language"
    assert expected["breakdowns"][0].pop("column") == "language"
    assert differences({**found, "source": None}, {**expected, "source": None}) == []


class EveryOther:
    """Rules that look at the level, and at the language."""

    actions = ("call", "thank")

    def choose(self, taxonomy, codes):
        chosen = codes["level"].astype("int64") % 3 - 1
        chosen[codes["language"] == taxonomy.languages.index("sv")] = -1
        return chosen


def test_actions_are_counted_by_label(read, tmp_path: Path) -> None:
    rows = tagged_rows(200, seed=6)
    feedback = read(write_csv(tmp_path / "tagged.csv", rows))
    options = {"title": "", "made": "2026-01-01", "model": "m", "min_group": 20}
    figures = compute(feedback, default_taxonomy(), **options, rules=EveryOther())
    (issue,) = [choice for choice in figures.choices if choice.name == "issue"]
    levels = default_taxonomy().head("level").labels
    for label in issue.labels:
        of_label = [
            -1 if row["language"] == "sv" else levels.index(row["level"]) % 3 - 1
            for row in rows
            if row["issue"] == label.label
        ]
        expected = {("call", "thank")[n]: of_label.count(n) for n in {*of_label} - {-1}}
        assert {action.label: action.count for action in label.actions} == expected
        assert [action.count for action in label.actions] == sorted(expected.values(), reverse=True)
        assert {action.share.n for action in label.actions} <= {len(of_label)}

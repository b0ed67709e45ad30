"""`feedbackclf report` as its users meet it: messages, exit codes, files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from feedbackclf.report.pages import extra
from tests.report.tagged import tagged_rows, write_csv


@pytest.fixture
def tagged(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "tagged.csv", tagged_rows(120, seed=30))


def test_json_goes_to_a_file_or_to_stdout(run, tagged: Path, tmp_path: Path) -> None:
    code, out, _ = run("report", tagged, "--json", "-")
    assert code == 0
    assert run("report", tagged, "--json", tmp_path / "figures.json")[:2] == (0, "")
    assert json.loads(out) == json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "nothing to write; pass -o report.html, --json figures.json or --png FOLDER"),
        (["-o", "-", "--json", "-"], "only one of them can go to stdout"),
        (["--json", "-", "--group-by", "town"], "no column 'town'; pass --group-by with one of: 'id', 'text', 'stars'"),
        (["--json", "-", "--date-column", "when"], "no column 'when'; pass --date-column with one of"),
        (["--json", "-", "--rating-column", "mark"], "no column 'mark'; pass --rating-column with one of"),
        (["--json", "-", "--language", "fr"], "this model knows nl, da, sv, en"),
        (["--json", "-", "--together"], "is named twice"),
    ],
)
def test_wrong_usage_is_told_in_a_line(run, tagged: Path, options: list[str], says: str) -> None:
    inputs = [tagged, tagged] if "--together" in options else [tagged]
    code, out, err = run("report", *inputs, *options)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--date-column", "shop"], "--date-column 'shop': no cell is a date"),
        (["--rating-column", "shop"], "--rating-column 'shop': no cell is a number"),
        (["--rules", "no-such.toml"], "no-such.toml"),
        (["--model", "no-such"], "no model 'no-such'"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(run, tagged: Path, options: list[str], says: str) -> None:
    if "--rules" in options:
        pytest.importorskip("feedbackclf.rules")
    code, out, err = run("report", tagged, "--json", "-", *options)
    assert (code, out) == (1, "")
    assert says in err
    assert "Traceback" not in err


def test_a_terminal_is_no_place_for_json(run, tagged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    code, _, err = run("report", tagged, "--json", "-")
    assert code == 2
    assert "--json -: a terminal is no place for it" in err


def test_a_missing_library_is_told_before_anything_is_read(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None if name == "altair" else object())
    code, _, err = run("report", "no-such-file.csv", "-o", "report.html")
    assert code == 1
    assert "altair" in err
    assert "pip install 'feedbackclf[report]'" in err


def test_page_json_and_pictures_are_written_together(run, tagged: Path, tmp_path: Path) -> None:
    page, figures, slides = tmp_path / "r.html", tmp_path / "r.json", tmp_path / "slides"
    code, out, err = run("report", tagged, "-o", page, "--json", figures, "--png", slides, "--title", "Ours <3")
    assert (code, out) == (0, "")
    assert err.endswith(f"120 rows; wrote {page}, {figures}, {slides}\n")
    assert "<title>Ours &lt;3</title>" in page.read_text(encoding="utf-8")
    assert json.loads(figures.read_text(encoding="utf-8"))["title"] == "Ours <3"
    pictures = sorted(slides.iterdir())
    assert len(pictures) > 8
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert run("report", tagged, "-o", "-", "--title", "Ours <3")[1] == page.read_text(encoding="utf-8")


def test_rejected_rows_are_set_aside_and_told(run, tagged: Path, tmp_path: Path) -> None:
    with tagged.open("a", encoding="utf-8") as stream:
        stream.write("r999,too,few\n")
    code, _, err = run("report", tagged, "--json", tmp_path / "figures.json")
    assert code == 3
    assert "1 rows could not be read" in err
    (reject,) = (tmp_path / "figures.json.rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(reject)["row"] == 121
    assert json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))["source"]["rows"] == 120
    code, _, err = run("report", tagged, "--json", tmp_path / "strict.json", "--strict")
    assert code == 1
    assert not (tmp_path / "strict.json").exists()


def test_two_inputs_are_compared_and_others_are_one(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        write_csv(Path(f"d{number}.csv"), tagged_rows(60 + number, seed=number))

    def sources(*arguments: str) -> tuple[str, int, str | None]:
        code, out, err = run("report", *arguments, "--json", "-")
        assert code == 0, err
        found = json.loads(out)
        before = found["comparison"] and found["comparison"]["before"]["name"]
        return found["source"]["name"], found["source"]["rows"], before

    assert sources("d0.csv", "d1.csv") == ("d1.csv", 61, "d0.csv")
    assert sources("d0.csv", "d[12].csv") == ("d[12].csv (2 files)", 123, "d0.csv")
    assert sources("d0.csv", "d1.csv", "--together") == ("2 files", 121, None)
    assert sources("d0.csv", "d1.csv", "d2.csv") == ("3 files", 183, None)
    assert sources("d*.csv") == ("d*.csv (3 files)", 183, None)


def test_a_table_that_lacks_some_labels_is_tagged_anew(run, tmp_path: Path) -> None:
    rows = [{name: value for name, value in row.items() if name != "level"} for row in tagged_rows(30, seed=31)]
    code, out, err = run("report", write_csv(tmp_path / "less.csv", rows), "--json", "-")
    assert code == 0
    assert "lacks 'level', so that all its rows are tagged anew" in err
    assert json.loads(out)["source"]["rows"] == 30

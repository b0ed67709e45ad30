"""The command line as its users meet it: output, messages, exit codes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from feedbackclf.commands import main
from feedbackclf.taxonomy import default_taxonomy
from feedbackclf.workers import ModelOnDisk

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "corpora" / "sample.csv"


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs the command line in this process; gives exit code, stdout and stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["feedbackclf", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        out = capsys.readouterr()
        return int(stop.value.code or 0), out.out, out.err

    return call


def test_predict_keeps_every_row_and_adds_the_columns_of_the_contract(run):
    code, out, _ = run("predict", SAMPLE, "--no-progress")
    rows = list(csv.DictReader(io.StringIO(out)))
    source = list(csv.DictReader(io.StringIO(SAMPLE.read_text(encoding="utf-8"))))
    assert code == 0
    assert list(rows[0]) == ["id", "text", *default_taxonomy().output_columns]
    assert [(row["id"], row["text"]) for row in rows] == [(row["id"], row["text"]) for row in source]
    assert {row["language"] for row in rows} == {"nl", "da", "sv", "en"}


def test_formats_agree(run, tmp_path):
    texts = [{"text": "Hurtig levering, tak!", "n": 1.5}, {"text": "", "n": None}, {"text": None, "n": 2}]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in texts), encoding="utf-8")
    assert run("predict", source, "-o", tmp_path / "out.parquet")[0] == 0
    code, out, _ = run("predict", source)
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(tmp_path / "out.parquet")
    for name in default_taxonomy().output_columns:  # plain strings, and no dictionaries
        assert schema.field(name).type == (pa.float64() if name.endswith("_confidence") else pa.string()), name
    lines = [json.loads(line) for line in out.splitlines()]
    table = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert code == 0
    for name in default_taxonomy().output_columns:
        assert [line[name] for line in lines] == [row[name] for row in table]
    assert lines[1]["language"] == "und"
    assert lines[1]["sentiment"] is None


def test_workers_give_the_same_bytes(run, tmp_path, corpus):
    source = tmp_path / "in.jsonl"
    halves = [half for x in corpus for half in (x.text[: len(x.text) // 2], x.text[len(x.text) // 2 :], x.text)]
    source.write_text("".join(json.dumps({"text": half}) + "\n" for half in halves), encoding="utf-8")
    assert run("predict", source, "-o", tmp_path / "one.csv")[0] == 0
    assert run("predict", source, "-o", tmp_path / "two.csv", "--jobs", 2)[0] == 0
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


@pytest.mark.parametrize("jobs", [1, 2])
def test_labels_that_are_left_empty_are_counted(run, jobs):
    code, out, err = run("predict", SAMPLE, "--min-confidence", 0.8, "--jobs", jobs)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    for head in default_taxonomy().heads:
        left = sum(head.name in row["unsure"].split() for row in rows)
        assert left == sum(row[head.name] == "" for row in rows)
        assert f"{head.name} {left} ({left / len(rows):.1%})" in err
    assert "unsure" not in run("predict", SAMPLE)[1].splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["predict", "missing.csv"], 1, ["missing.csv"]),
        (["predict", SAMPLE, "--text-column", "review"], 2, ["review", "--text-column"]),
        (["predict", SAMPLE, "--model", "nonesuch"], 1, ["nonesuch", "default"]),
        (["predict", SAMPLE, "--language", "fi"], 2, ["fi", "nl"]),
        (["models", "show", "nonesuch"], 1, ["nonesuch"]),
        (["evaluate", "missing.csv"], 1, ["missing.csv"]),
        (["train", "missing.csv", "-o", "x"], 1, ["missing.csv"]),
    ],
)
def test_a_mistake_is_one_line_that_says_what_and_where(run, arguments, code, words):
    got, out, err = run(*arguments)
    assert got == code
    assert out == ""
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    for word in words:
        assert word in err


def test_a_column_that_is_there_already_is_named_and_prefix_helps(run, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("text,speed\nfine,fast\n", encoding="utf-8")
    code, _, err = run("predict", source)
    assert (code, "'speed'" in err, "--prefix pred_" in err) == (2, True, True)
    code, out, _ = run("predict", source, "--prefix", "pred_")
    assert code == 0
    assert "pred_speed" in out.splitlines()[0]


def test_ragged_rows_are_kept_aside_and_the_exit_code_says_so(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("id,text\n1,fine\n2,too,many\n3,good\n", encoding="utf-8")
    code, out, err = run("predict", "in.csv")
    rejected = [json.loads(line) for line in (tmp_path / "feedbackclf.rejects.jsonl").read_text().splitlines()]
    assert code == 3
    assert len(out.splitlines()) == 3
    assert [row["row"] for row in rejected] == [2]
    assert "feedbackclf.rejects.jsonl" in err


def test_strict_stops_at_the_first_such_row(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("id,text\n1,fine\n2,too,many\n3,good\n", encoding="utf-8")
    code, out, err = run("predict", "in.csv", "--strict", "-o", "out.csv")
    assert (code, out, sorted(path.name for path in tmp_path.iterdir())) == (1, "", ["in.csv"])
    assert "in.csv, row 2: 3 cells" in err


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_mistake_of_ours_shows_where_it_was_and_no_text(run, tmp_path, monkeypatch, jobs):
    def fail(self, texts, languages):
        raise ValueError(f"cannot label {texts.to_pylist()}")

    monkeypatch.setattr(ModelOnDisk, "__call__", fail)
    (tmp_path / "in.csv").write_text("text\nzyxwv\n", encoding="utf-8")
    code, out, err = run("predict", tmp_path / "in.csv", "--jobs", jobs)
    assert (code, out) == (1, "")
    assert "zyxwv" not in err
    assert "report" in err
    assert "test_commands.py" in err
    assert err.endswith("ValueError\n")


def test_langdetect_is_an_option(run):
    code, out, _ = run("predict", SAMPLE, "--language-detector", "langdetect")
    assert code == 0
    assert {row["language"] for row in csv.DictReader(io.StringIO(out))} <= {"nl", "da", "sv", "en", "und"}


def test_train_evaluate_show_and_export(run, tmp_path):
    lines = (ROOT / "corpora" / "en.jsonl").read_text(encoding="utf-8").splitlines()[:150]
    (tmp_path / "few.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    model = tmp_path / "mine"
    taken_over = ("--language-from", "default", "--phrases-from", "default")
    roles = {}
    for role, start, n in (("chosen", 150, 30), ("extra", 200, 20), ("weak", 300, 10)):
        roles[role] = tmp_path / f"{role}.jsonl"
        more = (ROOT / "corpora" / "en.jsonl").read_text(encoding="utf-8").splitlines()[start : start + n]
        roles[role].write_text("\n".join(more) + "\n", encoding="utf-8")
    options = [part for role, path in roles.items() for part in (f"--{role}", path)]
    code, out, err = run("train", tmp_path / "few.jsonl", *options, "-o", model, *taken_over, "--jobs", 1)
    assert code == 0
    assert "30 chosen texts from 1 files" in err
    told = json.loads((model / "model.json").read_text(encoding="utf-8"))
    assert "speed:mentioned" in told["phrases"]["columns"]
    assert {role: told["about"]["rows"][role] for role in roles} == {"chosen": 30, "extra": 20, "weak": 10}
    assert "a phrase network" in (model / "README.md").read_text(encoding="utf-8")
    assert "mentioned F1" in out
    assert "150 texts from 1 files" in err
    assert run("models", "show", model)[1].startswith("# Model `mine`")
    code, out, _ = run("evaluate", tmp_path / "few.jsonl", "--model", model, "--json", "-")
    report = json.loads(out)
    assert report["rows"] == 150
    assert report["heads"]["speed"]["en"]["f1"]["low"] <= report["heads"]["speed"]["en"]["f1"]["value"]
    import joblib

    assert run("models", "export", model, "--joblib", tmp_path / "mine.joblib")[0] == 0
    assert joblib.load(tmp_path / "mine.joblib").predict(["Slow"])[0].language == "en"


def test_train_without_languages_to_learn_says_what_to_do(run, tmp_path):
    lines = (ROOT / "corpora" / "en.jsonl").read_text(encoding="utf-8").splitlines()[:60]
    (tmp_path / "few.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, _, err = run("train", tmp_path / "few.jsonl", "-o", tmp_path / "mine")
    assert code == 1
    assert "--language-from default" in err.splitlines()[-1]


def test_a_closed_pipe_is_quiet():
    command = f"{sys.executable} -m feedbackclf predict {SAMPLE} | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("id,text,language")
    assert "Traceback" not in done.stderr


def test_figures_in_the_readme_are_those_of_the_shipped_model():
    script = [sys.executable, ROOT / "tools" / "readme_figures.py", "--check"]
    assert subprocess.run(script, check=False).returncode == 0

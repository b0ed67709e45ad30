"""`predict --rules`: the column `action`, in every format, and the runs and inputs that it does not suit."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feedbackclf.persistence import write_model
from feedbackclf.rules import Rules, labels_by_name
from feedbackclf.tables import BATCH_ROWS, read_rows
from feedbackclf.taxonomy import default_taxonomy
from feedbackclf.workers import ModelOnDisk
from tests.tiny import tiny_model

SAMPLE = Path(__file__).parents[1] / "corpora" / "sample.csv"
TAXONOMY = default_taxonomy()
RULES = """
[[rules]]
action = "manager takes over"
when = { loyalty = "at_risk", sentiment = ["negative", "mixed"] }

[[rules]]
action = "thank"
when = { gratitude = "positive" }

[[rules]]
action = "answer in Dutch"
when = { language = "nl" }
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(run: Run) -> Run:
    """Runs `predict` in this process; gives exit code, stdout and stderr."""
    return partial(run, "predict", "--no-progress")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
@pytest.mark.parametrize("options", [[], ["--jobs", "2"], ["--min-confidence", "0.8"], ["--prefix", "pred_"]])
def test_the_column_says_what_the_labels_beside_it_ask_for(
    kind: str, options: list[str], run: Run, mine: Path, tmp_path: Path
) -> None:
    source, output = tmp_path / "in.csv", tmp_path / f"out.{kind}"
    source.write_text(SAMPLE.read_text(encoding="utf-8") + "empty,\n", encoding="utf-8")
    code, _, err = run(source, "-o", output, "--rules", mine, *options)
    assert code == 0, err
    rows, prefix = [row for _, row in read_rows(str(output))], "pred_" if "--prefix" in options else ""
    rules, last = Rules.from_toml(mine, TAXONOMY).rules, ["unsure"] if "--min-confidence" in options else []
    columns = [f"{prefix}{name}" for name in (*TAXONOMY.output_columns, "action", *last)]
    assert list(rows[0]) == ["id", "text", *columns]
    for row in rows:
        labels = {name: row[prefix + name] or None for name in labels_by_name(TAXONOMY)}
        matching = (rule for rule in rules if all(labels[head] in wanted for head, wanted in rule.when.items()))
        assert (row[f"{prefix}action"] or None) == next((rule.action for rule in matching), None)
    assert rows[-1][f"{prefix}action"] == (None if kind in ("jsonl", "parquet") else "")
    assert {row[f"{prefix}action"] or None for row in rows} >= {None, "thank"}
    if kind == "parquet":
        assert pq.read_schema(output).field(f"{prefix}action").type == "string"


def test_without_rules_there_is_no_such_column(run: Run) -> None:
    assert "action" not in run(SAMPLE)[1].splitlines()[0]


def test_a_label_that_is_left_empty_matches_nothing(run: Run) -> None:
    code, out, _ = run(SAMPLE, "--rules", "default", "--min-confidence", 1)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert {(row["sentiment"], row["action"]) for row in rows} == {("", "")}


def test_a_column_action_of_the_input_stays_with_a_prefix(run: Run, tmp_path: Path, mine: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text,action\nVenligt personale og tak for hjælpen,mine\n", encoding="utf-8")
    code, out, err = run(source, "--rules", mine)
    assert (code, out) == (2, "")
    assert "'action'" in err
    assert "--prefix pred_" in err
    code, out, _ = run(source, "--rules", mine, "--prefix", "pred_")
    row = next(csv.DictReader(io.StringIO(out)))
    assert (code, row["action"], row["pred_action"]) == (0, "mine", "thank")
    assert run(source)[0] == 0


def test_mistakes_are_one_line(run: Run, tmp_path: Path, mine: Path) -> None:
    write_model(tiny_model(), tmp_path / "tiny")
    for arguments, words in (
        (["--rules", tmp_path / "none.toml"], "none.toml"),
        (["--rules", "default", "--model", tmp_path / "tiny"], "default_rules.toml: rule 1 ('manager takes over')"),
    ):
        code, out, err = run(SAMPLE, *arguments)
        assert (code, out, len(err.splitlines())) == (1, "", 1)
        assert words in err


def test_actions_are_safe_for_spreadsheets(run: Run, tmp_path: Path, mine: Path) -> None:
    mine.write_text("[[rules]]\naction = '=1+1'\nwhen = {language = ['nl', 'da', 'sv', 'en']}\n", encoding="utf-8")
    _, out, _ = run(SAMPLE, "--rules", mine, "--excel-safe")
    assert {row["action"] for row in csv.DictReader(io.StringIO(out))} == {"'=1+1"}


def test_a_stopped_run_goes_on_with_the_same_rules_only(
    run: Run, tmp_path: Path, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, output, expected = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "expected.csv"
    texts = ["Tak for hurtig hjælp", "Nooit meer, alles kapot", "Is it open on Sunday?"]
    source.write_text("text\n" + "\n".join(texts * (BATCH_ROWS // 2)) + "\n", encoding="utf-8")
    assert run(source, "-o", expected, "--rules", mine)[0] == 0
    label, done = ModelOnDisk.__call__, []

    def stop(self: ModelOnDisk, *batch: pa.Array) -> pa.RecordBatch:
        if done:
            raise KeyboardInterrupt
        done.append(batch)
        return label(self, *batch)

    monkeypatch.setattr(ModelOnDisk, "__call__", stop)
    assert run(source, "-o", output, "--rules", mine)[0] == 130
    monkeypatch.undo()
    for other in (["--rules", "default"], []):
        code, _, err = run(source, "-o", output, "--resume", *other)
        assert code == 1
        assert "the file of --rules has changed; start anew without --resume" in err
    mine.write_text(mine.read_text(encoding="utf-8").replace('"thank"', '"thank you"'), encoding="utf-8")
    assert run(source, "-o", output, "--resume", "--rules", mine)[0] == 1
    mine.write_text("# Decided in spring.\n" + RULES, encoding="utf-8")  # says the same
    code, _, err = run(source, "-o", output, "--resume", "--rules", mine)
    assert (code, f"{BATCH_ROWS:,} of them by the stopped run" in err) == (0, True)
    assert output.read_bytes() == expected.read_bytes()

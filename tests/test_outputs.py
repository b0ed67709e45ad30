"""What `--redact` and `--excel-safe` make of the tables that are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from feedbackclf.commands import main
from feedbackclf.tables import read_rows

TEXT = "Mail me at jan.jansen@example.nl about order 4711-A"
MASKED = "Mail me at [EMAIL] about order [ORDER]"

Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs `predict` in a folder of its own; gives the exit code."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["feedbackclf", "predict", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        return int(stop.value.code or 0)

    return call


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
def test_texts_are_masked_and_labels_are_those_of_the_texts(run: Run, kind: str) -> None:
    Path("in.csv").write_text(f'id,text,note\n1,"{TEXT}",{TEXT}\n2,Bra,\n')
    assert run("in.csv", "-o", f"plain.{kind}") == 0
    assert run("in.csv", "-o", f"masked.{kind}", "--redact") == 0
    plain, masked = ([row for _, row in read_rows(f"{name}.{kind}")] for name in ("plain", "masked"))
    assert masked == [{**plain[0], "text": MASKED}, plain[1]]
    assert masked[0]["note"] == TEXT  # only the text is masked


def test_a_json_object_keeps_all_else_to_the_letter(run: Run) -> None:
    lines = [
        f'{{"text":"x", "n":1.10, "text":"{TEXT}", "deep":{{"text": "{TEXT}"}}}}',
        f'{{"text":"{TEXT}", "n": [ 1 ], "text": "kept \\u00e9"}}',
        '{"text": "kept \\u00e9", "n":null}',
        '{"text": 111222333}',
    ]
    Path("in.jsonl").write_text("".join(line + "\n" for line in lines))
    assert run("in.jsonl", "-o", "out.jsonl", "--redact") == 0
    starts = [
        f'{{"text":"x", "n":1.10, "text":"{MASKED}", "deep":{{"text": "{TEXT}"}}, "language": "en"',
        f'{{"text":"{MASKED}", "n": [ 1 ], "text": "kept \\u00e9", "language"',
        '{"text": "kept \\u00e9", "n":null, "language"',
        '{"text": "[BSN]", "language"',
    ]
    found = Path("out.jsonl").read_text().splitlines()
    assert [line[: len(start)] for line, start in zip(found, starts, strict=True)] == starts


@pytest.mark.parametrize("kind", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_parquet_keeps_the_type_of_the_text(run: Run, kind: pa.DataType) -> None:
    pq.write_table(pa.table({"text": pa.array([TEXT, None]).cast(kind)}), "in.parquet")
    assert run("in.parquet", "-o", "out.parquet", "--redact") == 0
    with pq.ParquetFile("out.parquet") as file:
        column = file.read().column("text")
    assert (column.type, column.to_pylist()) == (kind, [MASKED, None])


def test_rejected_rows_are_masked_too(run: Run) -> None:
    Path("in.csv").write_bytes(f"id,text\n1,{TEXT},2\n2,ok\n3,{TEXT} bl".encode() + b"\xff\n")
    assert run("in.csv", "-o", "out.csv", "--redact", "--encoding", "utf-8") == 3
    rejected = [json.loads(line) for line in Path("out.csv.rejects.jsonl").read_text().splitlines()]
    assert [row["raw"] for row in rejected] == [f"1,{MASKED},2", f"3,{MASKED} bl\\xff"]
    assert not any("raw_base64" in row for row in rejected)


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_no_cell_is_run_by_a_spreadsheet(run: Run, kind: str) -> None:
    Path("in.csv").write_text('=id,text,n\n@1,"=HYPERLINK(""x"")",-5\n2,goed,+1+1\n')
    assert run("in.csv", "-o", f"out.{kind}", "--excel-safe") == 0
    rows = [row for _, row in read_rows(f"out.{kind}")]
    assert list(rows[0])[:3] == ["'=id", "text", "n"]
    assert [list(row.values())[:3] for row in rows] == [["'@1", '\'=HYPERLINK("x")', "-5"], ["2", "goed", "'+1+1"]]


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_formats_for_machines_stay_as_they_are(run: Run, kind: str) -> None:
    Path("in.csv").write_text("=id,text\n=1+1,@x\n")
    assert run("in.csv", "-o", f"out.{kind}", "--excel-safe") == 0
    row = next(row for _, row in read_rows(f"out.{kind}"))
    assert (row["=id"], row["text"]) == ("=1+1", "@x")


def test_bytes_are_spelled_before_they_are_looked_at(run: Run) -> None:
    pq.write_table(pa.table({"text": ["a"], "b": [b"\xfb\xef\xbe"]}), "in.parquet")
    assert run("in.parquet", "-o", "out.csv", "--excel-safe") == 0
    assert next(row for _, row in read_rows("out.csv"))["b"] == "'++++"

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import runpy
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedbackclf.corpus import Corpus, Example, Problem, fingerprint, read_corpus
from feedbackclf.errors import FeedbackError
from feedbackclf.taxonomy import Taxonomy, default_taxonomy

CORPORA = Path(__file__).parent.parent / "corpora"
DATASHEET = Path(__file__).parent.parent / "tools" / "datasheet.py"
TAXONOMY = default_taxonomy()


def write_jsonl(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(*paths: Path | str, taxonomy: Taxonomy = TAXONOMY) -> Corpus:
    return read_corpus(paths, taxonomy)


def only_problem(corpus: Corpus) -> Problem:
    (problem,) = corpus.problems
    return problem


def test_labels_given_are_read_and_those_absent_null_or_empty_are_not_labelled(tmp_path: Path) -> None:
    file = write_jsonl(
        tmp_path / "a.jsonl",
        {"text": " Fast ", "language": "EN", "speed": "positive", "quality": "none", "greeting": "", "issue": None},
        {"text": "Fine", "rating": 4, "group": 7, "speed": float("nan")},
    )
    first, second = read(file).examples
    assert first.text == "Fast"
    assert first.language == "en"
    assert first.labels == {"speed": "positive", "quality": "none"}
    assert (first.rating, first.group) == (None, None)
    assert second.labels == {}
    assert (second.language, second.rating, second.group) == (None, 4.0, "7")
    assert (first.file, first.row != second.row) == (str(file), True)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.csv.gz", "a.parquet"])
def test_every_format_gives_the_same_examples(tmp_path: Path, name: str) -> None:
    rows = [{"text": "Snel", "speed": "positive", "rating": 5}, {"text": "Kapot", "speed": "", "rating": 1}]
    path = tmp_path / name
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif name.endswith(".jsonl"):
        write_jsonl(path, *rows)
    else:
        mark = "\t" if ".tsv" in name else ","
        lines = [mark.join(rows[0]), *(mark.join(map(str, row.values())) for row in rows)]
        content = ("\n".join(lines) + "\n").encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    corpus = read(path)
    found = [(e.text, dict(e.labels), e.rating) for e in corpus.examples]
    assert found == [("Snel", {"speed": "positive"}, 5.0), ("Kapot", {}, 1.0)]
    assert not corpus.problems


@pytest.mark.parametrize(
    ("cells", "column", "kind"),
    [
        ({"speed": "fast"}, "speed", "unknown-label"),
        ({"speed": "Positive"}, "speed", "unknown-label"),
        ({"level": 3}, "level", "unknown-label"),
        ({"rating": "good"}, "rating", "bad-rating"),
        ({"rating": 0}, "rating", "bad-rating"),
        ({"rating": "nan"}, "rating", "bad-rating"),
        ({"language": "English"}, "language", "unknown-language"),
    ],
)
def test_a_bad_cell_is_a_problem_and_counts_as_not_labelled(
    tmp_path: Path, cells: dict[str, Any], column: str, kind: str
) -> None:
    corpus = read(write_jsonl(tmp_path / "a.jsonl", {"text": "Fine", "quality": "none", **cells}))
    (example,) = corpus.examples
    assert (dict(example.labels), example.rating, example.language) == ({"quality": "none"}, None, None)
    problem = only_problem(corpus)
    assert (problem.file, problem.row, problem.column) == (example.file, example.row, column)
    assert (problem.kind, problem.severity) == (kind, "error")
    assert str(problem).startswith(f"{example.file}:{example.row}: {column}: ")


@pytest.mark.parametrize("text", ["", "  \n", None])
def test_a_row_without_text_is_a_problem_and_is_left_out(tmp_path: Path, text: str | None) -> None:
    corpus = read(write_jsonl(tmp_path / "a.jsonl", {"text": text, "speed": "none"}))
    assert corpus.examples == ()
    assert (only_problem(corpus).column, only_problem(corpus).kind) == ("text", "empty-text")


def test_messages_never_quote_what_may_be_a_customers_text(tmp_path: Path) -> None:
    secret = "call me back on the old number"
    row = {"text": "Fine", "speed": secret, "rating": secret, "language": secret}
    corpus = read(write_jsonl(tmp_path / "a.jsonl", row))
    assert len(corpus.problems) == 3
    assert not any(secret in str(problem) for problem in corpus.problems)


def test_a_language_outside_the_taxonomy_is_kept(tmp_path: Path) -> None:
    corpus = read(write_jsonl(tmp_path / "a.jsonl", {"text": "Bra service", "language": "no"}))
    assert corpus == Corpus((Example("Bra service", "no", {}, None, None, *place(corpus)),))


def place(corpus: Corpus) -> tuple[str, int]:
    return corpus.examples[0].file, corpus.examples[0].row


def test_heads_are_those_of_the_taxonomy(tmp_path: Path) -> None:
    taxonomy = Taxonomy.from_dict({"languages": ["en"], "heads": [{"name": "price"}]})
    corpus = read(write_jsonl(tmp_path / "a.jsonl", {"text": "x", "price": "mixed", "speed": "?"}), taxonomy=taxonomy)
    assert corpus.examples[0].labels == {"price": "mixed"}
    assert not corpus.problems


def test_a_folder_gives_its_labelled_files_in_order_and_passes_over_the_rest(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden").mkdir()
    b = write_jsonl(tmp_path / "b" / "b.jsonl", {"text": "two", "speed": "none"})
    a = write_jsonl(tmp_path / "a.jsonl", {"text": "one", "speed": "none"})
    write_jsonl(tmp_path / ".hidden" / "c.jsonl", {"text": "three", "speed": "none"})
    (tmp_path / "README.md").write_text("# notes")
    (tmp_path / "sample.csv").write_text("id,text\n1,four\n")
    corpus = read(tmp_path, a)  # `a` is named twice and read once
    assert [example.text for example in corpus.examples] == ["one", "two"]
    assert corpus.files == (str(a), str(b))


def test_mistakes_are_one_line_that_names_the_file(tmp_path: Path) -> None:
    no_text = write_jsonl(tmp_path / "no_text.jsonl", {"speed": "none"})
    no_labels = write_jsonl(tmp_path / "no_labels.jsonl", {"text": "x"})
    no_rows = tmp_path / "no_rows.csv"
    no_rows.write_text("text,speed\n")
    (tmp_path / "empty").mkdir()
    for path in (no_text, no_labels, no_rows, tmp_path / "empty", tmp_path / "missing.csv"):
        with pytest.raises(FeedbackError) as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_fingerprint_holds_hash_and_rows_under_names_that_do_not_depend_on_the_machine(tmp_path: Path) -> None:
    files = []
    for folder, n in (("x", 1), ("y", 2)):
        (tmp_path / folder).mkdir()
        files.append(write_jsonl(tmp_path / folder / "nl.jsonl", *[{"text": "a", "speed": "none"}] * n))
    files.append(write_jsonl(tmp_path / "da.jsonl", {"text": "b", "speed": "none"}))
    prints = fingerprint(files)
    assert {name: entry["rows"] for name, entry in prints.items()} == {"x/nl.jsonl": 1, "y/nl.jsonl": 2, "da.jsonl": 1}
    assert prints["da.jsonl"]["sha256"] == hashlib.sha256(files[2].read_bytes()).hexdigest()


cell = st.none() | st.text(max_size=8) | st.integers() | st.floats() | st.sampled_from(["positive", "none", "nl", "3"])


@given(st.lists(st.fixed_dictionaries({"text": cell, "speed": cell, "rating": cell, "language": cell}), min_size=1))
def test_any_cells_give_valid_examples_or_problems_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    corpus = read(write_jsonl(tmp_path_factory.mktemp("corpus") / "a.jsonl", *rows))
    empty = sum(problem.kind == "empty-text" for problem in corpus.problems)
    assert len(corpus.examples) + empty == len(rows)
    for example in corpus.examples:
        assert example.text.strip()
        assert set(example.labels.values()) <= set(TAXONOMY.head("speed").labels)
        assert example.rating is None or 1 <= example.rating <= 5


def test_the_authored_corpus_is_whole_and_fully_labelled() -> None:
    corpus = read(CORPORA)
    assert not corpus.problems
    assert len(corpus.examples) == 5100
    assert {Path(file).name for file in corpus.files} == {"da.jsonl", "en.jsonl", "nl.jsonl", "sv.jsonl"}
    for example in corpus.examples:
        assert set(example.labels) == {head.name for head in TAXONOMY.heads}
        assert example.language == Path(example.file).stem


def test_the_sample_is_taken_from_the_corpus() -> None:
    texts = {}
    for file in CORPORA.glob("*.jsonl"):
        texts.update({row["id"]: row["text"] for row in map(json.loads, file.read_bytes().splitlines())})
    with (CORPORA / "sample.csv").open(encoding="utf-8", newline="") as stream:
        sample = list(csv.DictReader(stream))
    assert len(sample) == 16
    assert all(texts[row["id"]] == row["text"] for row in sample)


def test_the_counts_in_the_datasheet_are_up_to_date() -> None:
    assert runpy.run_path(str(DATASHEET))["main"](["--check"]) == 0, "run: python tools/datasheet.py"


def test_what_was_detected_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("text,speed\nhurtig på dagen,positive\n".encode("cp1252"))
    told: list[str] = []
    corpus = read_corpus([tmp_path / "a.csv"], default_taxonomy(), tell=told.append)
    assert [example.text for example in corpus.examples] == ["hurtig på dagen"]
    assert len(told) == 1
    assert "read as Windows-1252" in told[0]

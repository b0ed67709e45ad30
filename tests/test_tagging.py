import io
import json
import sys
import types
from dataclasses import dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from feedbackclf import model_folder, workers
from feedbackclf.commands.predict import predict
from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.inputs import Inputs
from feedbackclf.tables import delimited_reader, jsonl_reader, open_reader, open_writer, parquet, read_rows
from feedbackclf.tagging import TaggingResult, tag_files
from feedbackclf.workers import Classify, Workers

COLUMNS = ("language", "length")


@dataclass(frozen=True)
class Fake:
    """Labels a text with its length, and its language with what it was told; remembers nothing."""

    fail_on: str | None = None

    def __call__(self, texts: pa.Array, languages: pa.Array | None) -> pa.RecordBatch:
        assert texts.type == pa.string()
        if self.fail_on is not None and pc.any(pc.equal(texts, self.fail_on)).as_py():
            raise FeedbackError("cannot go on")
        told = pa.nulls(len(texts), pa.string()) if languages is None else languages
        languages = pc.if_else(pc.equal(texts, ""), "und", pc.fill_null(told, "?"))
        return pa.RecordBatch.from_pydict({"language": languages, "length": pc.utf8_length(texts).cast(pa.int64())})


def tag(inputs: object, output: object, *, classify: Classify | Workers = Fake(), **options: object) -> TaggingResult:
    paths = [str(path) for path in inputs] if isinstance(inputs, list) else [str(inputs)]
    of_inputs = {name: options.pop(name) for name in [*options] if name in {x.name for x in fields(Inputs)}}
    return tag_files(Inputs(paths, **of_inputs), str(output), classify, **{"columns": COLUMNS, **options})


def rows(path: Path) -> list[dict[str, object]]:
    return [row for _, row in read_rows(str(path))]


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_text('id,text,lang\n007,"Snel,\ngoed",nl\n008,, \n009,Bra!,SV\n')
    return path


@pytest.mark.parametrize("extension", ["csv", "tsv", "jsonl", "parquet"])
def test_every_row_comes_out_with_its_columns_and_then_the_labels(tmp_path, reviews, extension):
    output = tmp_path / f"out.{extension}"
    result = tag(reviews, output)
    assert (result.rows, result.rejected) == (3, 0)
    found = rows(output)
    assert [list(row) for row in found] == [["id", "text", "lang", "language", "length"]] * 3
    assert [(row["id"], row["text"], row["language"], str(row["length"])) for row in found] == [
        ("007", "Snel,\ngoed", "?", "10"),
        ("008", "", "und", "0"),
        ("009", "Bra!", "?", "4"),
    ]
    assert not list(tmp_path.glob("*.rejects.jsonl"))


def test_languages_that_are_known(tmp_path, reviews):
    tag(reviews, tmp_path / "a.csv", language="da")
    assert [row["language"] for row in rows(tmp_path / "a.csv")] == ["da", "und", "da"]
    tag(reviews, tmp_path / "b.csv", language_column="lang")
    assert [row["language"] for row in rows(tmp_path / "b.csv")] == ["nl", "und", "sv"]
    with pytest.raises(UsageError, match=r"reviews\.csv: no --language-column 'x'; the columns are: id, text, lang"):
        tag(reviews, tmp_path / "c.csv", language_column="x")
    with pytest.raises(UsageError, match="one of them"):
        tag(reviews, tmp_path / "c.csv", language_column="lang", language="nl")
    assert not (tmp_path / "c.csv").exists()


def test_a_label_column_that_is_there_already(tmp_path, reviews):
    tag(reviews, tmp_path / "a.csv")
    with pytest.raises(UsageError, match=r"a\.csv: has a column 'language' already; pass --prefix pred_"):
        tag(tmp_path / "a.csv", tmp_path / "b.csv")
    tag(tmp_path / "a.csv", tmp_path / "b.csv", prefix="pred_")
    assert list(rows(tmp_path / "b.csv")[0])[-2:] == ["pred_language", "pred_length"]
    late = tmp_path / "late.jsonl"
    late.write_text('{"text": "a"}\n' * 9000 + '{"text": "a", "length": 1}\n')
    with pytest.raises(UsageError, match="'length'"):
        tag(late, tmp_path / "c.jsonl")
    assert not (tmp_path / "c.jsonl").exists()


def test_a_file_can_be_tagged_in_place(reviews):
    tag(reviews, reviews)
    assert [row["length"] for row in rows(reviews)] == ["10", "0", "4"]


def test_jsonl_objects_stay_as_they_are(tmp_path):
    source = tmp_path / "a.jsonl"
    lines = ['{"text":"a", "n":1.10}', '{"deep":{"x":[1]},"text":null}', "{}"]
    source.write_text("\n".join(lines))
    tag(source, tmp_path / "b.jsonl")
    found = (tmp_path / "b.jsonl").read_text().splitlines()
    assert found[:2] == [
        '{"text":"a", "n":1.10, "language": "?", "length": 1}',
        '{"deep":{"x":[1]},"text":null, "language": null, "length": null}',
    ]
    assert json.loads(found[2]) == {"language": None, "length": None}
    tag(source, tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_text().splitlines()[:3] == [
        "text,n,deep,language,length",
        "a,1.10,,?,1",
        ',,"{""x"":[1]}",,',
    ]


def test_parquet_keeps_types_and_order(tmp_path):
    texts = pa.array(["a", None, "ccc"]).dictionary_encode()
    table = pa.table({"n": pa.array([1, None, 3], pa.int8()), "text": texts}, metadata={"k": "v"})
    with open_writer(str(tmp_path / "a.parquet")) as writer:
        writer.write(table.to_batches()[0])
    tag(tmp_path / "a.parquet", tmp_path / "b.parquet")
    with open_reader(str(tmp_path / "b.parquet")) as reader:
        batch = next(iter(reader))
    assert batch.schema.types == [*table.schema.types, pa.string(), pa.int64()]
    assert batch.column("length").to_pylist() == [1, None, 3]
    with open_writer(str(tmp_path / "c.parquet")) as writer:
        writer.write(pa.RecordBatch.from_pydict({"text": [["a"]]}))
    with pytest.raises(UsageError, match="'text' is no text, but list"):
        tag(tmp_path / "c.parquet", tmp_path / "d.csv")


def test_several_inputs_need_the_same_columns(tmp_path, reviews):
    other = tmp_path / "other.jsonl"
    other.write_text('{"lang": "da", "text": "x", "id": 5}\n')
    assert tag([reviews, other, reviews], tmp_path / "out.csv").rows == 7
    assert [row["id"] for row in rows(tmp_path / "out.csv")] == ["007", "008", "009", "5", "007", "008", "009"]
    (tmp_path / "less.csv").write_text("id,text\n1,a\n")
    with pytest.raises(UsageError, match=r"less\.csv: the columns are not those of .*reviews\.csv: it lacks lang"):
        tag([reviews, tmp_path / "less.csv"], tmp_path / "b.csv")
    with pytest.raises(UsageError, match="it has lang as well"):
        tag([tmp_path / "less.csv", reviews], tmp_path / "b.csv")
    assert not (tmp_path / "b.csv").exists()


def test_rejected_rows_are_kept_beside_the_output(tmp_path, monkeypatch, capsysbinary):
    source = tmp_path / "a.csv"
    source.write_text("id,text\n1,a\n2,b,c\n3\n4,d\n")
    result = tag(source, tmp_path / "out.csv")
    assert (result.rows, result.rejected) == (2, 2)
    kept = rows(tmp_path / "out.csv.rejects.jsonl")
    reason = "3 cells where the header has 2"
    assert kept[0] == {"file": str(source), "row": 2, "reason": reason, "raw": "2,b,c"}
    assert kept[1]["row"] == 3
    monkeypatch.chdir(tmp_path)
    tag(source, "-")
    assert rows(tmp_path / "feedbackclf.rejects.jsonl") == kept
    assert capsysbinary.readouterr().out == b"id,text,language,length\n1,a,?,1\n4,d,?,1\n"
    tag(source, tmp_path / "out.csv", rejects=str(tmp_path / "mine.jsonl"))
    assert rows(tmp_path / "mine.jsonl") == kept


def test_a_table_without_rows_gets_its_columns(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n")
    assert tag(tmp_path / "a.csv", tmp_path / "b.csv").rows == 0
    assert (tmp_path / "b.csv").read_text() == "id,text,language,length\n"


def test_stdout_has_the_format_of_the_input(tmp_path, monkeypatch, capsysbinary):
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n')
    tag(tmp_path / "a.jsonl", "-")
    assert capsysbinary.readouterr().out == b'{"text": "a", "language": "?", "length": 1}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"text\na\n")))
    tag("-", "-")
    assert capsysbinary.readouterr().out == b"text,language,length\na,?,1\n"


def test_worker_processes_give_the_same_bytes(tmp_path):
    source = tmp_path / "a.csv"
    source.write_text("id,text,lang\n" + "".join(f"{n},{'x' * (n % 7)},nl\n" for n in range(60_000)))
    seen: list[int] = []
    tag(source, tmp_path / "one.csv", language_column="lang")
    with Workers(Fake(), 2) as two:
        tag(
            source,
            tmp_path / "two.csv",
            classify=two,
            language_column="lang",
            progress=lambda rows, share: seen.append(rows),
        )
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert (sum(seen), len(seen)) == (60_000, 8)
    with Workers(Fake(fail_on="xxx"), 2) as two, pytest.raises(FeedbackError, match="cannot go on"):
        tag(source, tmp_path / "three.csv", classify=two)
    assert not list(tmp_path.glob("*three*"))


CELLS = st.sampled_from(
    ["", " ", "a,b", 'say "x"', "two\nlines", "x\r\ny", "-5", "007", "null", "é 😀", "e\u0301", "\ufeff", "\\"]
)
ANY_CELLS = st.lists(
    st.tuples(CELLS, CELLS | st.text(st.characters(exclude_categories=["Cs"]), max_size=9)), min_size=1
)
FORMATS = ["csv", "tsv", "jsonl", "parquet"]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=ANY_CELLS, kind=st.sampled_from(FORMATS), other=st.sampled_from(FORMATS))
def test_columns_survive_from_any_format_to_any_other_and_back(tmp_path, cells, kind, other):
    names = ["text", "Ångström; x"]
    table = pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in zip(*cells, strict=True)], names)
    first, second, third = (tmp_path / f"{place}.{ending}" for place, ending in enumerate([kind, other, kind]))
    with open_writer(str(first)) as writer:
        writer.write(table)
    tag(first, second)
    tag(second, third, prefix="again_")
    for path in (second, third):
        assert [{name: row[name] for name in names} for row in rows(path)] == table.to_pylist()


@pytest.mark.parametrize("kind", FORMATS)
def test_the_size_of_batches_makes_no_difference(tmp_path, small, few, kind, monkeypatch):
    source = tmp_path / f"in.{kind}"
    with open_writer(str(source)) as writer:
        writer.write(pa.RecordBatch.from_pydict({"text": [example.text for example in few[::3]]}))
    columns = small.taxonomy.output_columns
    for size in (1, 7, 8192):
        for reader in (delimited_reader, jsonl_reader, parquet):
            monkeypatch.setattr(reader, "BATCH_ROWS", size)
        tag(source, tmp_path / f"{size}.csv", classify=small.label, columns=columns)
    assert len({(tmp_path / f"{size}.csv").read_bytes() for size in (1, 7, 8192)}) == 1


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setattr(model_folder, "resolve_model", Path)
    taxonomy = types.SimpleNamespace(output_columns=COLUMNS, languages=("nl", "sv"))
    monkeypatch.setattr(model_folder, "read_taxonomy", lambda folder: taxonomy)

    def label(texts: pa.Array, languages: pa.Array | None, **options: object) -> pa.RecordBatch:
        return Fake()(texts, languages)

    monkeypatch.setattr(workers.ModelOnDisk, "origin", {})
    monkeypatch.setattr(workers, "_load", lambda path, detector: types.SimpleNamespace(label=label))
    app = typer.Typer()
    app.command()(predict)
    return app


def test_command(command, tmp_path, reviews):
    done = CliRunner().invoke(command, [str(reviews), "--language", "nl", "-o", str(tmp_path / "out.jsonl")])
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith("3 rows in ")
    assert rows(tmp_path / "out.jsonl")[0]["language"] == "nl"
    done = CliRunner().invoke(command, [str(reviews), "--output-format", "tsv"])
    assert done.stdout.splitlines()[0] == "id\ttext\tlang\tlanguage\tlength"
    done = CliRunner().invoke(command, [str(reviews), "--language", "de"])
    assert isinstance(done.exception, UsageError)
    assert str(done.exception) == "--language de: this model knows nl, sv"


def test_command_says_when_rows_were_rejected(command, tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n1,a\n2\n")
    done = CliRunner().invoke(command, [str(tmp_path / "a.csv"), "-o", str(tmp_path / "out.csv")])
    assert done.exit_code == 3
    assert f"1 rows could not be read; they are in {tmp_path / 'out.csv.rejects.jsonl'}" in done.stderr

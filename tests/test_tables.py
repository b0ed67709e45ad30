import csv
import datetime
import gzip
import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.tables import RAW_JSON, Reader, delimited_reader, find_text_column, open_reader, open_writer, read_rows

SPECIAL = [
    "",
    " ",
    '"',
    '""',
    "a,b",
    "a;b",
    "a\tb",
    "x\ny",
    "x\r\ny",
    "\r",
    "\n",
    "'",
    "007",
    "NA",
    "null",
    "😀 é",
    "\\",
    "\0",
]
TEXTS = st.sampled_from(SPECIAL) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NULLABLE = TEXTS | st.none()
NAMES = ["id", "text", "a;b"]


def tables(values: st.SearchStrategy[str | None]) -> st.SearchStrategy[pa.RecordBatch]:
    def build(width: int) -> st.SearchStrategy[pa.RecordBatch]:
        rows = st.lists(st.tuples(*[values] * width), max_size=6)
        return rows.map(
            lambda rows: pa.RecordBatch.from_pydict(
                {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(NAMES[:width])}
            )
        )

    return st.integers(1, 3).flatmap(build)


quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(path: Path, *batches: pa.RecordBatch) -> str:
    with open_writer(str(path)) as writer:
        for batch in batches:
            writer.write(batch)
    return str(path)


def write_to_device(path: str, kind: str, batch: pa.RecordBatch) -> None:
    with open_writer(path, format=kind) as writer:
        writer.write(batch)


def rows_of(reader: Reader) -> list[dict[str, object]]:
    return [row for batch in reader for row in batch.to_pylist()]


def read(path: object, **options: str) -> list[dict[str, object]]:
    with open_reader(str(path), **options) as reader:
        return rows_of(reader)


@pytest.mark.parametrize("extension", ["csv", "tsv"])
@quick
@given(batch=tables(TEXTS))
def test_delimited_gives_back_every_string(tmp_path, extension, batch):
    path = write(tmp_path / f"t.{extension}", batch, batch)
    assert read(path) == batch.to_pylist() * 2
    with open_reader(path) as reader:
        assert reader.column_names == batch.schema.names
        assert next(iter(reader)).schema.equals(batch.schema)


@quick
@given(batch=tables(NULLABLE))
def test_parquet_gives_back_every_value(tmp_path, batch):
    assert read(write(tmp_path / "t.parquet", batch, batch)) == batch.to_pylist() * 2


@quick
@given(batch=tables(NULLABLE).filter(lambda batch: batch.num_rows))
def test_jsonl_gives_back_every_value(tmp_path, batch):
    path = write(tmp_path / "t.jsonl", batch)
    assert [row for _, row in read_rows(path)] == batch.to_pylist()
    again = write(tmp_path / "again.jsonl", *open_reader(path))
    assert Path(again).read_bytes() == Path(path).read_bytes()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


@quick
@given(objects=st.lists(st.dictionaries(TEXTS, JSON, max_size=4), min_size=1, max_size=5), indent=st.booleans())
def test_jsonl_objects_get_new_keys_and_nothing_else(tmp_path, objects, indent):
    objects = [{"k": 1}, *objects]
    separators = (" , ", " : ") if indent else (",", ":")
    source, target = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    source.write_text(
        "".join(json.dumps(o, separators=separators, ensure_ascii=indent) + "\n" for o in objects), "utf-8"
    )
    with open_reader(str(source)) as reader, open_writer(str(target)) as writer:
        for batch in reader:
            writer.write(batch.append_column("\0new", pa.array(["x"] * batch.num_rows)))
    found = [row for _, row in read_rows(str(target))]
    assert found == [{**o, "\0new": "x"} for o in objects]
    assert [list(row) for row in found] == [[*o, "\0new"] for o in objects]


def test_jsonl_keeps_numbers_and_nesting_to_the_letter(tmp_path):
    source = tmp_path / "a.jsonl"
    line = '{"n":1.10, "big" : 12345678901234567890, "nest": {"x": [1.0, "}"], "y":1.50}, "t": true, "z": null}'
    source.write_text(line + '\n{"late": "\\u00e9"}\n')
    with open_reader(str(source), all_columns=True) as reader:
        assert reader.column_names == ["n", "big", "nest", "t", "z", "late"]
        batches = list(reader)
    rows = batches[0].drop_columns([RAW_JSON]).to_pylist()
    nest = '{"x": [1.0, "}"], "y":1.50}'
    assert rows[0] == {"n": "1.10", "big": "12345678901234567890", "nest": nest, "t": "true", "z": None, "late": None}
    assert rows[1]["late"] == "é"
    assert Path(write(tmp_path / "b.jsonl", *batches)).read_bytes() == source.read_bytes()
    back = read(write(tmp_path / "b.csv", *batches))
    assert back[0] == {**rows[0], "z": "", "late": ""}
    assert read(write(tmp_path / "b.parquet", *batches)) == rows


def test_jsonl_rejects_what_is_no_object(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('\ufeff{"a": "1"}\n\n[1]\nnope\n{"a": "2"} x\r\n' + "[" * 100_000 + '\n{"a": "3"}', "utf-8")
    with open_reader(str(path)) as reader:
        assert [row["a"] for row in rows_of(reader)] == ["1", "3"]
        assert [(reject.row, reject.raw) for reject in reader.rejected[:3]] == [
            (2, "[1]"),
            (3, "nope"),
            (4, '{"a": "2"} x'),
        ]
        assert reader.rejected[3].row == 5
    with pytest.raises(FeedbackError, match="row 2: not a JSON object"):
        list(read_rows(str(path)))


def test_parquet_types_survive_and_can_be_spelled(tmp_path):
    table = pa.table(
        {
            "i": [1, None],
            "f": [0.5, float("nan")],
            "h": pa.array([1, 2], pa.float16()),
            "d": [datetime.date(2024, 1, 2), None],
            "dec": [Decimal("1.10"), None],
            "l": [[1, 2], None],
            "s": [{"b": b"\xff"}, None],
            "b": [b"\xff", b"ok"],
            "c": pa.array(["x", "y"]).dictionary_encode(),
            "t": pa.array(["", None], pa.large_string()),
        }
    )
    path = write(tmp_path / "a.parquet", *table.to_batches())
    with open_reader(path) as reader:
        batches = list(reader)
    assert pa.Table.from_batches(batches).schema == table.schema
    first = read(write(tmp_path / "a.csv", *batches))[0]
    assert list(first.values()) == ["1", "0.5", "1", "2024-01-02", "1.10", "[1, 2]", '{"b": "/w=="}', "/w==", "x", ""]
    rows = [row for _, row in read_rows(write(tmp_path / "a.jsonl", *batches))]
    assert (rows[0]["i"], rows[0]["f"], rows[0]["dec"], rows[0]["l"], rows[0]["d"]) == (
        1,
        0.5,
        1.1,
        [1, 2],
        "2024-01-02",
    )
    assert (rows[1]["f"], rows[1]["l"], rows[1]["t"], rows[0]["t"]) == (None, None, None, "")


def test_ragged_rows_are_rejected_with_their_number(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('\nid,text\n1,"two\nlines"\n2\n\n3,c\n4,d,e\n5,f\n')
    with open_reader(str(path)) as reader:
        assert [row["id"] for row in rows_of(reader)] == ["1", "3", "5"]
        assert [(r.file, r.row, r.reason, r.raw) for r in reader.rejected] == [
            (str(path), 2, "1 cells where the header has 2", "2"),
            (str(path), 4, "3 cells where the header has 2", "4,d,e"),
        ]
    with pytest.raises(FeedbackError, match="row 2"):
        list(read_rows(str(path)))


def test_quotes_where_they_do_not_belong(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('id,text\n1,a 5" screen\n2,"b" c "d"\n3,"e ""\n,"" f"\n4,"",\n5,"open\n6,g\n')
    with open_reader(str(path)) as reader:
        assert [row["text"] for row in rows_of(reader)] == ['a 5" screen', 'b c "d"', 'e "\n," f', "g"]
        assert [(r.row, r.reason, r.raw) for r in reader.rejected] == [
            (4, "3 cells where the header has 2", '4,"",'),
            (5, "a quote is never closed", '5,"open'),
        ]


@quick
@given(batch=tables(TEXTS), size=st.integers(1, 9), quote_all=st.booleans())
def test_rows_are_the_same_wherever_the_blocks_are_cut(tmp_path, batch, size, quote_all):
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
        writer.writerow(batch.schema.names)
        writer.writerows(row.values() for row in batch.to_pylist())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited_reader, "_BLOCK_BYTES", size)
        assert read(path) == batch.to_pylist()


def test_read_rows_counts_from_one_in_every_format(tmp_path):
    batch = pa.RecordBatch.from_pydict({"id": ["7", "8"], "text": ["a", "b"]})
    for extension in ["csv", "tsv", "jsonl", "parquet"]:
        path = write(tmp_path / f"t.{extension}", batch)
        assert list(read_rows(path)) == [(1, {"id": "7", "text": "a"}), (2, {"id": "8", "text": "b"})]
        if extension != "parquet":
            Path(path + ".gz").write_bytes(gzip.compress(Path(path).read_bytes()))
            assert list(read_rows(path + ".gz")) == list(read_rows(path))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "utf-8"])
def test_encodings_and_byte_order_marks(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes('tekst,"ö"\nsmørrebrød,"1\n2"\n'.encode(encoding))
    rows = [{"tekst": "smørrebrød", "ö": "1\n2"}]
    assert read(path) == read(path, encoding=encoding) == rows


def test_semicolons_and_crlf_as_excel_writes_them(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id;tekst\r\n1;goed, maar duur\r\n")
    assert read(path) == [{"id": "1", "tekst": "goed, maar duur"}]


def test_blank_lines_are_rows_where_there_is_one_column(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text\na\n\nb")
    assert [row["text"] for row in read(path)] == ["a", "", "b"]


@pytest.mark.parametrize("extension", ["csv", "jsonl", "parquet"])
def test_a_cell_of_ten_megabytes(tmp_path, extension):
    cell = 'ø "x",\n' * 1_250_000
    batch = pa.RecordBatch.from_pydict({"id": ["0", "1", "2"], "text": ["a", cell, "b"]})
    assert [row["text"] for row in read(write(tmp_path / f"a.{extension}", batch))] == ["a", cell, "b"]


def test_batches_are_bounded_and_in_order(tmp_path):
    numbers = [str(number) for number in range(20_000)]
    for extension in ["csv", "jsonl", "parquet"]:
        path = write(tmp_path / f"a.{extension}", pa.RecordBatch.from_pydict({"id": numbers, "text": numbers}))
        with open_reader(path) as reader:
            batches = list(reader)
        assert max(batch.num_rows for batch in batches) <= 8192
        assert [row["id"] for batch in batches for row in batch.to_pylist()] == numbers


def test_header_alone_gives_an_empty_batch(tmp_path):
    for content in ["id,text", "id,text\n", "id,text\n\n"]:
        (tmp_path / "a.csv").write_text(content)
        with open_reader(str(tmp_path / "a.csv")) as reader:
            assert [(batch.num_rows, batch.schema.names) for batch in reader] == [(0, ["id", "text"])]


def test_mistakes_are_one_line_that_names_the_file(tmp_path):
    contents = {
        "empty.csv": b"",
        "blank.csv": b"\n\n",
        "empty.jsonl": b"",
        "array.jsonl": b"[1]\n",
        "twice.csv": b"a,b,a\n1,2,3\n",
        "dos.csv": "id,text\n1,ok\n2,bl\u00e5b\u00e6r og br\u00f8d\n".encode("cp850"),
        "not.csv.gz": b"id,text\n1,a\n",
        "cut.csv.gz": gzip.compress(b"id,text\n" + bytes(range(256)) * 9, 1)[:-20],
        "not.parquet": b"id,text\n",
        "long.csv": b"a" * (2 << 20),
        "folder.csv": None,
    }
    for name, content in contents.items():
        path = tmp_path / name
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content)
        with pytest.raises(FeedbackError) as caught:
            read(path)
        message = str(caught.value)
        assert name in message
        assert "\n" not in message
        if name == "dos.csv":
            assert "--encoding" in message
    with pytest.raises(FeedbackError, match="no such file"):
        read(tmp_path / "missing.csv")


def test_wrong_usage(tmp_path):
    (tmp_path / "a.csv").write_text("a\n1\n")
    for options in [{"encoding": "klingon"}, {"format": "docx"}]:
        with pytest.raises(UsageError, match="unknown"):
            read(tmp_path / "a.csv", **options)
    with pytest.raises(UsageError, match="--format"):
        read(tmp_path / "a.docx")
    with pytest.raises(UsageError, match="--output-format"):
        open_writer(str(tmp_path / "a.xlsx"))
    with pytest.raises(UsageError, match=r"\.gz"):
        open_writer(str(tmp_path / "a.csv.gz"))


@pytest.mark.parametrize("extension", ["csv", "jsonl", "parquet"])
def test_nothing_half_is_left_behind(tmp_path, extension):
    path = tmp_path / f"a.{extension}"
    path.write_text("before")
    batch = pa.RecordBatch.from_pydict({"text": ["a"]})
    with pytest.raises(AttributeError):
        write(path, batch, None)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    write(path, batch)
    assert read(path)[0]["text"] == "a"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(FeedbackError, match="cannot be written"):
        open_writer(str(tmp_path / "missing" / "a.csv"))


def test_a_link_stays_a_link_and_a_device_a_device(tmp_path):
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    write(tmp_path / "link.csv", pa.RecordBatch.from_pydict({"text": ["a"]}))
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "text\na\n"
    write_to_device("/dev/null", "csv", pa.RecordBatch.from_pydict({"text": ["a"]}))
    assert Path("/dev/null").is_char_device()


def test_other_columns_than_the_first_batch(tmp_path):
    one, two = (pa.RecordBatch.from_pydict({name: ["a"]}) for name in "xy")
    for extension in ["csv", "parquet"]:
        with pytest.raises(FeedbackError, match="'y'"):
            write(tmp_path / f"a.{extension}", one, two)
    with pytest.raises(FeedbackError, match="'x' is string in one input and list"):
        write(tmp_path / "a.parquet", one, pa.RecordBatch.from_pydict({"x": [[1]]}))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_full_disk(kind):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    batch = pa.RecordBatch.from_pydict({"text": ["a"]})
    with pytest.raises(FeedbackError, match="/dev/full: cannot be written"):
        write_to_device("/dev/full", kind, batch)


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
def test_stdin_and_stdout(monkeypatch, capsysbinary, kind):
    batch = pa.RecordBatch.from_pydict({"id": ["1"], "text": ["a,\tb"]})
    with open_writer("-", format=kind) as writer:
        writer.write(batch)
    written = capsysbinary.readouterr().out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(written)))
    rows = read("-", format=kind)
    assert [(row["id"], row["text"]) for row in rows] == [("1", "a,\tb")]
    assert not sys.stdin.buffer.closed


def test_a_closed_pipe_is_told_as_such():
    script = """
import sys, pyarrow as pa
from feedbackclf.tables import open_writer
batch = pa.RecordBatch.from_pydict({"text": ["a" * 100] * 1000})
try:
    with open_writer("-") as writer:
        for _ in range(1000): writer.write(batch)
except BrokenPipeError:
    print("closed", file=sys.stderr)
    sys.stderr.flush()
    import os; os._exit(0)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b"closed\n"


def test_find_text_column():
    assert find_text_column(["id", "Review_Text", "title"], None, "f") == "Review_Text"
    assert find_text_column(["id", "TEKST", "comment"], "comment", "f") == "comment"
    assert find_text_column(["title", "comment", "Text"], None, "f") == "Text"
    assert find_text_column(["Omdöme ", "x"], None, "f") == "Omdöme "
    assert find_text_column(["whatever"], None, "f") == "whatever"
    for wanted in [None, "Text"]:
        with pytest.raises(UsageError, match=r"a\.csv: .*--text-column.*: 'id', 'name'"):
            find_text_column(["id", "name"], wanted, "a.csv")


@pytest.mark.parametrize(
    "values", [[-0.0, 0.5], [0.0, 1.0, None], [0.1234, 0.12345], [1.0001, 2.0], [1e300, float("inf")], [float("nan")]]
)
def test_floats_are_spelled_as_arrow_does_whether_looked_up_or_not(tmp_path: Path, values: list[float | None]) -> None:
    column = pa.array(values, pa.float64())
    with open_writer(str(tmp_path / "out.csv")) as writer:
        writer.write(pa.RecordBatch.from_pydict({"id": pa.array(range(len(values))), "x": column}))
    spelled = [row.split(",")[1] for row in (tmp_path / "out.csv").read_text().splitlines()[1:]]
    assert spelled == [text or "" for text in column.cast(pa.string()).to_pylist()]


def test_a_null_label_alone_in_its_row_is_no_blank_line(tmp_path: Path) -> None:
    with open_writer(str(tmp_path / "out.csv")) as writer:
        writer.write(pa.RecordBatch.from_pydict({"x": pa.array(["a", None]).dictionary_encode()}))
    assert (tmp_path / "out.csv").read_text() == 'x\na\n""\n'

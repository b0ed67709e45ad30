"""Every case of `torture` comes to what it says, and so does whatever Python's own writers write."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedbackclf.commands import main
from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.tables import Rejected, RejectsFile, delimited_reader, find_text_column, jsonl_reader, open_reader
from tests.torture import CASES, Case, zst


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(tmp_path: Path, case: Case) -> None:
    path = tmp_path / case.file
    path.write_bytes(case.data)
    if case.texts is None:
        assert case.error is not None
        with pytest.raises(FeedbackError) as caught:
            texts_of(str(path), case)
        assert case.error in str(caught.value)
        assert "\n" not in str(caught.value)
        assert isinstance(caught.value, UsageError) == case.is_usage
        assert case.is_usage or str(path) in str(caught.value)
        return
    texts, rejected, notes = texts_of(str(path), case)
    assert len(texts) == len(case.texts)
    assert all(map(str.__eq__, texts, case.texts))
    assert [reject.row for reject in rejected] == [row for row, _ in case.rejected]
    for reject, (_, reason) in zip(rejected, case.rejected, strict=True):
        assert reason in reject.reason
        assert reject.file == str(path)
    assert len(notes) == (case.note is not None)
    assert case.note is None or (case.note in notes[0] and notes[0].startswith(str(path)))


@pytest.mark.parametrize("case", [case for case in CASES if len(case.data) < 1 << 20], ids=lambda case: case.name)
def test_case_on_the_command_line(
    tmp_path: Path, case: Case, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(case.file).write_bytes(case.data)
    options = [part for name, value in case.options.items() for part in (f"--{name}", value)]
    column = ["--text-column", case.column] if case.column else []
    monkeypatch.setattr(sys, "argv", ["feedbackclf", "predict", case.file, "-o", "out.csv", *options, *column])
    with pytest.raises(SystemExit) as stop:
        main()
    told = capsys.readouterr()
    assert (int(stop.value.code or 0), told.out) == (case.exit_code, "")
    assert Path("out.csv").exists() == (case.texts is not None)
    assert Path("out.csv.rejects.jsonl").exists() == bool(case.rejected)
    if case.texts is None:
        assert case.error is not None
        assert case.error in told.err
        assert len(told.err.splitlines()) == 1
        return
    with open_reader(case.file, **case.options) as reader:
        name = find_text_column(reader.column_names, case.column, case.file)
    texts, _, _ = texts_of("out.csv", Case(case.name, b"", column=name))
    assert texts == list(case.texts)
    if case.rejected:
        kept = [json.loads(line)["row"] for line in Path("out.csv.rejects.jsonl").read_text("utf-8").splitlines()]
        assert kept == [row for row, _ in case.rejected]
    assert case.note is None or case.note in told.err.splitlines()[0]


def texts_of(path: str, case: Case) -> tuple[list[str], list[Rejected], list[str]]:
    with open_reader(path, **case.options) as reader:
        column = case.column or find_text_column(reader.column_names, None, path)
        texts = [text for batch in reader for text in batch.column(column).to_pylist()]
        return texts, reader.rejected, reader.notes


CELLS = st.sampled_from(["", "a", '"', '""', "a,b", "a;b", "\t", "|", "å\nø", "\r", "\r\n", "\0", "É’", "NÄ…", "🙂"])
anything = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PACKERS = {"": bytes, ".gz": gzip.compress, ".zst": zst}
SIZES = st.sampled_from([1, 2, 3, 7, 50, 1 << 20])


def read_in_blocks(path: Path, size: int, **options: str) -> tuple[list[dict[str, str]], list[Rejected]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited_reader, "_BLOCK_BYTES", size)
        patch.setattr(jsonl_reader, "_BLOCK_BYTES", size)
        with open_reader(str(path), **options) as reader:
            return [row for batch in reader for row in batch.to_pylist()], reader.rejected


@anything
@given(
    cells=st.lists(st.tuples(CELLS | st.text(st.characters(exclude_categories=["Cs"]), max_size=8), CELLS), max_size=5),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "utf-16-be", "cp850"]),
    packer=st.sampled_from(sorted(PACKERS)),
    size=SIZES,
)
def test_what_pythons_csv_writes_is_read(
    tmp_path: Path,
    cells: list[tuple[str, str]],
    delimiter: str,
    line_end: str,
    encoding: str,
    packer: str,
    size: int,
) -> None:
    cells = [tuple(cell.encode(encoding, "ignore").decode(encoding) for cell in row) for row in cells]  # type: ignore[misc]
    stream = io.StringIO(newline="")
    # Without all quotes Python's csv leaves a \r as it is where lines end in \n.
    quoting = csv.QUOTE_MINIMAL if line_end == "\r\n" else csv.QUOTE_ALL
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerows([("id", "text"), *cells])
    path = tmp_path / f"a.csv{packer}"
    path.write_bytes(PACKERS[packer](stream.getvalue().encode(encoding)))
    is_told = encoding.startswith("utf") and encoding != "utf-16-be"
    rows, rejected = read_in_blocks(path, size, format="csv", **({} if is_told else {"encoding": encoding}))
    expected = [cell.replace("\r", "\n") if line_end == "\r" else cell for row in cells for cell in row]
    assert ([cell for row in rows for cell in row.values()], rejected) == (expected, [])


@anything
@given(
    cells=st.lists(CELLS | st.text(max_size=8), min_size=1, max_size=5),
    is_ascii=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    packer=st.sampled_from(sorted(PACKERS)),
    size=SIZES,
)
def test_what_pythons_json_writes_is_read(
    tmp_path: Path, cells: list[str], is_ascii: bool, encoding: str, packer: str, size: int
) -> None:
    lines = "".join(json.dumps({"text": cell}, ensure_ascii=is_ascii) + "\n" for cell in cells)
    path = tmp_path / f"a.jsonl{packer}"
    path.write_bytes(PACKERS[packer](lines.encode(encoding)))
    rows, rejected = read_in_blocks(path, size, format="jsonl")
    assert ([row["text"] for row in rows], rejected) == (cells, [])


PIECES = [b"a", b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"\xe5", b"\xc3\xb8", b"\xc3", b"\xef\xbb\xbf", b"\x81"]
BYTES = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)
HEADS = st.sampled_from([b"a,b\n", b"text\n", b"a;b;c\r\n"])


@settings(anything, max_examples=150)
@given(data=st.tuples(HEADS, BYTES).map(b"".join), size=SIZES, encoding=st.sampled_from(["utf-8", "cp1252"]))
def test_rows_are_taken_or_rejected_alike_wherever_blocks_are_cut(
    tmp_path: Path, data: bytes, size: int, encoding: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    assert read_in_blocks(path, size, encoding=encoding) == read_in_blocks(path, 1 << 20, encoding=encoding)


LINES = st.lists(st.sampled_from([b"a", b" ", b"\xc3\xb8", b'"', b"\r", b"\xe5", b"\xff,"]), max_size=6).map(b"".join)


@settings(anything, max_examples=200)
@given(head=HEADS, lines=st.lists(LINES, max_size=8))
def test_rows_that_are_no_text_have_the_numbers_they_would_have_if_they_were(
    tmp_path: Path, head: bytes, lines: list[bytes]
) -> None:
    path = tmp_path / "a.csv"
    data = head + b"\n".join(lines)
    path.write_bytes(data)
    found, rejected = read_in_blocks(path, 1 << 20, encoding="utf-8")
    path.write_bytes(data.replace(b"\xe5", b"e").replace(b"\xff", b"f"))
    sound, refused = read_in_blocks(path, 1 << 20, encoding="utf-8")
    bad = {reject.row for reject in rejected if "not UTF-8" in reject.reason}
    assert {reject.row for reject in rejected} - bad == {reject.row for reject in refused} - bad
    numbers = sorted({*range(1, len(sound) + len(refused) + 1)} - {reject.row for reject in refused})
    assert found == [row for number, row in zip(numbers, sound, strict=True) if number not in bad]
    assert all((reject.raw_bytes is None) == ("\\x" not in reject.raw) for reject in rejected)


@settings(anything, max_examples=200)
@given(data=BYTES | st.binary(max_size=60), file=st.sampled_from(["a.csv", "a.tsv", "a.jsonl"]))
def test_no_file_whatever_ends_in_a_traceback(tmp_path: Path, data: bytes, file: str) -> None:
    (tmp_path / file).write_bytes(data)
    with suppress(FeedbackError):
        _, rejected = read_in_blocks(tmp_path / file, 1 << 20)
        assert all(reject.row > 0 for reject in rejected)


def test_rejects_keep_the_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("id,text\n1,blå\n2\n".encode() + b"3,p\xe5\n")
    _, rejected = read_in_blocks(tmp_path / "a.csv", 1 << 20)
    with RejectsFile(str(tmp_path / "rejects.jsonl")) as rejects:
        rejects.take(rejected)
    first, second = (json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text().splitlines())
    assert (first["row"], first["raw"], list(first)) == (2, "2", ["file", "row", "reason", "raw"])
    assert (second["row"], second["raw"], base64.b64decode(second["raw_base64"])) == (3, r"3,p\xe5", b"3,p\xe5")

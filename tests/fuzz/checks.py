"""What has to be so for whatever is read, and for whatever is said instead."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.tables import (
    RAW_JSON,
    Rejected,
    delimited_reader,
    find_text_column,
    jsonl_reader,
    open_reader,
    open_writer,
    parquet,
    text,
    xlsx,
)
from feedbackclf.tables.sources import open_bytes
from tests.fuzz.valid import CANARY

LIMITED = [delimited_reader, jsonl_reader, parquet, text, xlsx]
LONGEST_MESSAGE = 400
# A name may be quoted, and any text may be one where the first row is lost.
NAMED = re.compile(r"""(the column|the sheet|column|sheet|of:|,) ('([^'\\]|\\.)*'|"([^"\\]|\\.)*")""")
# How U+FFFD comes into a file; in a workbook half a surrogate pair is one.
REPLACED = re.compile(
    b"|".join(re.escape("\ufffd".encode(codec)) for codec in ["utf-8", "utf-16-le", "utf-16-be", "gb18030"])
    + rb"|\\ufffd|_xD[89A-F]|\+",  # UTF-7
    re.IGNORECASE,
)
STRINGS = (pa.string(), pa.large_string())


@dataclass(frozen=True)
class Found:
    """What was read."""

    batches: list[pa.RecordBatch]
    rejected: list[Rejected]
    notes: list[str]

    @property
    def n_rows(self) -> int:
        return sum(batch.num_rows for batch in self.batches)


def read(path: Path, limits: Mapping[str, int] | None = None, **options: Any) -> Found | str:
    """What is in a file, or what is wrong with it; some sizes in the readers may be other ones."""
    with pytest.MonkeyPatch.context() as patch:
        for name, limit in (limits or {}).items():
            for module in LIMITED:
                patch.setattr(module, name, limit, raising=False)
        try:
            with open_reader(str(path), **options) as reader:
                return Found(list(reader), reader.rejected, reader.notes)
        except FeedbackError as error:
            return str(error)


def check_line(message: str) -> None:
    """It is one line, of a length that can be read, and quotes no text."""
    assert message.isprintable()
    assert len(message) <= LONGEST_MESSAGE
    assert CANARY not in NAMED.sub("", message)


def check_found(found: Found, path: Path) -> None:
    """Texts are UTF-8, nothing is made up, and rejected rows have numbers in order."""
    assert found.batches
    check_choice(found.batches[-1].schema.names)
    for batch in found.batches:
        batch.validate(full=True)
        texts = (column for column in batch.columns if column.type in STRINGS)
        if any("\ufffd" in text for column in texts for text in column.to_pylist() if text):
            assert may_hold_replaced(path)
    numbers = [reject.row for reject in found.rejected]
    assert numbers == sorted(set(numbers))
    assert not numbers or (numbers[0] >= 1 and numbers[-1] <= found.n_rows + len(numbers))
    for line in [*found.notes, *(reject.reason for reject in found.rejected)]:
        check_line(line)


def check_choice(names: list[str]) -> None:
    """The column with the text is found, or the user is told to choose one."""
    try:
        assert find_text_column(names, None, "a.csv") in names
    except UsageError as error:
        check_line(str(error))


def may_hold_replaced(path: Path) -> bool:
    """Whether U+FFFD, or what it stands for in a workbook, may be in the file itself."""
    data = path.read_bytes()
    if data.startswith(b"PAR1"):
        return True  # packed in too many ways
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            data = b"".join(archive.read(name) for name in archive.namelist())
    else:
        with closing(open_bytes(str(path))) as source:
            data = source.read()
    return bool(REPLACED.search(data))


def check_written(found: Found, folder: Path) -> None:
    """What was read can be written as CSV and as JSON lines, and read again."""
    names = found.batches[0].schema.names
    if not found.n_rows or not found.batches[0].num_columns:
        return  # JSON lines would not know the columns
    again = _written(found, folder / "b.jsonl")
    ours = {name for batch in found.batches for name in batch.schema.names if batch.schema.field(name).type in STRINGS}
    ours -= {RAW_JSON}
    assert _members(again, ours) == _members(found, ours)
    names = [name for name in names if name != RAW_JSON]
    if all(batch.schema.names == found.batches[0].schema.names for batch in found.batches) and _are_plain(names):
        again = _written(found, folder / "b.csv", encoding="utf-8", delimiter=",")
        places = [place for place, name in enumerate(names) if name in ours]
        assert _cells(again, places) == _cells(found, places)


def _written(found: Found, path: Path, **options: Any) -> Found:
    with open_writer(str(path)) as writer:
        for batch in found.batches:
            writer.write(batch)
    again = read(path, **options)
    assert isinstance(again, Found)
    assert not again.rejected
    assert again.n_rows == found.n_rows
    return again


def _members(found: Found, names: set[str]) -> list[dict[str, str]]:
    rows = [row for batch in found.batches for row in batch.to_pylist()]
    return [{name: row[name] for name in names if row.get(name) is not None} for row in rows]


def _are_plain(names: list[str]) -> bool:
    """Whether they are those of columns in a CSV file as well, and do not look like what stands before them."""
    if not "".join(names).strip():
        return False
    return not names[0].lower().startswith(("\ufeff", "sep=")) and not any("\0" in name for name in names)


def _cells(found: Found, places: list[int]) -> list[tuple[str, ...]]:
    """The cells of each row in some of the columns; a CSV file does not tell what is empty from what is not there."""
    rows = []
    for batch in found.batches:
        if RAW_JSON in batch.schema.names:
            batch = batch.drop_columns([RAW_JSON])
        columns = [[cell or "" for cell in batch.column(place).to_pylist()] for place in places]
        rows += list(zip(*columns, strict=True))
    return rows

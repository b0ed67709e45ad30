"""JSON lines: one object per line, which goes out as it came in, to the letter, with the new keys at its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.base import BATCH_ROWS, RAW_JSON, Reader, Rejected, Writer
from feedbackclf.tables.cells import join_lines, json_cells, text_array
from feedbackclf.tables.formats import STDIO
from feedbackclf.tables.sources import open_utf8

_BATCH_CHARACTERS = 16 << 20  # long lines make shorter batches
_BOM = b"\xef\xbb\xbf"
# Numbers stay as they are spelled: 1.10 and 12345678901234567890 are more than a float can hold.
_JSON = json.JSONDecoder(parse_float=str, parse_int=str)
_PLAIN = {str, type(None)}


class JsonlReader(Reader):
    """Batches of string columns, one per key (null where it is absent), and `RAW_JSON` with the lines.

    Strings are themselves, everything else is its JSON. `column_names` grows when a new key turns up.
    """

    format = "jsonl"

    def __init__(self, path: str, encoding: str, all_columns: bool) -> None:
        self.rejected = []
        self._path = path
        self._row = 0
        names: dict[str, None] = {}
        if all_columns and path != STDIO:
            with open_utf8(path, encoding) as stream:
                for line in _lines(stream):
                    names.update(dict.fromkeys(_members(line) or ()))
        self._names = names
        self._stream = open_utf8(path, encoding)
        self._lines = _lines(self._stream)
        try:
            self._first = self._next_batch()
            if not names:
                raise FeedbackError(f"{path}: " + ("no line is a JSON object" if self._row else "is empty"))
        except BaseException:
            self._stream.close()
            raise

    @property
    def column_names(self) -> list[str]:  # type: ignore[override]
        return list(self._names)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        batch = self._first
        while batch is not None:
            yield batch
            batch = self._next_batch()

    def close(self) -> None:
        self._stream.close()

    def _next_batch(self) -> pa.RecordBatch | None:
        rows: list[dict[str, str | None]] = []
        lines: list[str] = []
        start, size = self._row, 0
        for line in islice(self._lines, BATCH_ROWS):
            self._row += 1
            row = _members(line)
            if row is None:
                self.rejected.append(Rejected(self._path, self._row, "not a JSON object", line))
            else:
                rows.append(row)
                lines.append(line)
            size += len(line)
            if size > _BATCH_CHARACTERS:
                break
        if self._row == start:
            return None
        for row in rows:
            if not row.keys() <= self._names.keys():
                self._names.update(dict.fromkeys(row))
        columns = {name: text_array([row.get(name) for row in rows]) for name in self._names}
        return pa.RecordBatch.from_pydict({**columns, RAW_JSON: text_array(lines)})


class JsonlWriter(Writer):
    """Writes one object per row. Lines that came from JSONL are continued, not written anew."""

    def write(self, batch: pa.RecordBatch) -> None:
        names = batch.schema.names
        pieces: list[pa.Array | str] = ["{"]
        if RAW_JSON in names:
            at = names.index(RAW_JSON)
            head = pc.replace_substring_regex(batch.column(at), r"\s*\}$", "")
            pieces = [head, pc.if_else(pc.equal(head, "{"), "", ", ")]
            batch, names = batch.select(names[at + 1 :]), names[at + 1 :]
            if not names:
                pieces = [head]
        for position, (name, column) in enumerate(zip(names, batch.columns, strict=True)):
            pieces += [", " if position else "", json.dumps(name, ensure_ascii=False) + ": ", json_cells(column)]
        self._sink.write(join_lines([*pieces, "}"]))


def _lines(stream: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(stream):
        bare = (line if number else line.removeprefix(_BOM)).strip()
        if bare:
            yield bare.decode()


def _members(line: str) -> dict[str, str | None] | None:
    """The members of an object, strings as they are and other values as their JSON; None if it is no object."""
    try:
        row, end = _JSON.raw_decode(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or end != len(line):
        return None
    if not _PLAIN.issuperset(map(type, row.values())):
        spelled = {key: line[start:end] for key, start, end in _places(line)}
        return {key: value if value is None or isinstance(value, str) else spelled[key] for key, value in row.items()}
    return row


def with_value(line: str, key: str, text: str) -> str:
    """The line of an object with another text for a key; all else stays as it is, to the letter."""
    for found, start, end in reversed([*_places(line)]):
        if found == key:
            line = line[:start] + json.dumps(text, ensure_ascii=False) + line[end:]
    return line


def _places(line: str) -> Iterator[tuple[str, int, int]]:
    """The keys of a valid object, and where in the line the value of each begins and ends."""
    at = _skip_gap(line, 1)
    while line[at] != "}":
        key, at = _JSON.raw_decode(line, at)
        start = _skip_gap(line, at)
        _, at = _JSON.raw_decode(line, start)
        yield key, start, at
        at = _skip_gap(line, at)


def _skip_gap(line: str, at: int) -> int:
    while line[at] in " \t\r\n:,":
        at += 1
    return at

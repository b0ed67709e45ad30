"""Reading JSON lines: one object per line, which is kept to the letter beside its columns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.base import BATCH_ROWS, LONGEST_ROW, MOST_COLUMNS, RAW_JSON, Reader
from feedbackclf.tables.cells import text_array
from feedbackclf.tables.formats import STDIO
from feedbackclf.tables.text import TextStream

_BLOCK_BYTES = 1 << 20
_BATCH_CHARACTERS = 16 << 20  # long lines make shorter batches
_SPACE = " \t\r\v\f"


class _NoJsonError(ValueError):
    """NaN or Infinity, which Python reads and writes."""


def _refuse(constant: str) -> None:
    raise _NoJsonError


# Numbers stay as they are spelled: 1.10 and 12345678901234567890 are more than a float can hold.
_JSON = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse)
_MAYBE_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*+"|-?Infinity|NaN')
_PLAIN = {str, type(None)}

# The members of an object: strings as they are, and other values as their JSON.
Members = dict[str, str | None]


@dataclass(frozen=True)
class Flawed:
    """A line that is rejected, and why."""

    reason: str
    line: bytes


class JsonlReader(Reader):
    """Batches of string columns, one per key (null where it is absent), and `RAW_JSON` with the lines.

    Strings are themselves, everything else is its JSON. `column_names` grows when a new key turns up. A line that is no
    object, or no text, is rejected.
    """

    format = "jsonl"

    def __init__(self, path: str, encoding: str | None, all_columns: bool) -> None:
        super().__init__()
        self._path = path
        self._names: dict[str, None] = {}
        if all_columns and path != STDIO:
            with closing(TextStream(path, encoding)) as stream:
                for found in _objects(stream):
                    if not isinstance(found, Flawed):
                        self._learn(found[1])
        self._row = 0
        self._stream = TextStream(path, encoding, self.notes)
        try:
            self._rows = _objects(self._stream)
            self._first = self._next_batch()
            if not self._names:
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
            self.share = self._stream.share
            yield batch
            batch = self._next_batch()

    def close(self) -> None:
        self._stream.close()

    def _next_batch(self) -> pa.RecordBatch | None:
        rows: list[Members] = []
        lines: list[str] = []
        start, size = self._row, 0
        for found in islice(self._rows, BATCH_ROWS):
            self._row += 1
            if isinstance(found, Flawed):
                self.rejected.append(self._stream.reject_long(self._row, found.reason, found.line))
                size += len(found.line)
            else:
                lines.append(found[0])
                rows.append(found[1])
                size += len(found[0])
            if size > _BATCH_CHARACTERS:
                break
        if self._row == start:
            return None
        for row in rows:
            self._learn(row)
        columns = {name: text_array([row.get(name) for row in rows]) for name in self._names}
        return pa.RecordBatch.from_pydict({**columns, RAW_JSON: text_array(lines)})

    def _learn(self, row: Members) -> None:
        if not row.keys() <= self._names.keys():
            self._names.update(dict.fromkeys(row))
            if len(self._names) > MOST_COLUMNS:
                raise FeedbackError(f"{self._path}: has more than {MOST_COLUMNS:,} different keys, too many to read")


def _objects(stream: TextStream) -> Iterator[tuple[str, Members] | Flawed]:
    """The lines that are not blank, each with its members or what is wrong with it."""
    number, is_array = 0, False
    for number, line in enumerate(_lines(stream), 1):
        if isinstance(line, Flawed):
            yield line
            continue
        try:
            members = _members(line)
        except _NoJsonError:  # what goes out has to be valid
            stream.note("NaN and Infinity are no JSON; they are read, and written, as null")
            line = _STRING_OR_CONSTANT.sub(lambda found: found[0] if found[0][0] == '"' else "null", line)
            members = _members(line)
        if isinstance(members, str):
            if number == 1 and line.startswith("["):
                is_array = True
                if not _is_json(line):
                    break
            yield Flawed(members, line.encode())
        else:
            yield line, members
    if is_array and number == 1:
        raise FeedbackError(f"{stream.path}: is one JSON array; make lines of it, for instance with jq -c '.[]'")


def _lines(stream: TextStream) -> Iterator[str | Flawed]:
    """The lines that are not blank."""
    for block in _blocks(stream):
        if isinstance(block, Flawed):
            yield block
        elif stream.is_clean(block):
            yield from filter(None, (line.strip(_SPACE) for line in block.decode().split("\n")))
        else:
            for line in filter(None, (line.strip(_SPACE.encode()) for line in block.split(b"\n"))):
                flaw = stream.flaw(line)
                yield Flawed(flaw, line) if flaw else line.decode()


def _blocks(stream: TextStream) -> Iterator[bytes | Flawed]:
    """Whole lines, about `_BLOCK_BYTES` of them at a time, and lines that are too long."""
    rest = b""
    head = stream.read(_BLOCK_BYTES)
    stream.ends_in_returns = b"\r" in head and b"\n" not in head
    stream.unread(head)
    # Twice as much each time a line does not end, so that a long one is not scanned again and again.
    while chunk := stream.read(min(max(_BLOCK_BYTES, len(rest)), LONGEST_ROW + 1 - len(rest))):
        block = rest + chunk
        cut = block.rfind(b"\n") + 1
        if cut:
            yield block[:cut]
        rest = block[cut:]
        if len(rest) > LONGEST_ROW:
            yield Flawed(f"longer than {LONGEST_ROW >> 20} MB", rest)
            stream.skip_line()
            rest = b""
    if rest:
        yield rest


def _members(line: str) -> Members | str:
    """The members of an object, or why it is none."""
    try:
        row, end = _JSON.raw_decode(line)
    except (json.JSONDecodeError, RecursionError):
        return "not a JSON object"
    if not isinstance(row, dict) or end != len(line):
        return "not a JSON object"
    if _MAYBE_HALF.search(line) and any(_is_half(text) for text in [*row, *row.values()]):
        return "holds half a character (a lone surrogate)"
    if RAW_JSON in row:
        return f"the key {RAW_JSON!r} cannot be read"
    if not _PLAIN.issuperset(map(type, row.values())):
        spelled = {key: line[start:end] for key, start, end in _places(line)}
        return {key: value if value is None or isinstance(value, str) else spelled[key] for key, value in row.items()}
    return row


def _is_half(value: object) -> bool:
    """Whether a text has one half of a character that UTF-16 writes as two, which is no text."""
    return isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value)


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def with_changed(line: str, key: str, change: Callable[[str], str]) -> str:
    """The line of an object with its text for a key changed, wherever it is; all else stays, to the letter."""
    for found, start, end in reversed([*_places(line)]):
        if found != key:
            continue
        value = line[start:end]
        text = json.loads(value) if value.startswith('"') else value
        changed = change(text)
        if changed != text:
            line = line[:start] + json.dumps(changed, ensure_ascii=False) + line[end:]
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

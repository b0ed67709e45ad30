"""CSV and TSV: every cell is the string that stands there.

Arrow's parser was chosen over Python's `csv`: for rows of 250 characters it is three times as fast (490,000 against
170,000 rows/s on one busy core, the making of the columns included), and it numbers the rows it refuses. It is handed
whole rows, though, and not the file: its streaming reader (`open_csv`) can hang when it is left before the end, as
with `| head`, because its thread waits for itself; and it fails on rows longer than its blocks.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

import pyarrow as pa
from pyarrow import csv as pa_csv

from feedbackclf import kernels
from feedbackclf.errors import FeedbackError
from feedbackclf.tables.base import BATCH_ROWS, Reader, Rejected, Writer, check_columns, without_raw_json
from feedbackclf.tables.cells import csv_lines
from feedbackclf.tables.sinks import Written
from feedbackclf.tables.sources import open_utf8

_BLOCK_BYTES = 2 << 20
_LONGEST_ROW = 32 << 20  # beyond this, a quote was opened by mistake
_HEADER_BYTES = 1 << 20
_BOM = "\ufeff"


class DelimitedReader(Reader):
    """Reads CSV (also with semicolons, as Excel writes it in these countries: the header tells) and TSV.

    A row with too many or too few cells is rejected. Blank lines are passed over, but are rows with an empty
    text where there is only one column.
    """

    def __init__(self, path: str, format: str, encoding: str) -> None:
        self.format = format
        self.rejected = []
        self._path = path
        self._rows = 0  # parsed so far, the rejected ones too
        self._stream = open_utf8(path, encoding)
        try:
            header = self._header_lines()
            first = next(header, None)
            if first is None:
                raise FeedbackError(f"{path}: is empty; a row with the column names is needed")
            self._delimiter = "\t" if format == "tsv" else ";" if ";" in first and "," not in first else ","
            self.column_names = _parse_header(path, chain([first], header), self._delimiter)
        except BaseException:
            self._stream.close()
            raise

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        empty = True
        for block in self._blocks():
            for batch in self._parse(block).to_batches(BATCH_ROWS):
                empty = False
                yield batch
        if empty:
            yield pa.RecordBatch.from_pydict({name: pa.array([], pa.string()) for name in self.column_names})

    def close(self) -> None:
        self._stream.close()

    def _blocks(self) -> Iterator[bytes]:
        """Whole rows, about `_BLOCK_BYTES` of them at a time."""
        rest, in_quotes = b"", False
        # Twice as much each time a row does not end, so that a long one is not scanned again and again.
        while chunk := self._stream.read(max(_BLOCK_BYTES, len(rest))):
            block = rest + chunk
            cut, in_quotes = _last_row_end(block, self._delimiter)
            if cut:
                yield block[:cut]
            rest = block[cut:]
            if len(rest) > _LONGEST_ROW:
                where = f"{self._path}, row {self._rows + 1}"
                raise FeedbackError(f"{where}: is longer than {_LONGEST_ROW >> 20} MB; is a closing quote missing?")
        if in_quotes:
            self.rejected.append(Rejected(self._path, self._rows + 1, "a quote is never closed", rest.decode()))
        elif rest:
            yield rest

    def _parse(self, block: bytes) -> pa.Table:
        before, names, refused = self._rows, self.column_names, 0

        def refuse(row: Any) -> str:
            nonlocal refused
            refused += 1
            reason = f"{row.actual_columns} cells where the header has {row.expected_columns}"
            self.rejected.append(Rejected(self._path, before + row.number, reason, row.text))
            return "skip"

        try:
            table = pa_csv.read_csv(
                pa.BufferReader(block),
                # Without threads Arrow numbers the rows it refuses.
                pa_csv.ReadOptions(column_names=names, block_size=len(block) + 1, use_threads=False),
                pa_csv.ParseOptions(
                    delimiter=self._delimiter,
                    newlines_in_values=True,
                    ignore_empty_lines=len(names) > 1,
                    invalid_row_handler=refuse,
                ),
                pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), check_utf8=False),
            )
        except pa.ArrowInvalid:  # its message may quote a customer
            where = f"{self._path}, after row {before}"
            raise FeedbackError(f"{where}: cannot be read as {self.format.upper()}") from None
        self._rows += table.num_rows + refused
        return table

    def _header_lines(self) -> Iterator[str]:
        started = False
        left = _HEADER_BYTES
        while line := self._stream.readline(left):
            left -= len(line)
            if not left:
                raise FeedbackError(f"{self._path}: the column names do not end; is this {self.format.upper()}?")
            text = line.decode().removeprefix("" if started else _BOM)
            started = started or bool(text.strip())
            if started:
                yield text


class DelimitedWriter(Writer):
    """Writes CSV (commas) or TSV: UTF-8, `\\n`, quotes only where they are needed."""

    def __init__(self, path: str, format: str, after: Written | None = None) -> None:
        super().__init__(path, after)
        self._delimiter = "\t" if format == "tsv" else ","
        self._names: list[str] | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        batch = without_raw_json(batch)
        if self._names is None:
            self._names = batch.schema.names
            if not self._sink.written.size:
                self._sink.write(csv_lines([pa.array([name]) for name in self._names], self._delimiter))
        check_columns(self._sink.path, self._names, batch.schema.names)
        self._sink.write(csv_lines(batch.columns, self._delimiter))


def _parse_header(path: str, lines: Iterator[str], delimiter: str) -> list[str]:
    try:
        names = next(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        raise FeedbackError(f"{path}: the first row cannot be read as column names") from None
    for name in names:
        if names.count(name) > 1:
            raise FeedbackError(f"{path}: the column {name!r} is there twice; rename one")
    return names


@cache
def _quoted_cell(delimiter: str) -> re.Pattern[bytes]:
    """Matches a quoted cell from left to right; group 1 is its closing quote, or empty if the bytes end before."""
    # The quote comes before the look at what is left of it: `re` finds a literal beginning several times as fast.
    return re.compile(rb'"(?<![^%s\r\n]")[^"]*+(?:""[^"]*+)*+("|\Z)' % delimiter.encode())


def _last_row_end(block: bytes, delimiter: str) -> tuple[int, bool]:
    """Where the last whole row of a block ends (0 if none does), and whether the block ends between quotes."""
    compiled = kernels.compiled()
    if compiled is not None:
        cut = compiled.last_row_end(block, len(block), ord(delimiter))
        return (cut, False) if cut >= 0 else (-1 - cut, True)
    cells = list(_quoted_cell(delimiter).finditer(block))
    end = len(block)
    for cell in reversed(cells):
        newline = block.rfind(b"\n", cell.end(), end)
        if newline >= 0:
            break
        end = cell.start()
    else:
        newline = block.rfind(b"\n", 0, end)
    return newline + 1, bool(cells) and not cells[-1][1]

"""CSV and TSV: every cell is the string that stands there.

Arrow's reader was chosen over Python's `csv`: for rows of 250 characters 790,000 rows/s against 160,000 on one
core (Python's figure includes making the Arrow columns), with the same rows and the same row numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import pyarrow as pa
from pyarrow import csv as pa_csv

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.base import BATCH_ROWS, Reader, Rejected, Writer, check_columns, without_raw_json
from feedbackclf.tables.cells import csv_cells, join_lines
from feedbackclf.tables.files import open_utf8

# Arrow reads blocks, and a row must fit into one: this is the longest row. Smaller blocks would be faster, by
# more than twice at 2 MB, but still far from what anything downstream needs.
_BLOCK_BYTES = 16 << 20
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
        with self._explained():
            for block in self._open():
                for start in range(0, block.num_rows, BATCH_ROWS):
                    empty = False
                    yield block.slice(start, BATCH_ROWS)
        if empty:
            yield pa.RecordBatch.from_pydict({name: pa.array([], pa.string()) for name in self.column_names})

    def close(self) -> None:
        self._stream.close()

    def _open(self) -> Any:
        names = self.column_names
        return pa_csv.open_csv(
            self._stream,
            # Without threads, rejected rows know their number.
            read_options=pa_csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES, use_threads=False),
            parse_options=pa_csv.ParseOptions(
                delimiter=self._delimiter,
                newlines_in_values=True,
                ignore_empty_lines=len(names) > 1,
                invalid_row_handler=self._reject,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: pa.string() for name in names}, strings_can_be_null=False, check_utf8=False
            ),
        )

    def _reject(self, row: Any) -> str:
        reason = f"{row.actual_columns} cells where the header has {row.expected_columns}"
        self.rejected.append(Rejected(self._path, row.number, reason, row.text))
        return "skip"

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

    @contextmanager
    def _explained(self) -> Iterator[None]:
        # Arrow's own messages may quote the row, and so a customer: they are not passed on.
        try:
            yield
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return
            if "straddl" in str(error):
                what = f"a row is longer than {_BLOCK_BYTES >> 20} MB; is a closing quote missing?"
            else:
                what = f"cannot be read as {self.format.upper()}"
            raise FeedbackError(f"{self._path}: {what}") from None


class DelimitedWriter(Writer):
    """Writes CSV (commas) or TSV: UTF-8, `\\n`, quotes only where they are needed."""

    def __init__(self, path: str, format: str) -> None:
        super().__init__(path)
        self._format = format
        self._delimiter = "\t" if format == "tsv" else ","
        self._names: list[str] | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        batch = without_raw_json(batch)
        if self._names is None:
            self._names = batch.schema.names
            self._write_cells([pa.array([name]) for name in self._names])
        check_columns(self._sink.path, self._names, batch.schema.names)
        self._write_cells(batch.columns)

    def _write_cells(self, columns: list[pa.Array]) -> None:
        cells = [csv_cells(column, self._delimiter, alone=len(columns) == 1) for column in columns]
        self._sink.write(join_lines(cells, self._delimiter))


def _parse_header(path: str, lines: Iterator[str], delimiter: str) -> list[str]:
    try:
        names = next(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        raise FeedbackError(f"{path}: the first row cannot be read as column names") from None
    for name in names:
        if names.count(name) > 1:
            raise FeedbackError(f"{path}: the column {name!r} is there twice; rename one")
    return names

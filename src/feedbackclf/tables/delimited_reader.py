"""Reading CSV and TSV: every cell is the string that stands there.

Arrow's parser was chosen over Python's `csv`: for rows of 250 characters it is three times as fast (490,000 against
170,000 rows/s on one busy core, the making of the columns included), and it numbers the rows it refuses. It is handed
whole rows, though, and not the file: its streaming reader (`open_csv`) can hang when it is left before the end, as
with `| head`, because its thread waits for itself; and it fails on rows longer than its blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyarrow import csv as pa_csv

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.base import BATCH_ROWS, LONGEST_ROW, Reader, Rejected
from feedbackclf.tables.dialect import (
    NO_DELIMITER,
    absent_sign,
    column_names,
    delimiter_of,
    detected_delimiter,
    ends_in_returns,
    first_row,
)
from feedbackclf.tables.names import listed
from feedbackclf.tables.rows import last_row_end, one_row, open_quote
from feedbackclf.tables.text import TextStream

_BLOCK_BYTES = 2 << 20
_HEADER_BYTES = 1 << 18
_SAMPLE_BYTES = 1 << 17  # in which the delimiter is told
_BOM = b"\xef\xbb\xbf"


class DelimitedReader(Reader):
    """Reads CSV with any delimiter, and TSV.

    A row with too many or too few cells, or with bytes that are no text, is rejected. Blank lines are passed over, but
    are rows with an empty text where there is only one column.
    """

    def __init__(self, path: str, format: str, encoding: str | None, delimiter: str | None) -> None:
        super().__init__()
        self.format = format
        self._path = path
        self._rows = 0  # so far, the rejected ones too
        wanted = delimiter_of(delimiter) if delimiter is not None else "\t" if format == "tsv" else None
        self._stream = TextStream(path, encoding, self.notes)
        try:
            head = self._stream.read(_HEADER_BYTES)
            self._stream.ends_in_returns = ends_in_returns(head)
            if self._stream.ends_in_returns:
                self._stream.note("lines end in \\r, as on old Macintoshes; every \\r is read as \\n")
            start, named = first_row(head)
            self._delimiter = wanted or named or self._detected(head, start)
            end = self._read_names(head, start)
            self._stream.unread(head[end:])
        except BaseException:
            self._stream.close()
            raise

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        before, empty = 0.0, True
        for block in self._blocks():
            empty = False
            table, rows, after = self._parse(block), 0, self._stream.share
            # Where all rows are rejected, an empty batch lets them be taken.
            for batch in table.to_batches(BATCH_ROWS) or [self._no_rows()]:
                rows += batch.num_rows
                self.share = before + (after - before) * rows / max(table.num_rows, 1)
                yield batch
            before = after
        if empty:
            yield self._no_rows()

    def close(self) -> None:
        self._stream.close()

    def _no_rows(self) -> pa.RecordBatch:
        return pa.RecordBatch.from_pydict({name: pa.array([], pa.string()) for name in self.column_names})

    def _detected(self, head: bytes, start: int) -> str:
        sample = head[start : start + _SAMPLE_BYTES]
        found = detected_delimiter(sample.decode("utf-8", "replace"), is_whole=len(sample) < _SAMPLE_BYTES)
        if found in "\t|":
            name = "tab" if found == "\t" else found
            self._stream.note(f"cells are divided by {name}; pass --delimiter if that is wrong")
        return found

    def _read_names(self, head: bytes, start: int) -> int:
        """Learn the column names; returns where they end."""
        found = one_row(self._delimiter).match(head, start)
        row, end = (found[0], found.end()) if found else (b"", start)
        if not row:
            raise FeedbackError(f"{self._path}: is empty; a row with the column names is needed")
        if open_quote(row, self._delimiter) is not None or (found and not found["end"] and len(head) >= _HEADER_BYTES):
            raise FeedbackError(f"{self._path}: the column names do not end; is this {self.format.upper()}?")
        flaw = self._stream.flaw(row)
        if flaw:
            raise FeedbackError(f"{self._path}: the column names are {flaw}; say with --encoding what the file is")
        self.column_names, made_up = column_names(self._path, row.decode(), self._delimiter)
        if made_up:
            self._stream.note(f"columns without a name are called {listed(made_up)}")
        return end

    def _blocks(self) -> Iterator[bytes]:
        """Whole rows, about `_BLOCK_BYTES` of them at a time."""
        rest, ended = b"", False
        while rest or not ended:
            # Twice as much each time a row does not end, so that a long one is not scanned again and again.
            size = min(max(_BLOCK_BYTES, len(rest)), LONGEST_ROW + 1 - len(rest))
            chunk = b"" if ended else self._stream.read(size)
            ended = not chunk
            block = rest + chunk
            cut, in_quotes = last_row_end(block, self._delimiter)
            if cut:
                yield block[:cut]
            rest = block[cut:]
            if len(rest) > LONGEST_ROW or (ended and in_quotes):
                rest = self._without_a_line(rest)
            elif ended and rest:
                yield rest
                return

    def _without_a_line(self, rest: bytes) -> bytes:
        """Reject the line with the quote that is not closed, or the line that is too long; returns what follows.

        Behind that quote all quotes are doubled, or one would have closed it: no other is left open, and nothing has to
        be looked at more than twice.
        """
        self._rows += 1
        quote = open_quote(rest, self._delimiter)
        reason = f"longer than {LONGEST_ROW >> 20} MB" if quote is None else "a quote is never closed"
        end = rest.find(b"\n", quote or 0)
        line, rest = (rest[:end], rest[end + 1 :]) if end >= 0 else (rest, b"")
        if end < 0:
            self._stream.skip_line()
        self.rejected.append(self._stream.reject_long(self._rows, reason, line.removesuffix(b"\r")))
        return rest

    def _parse(self, block: bytes) -> pa.Table:
        before, names, refused = self._rows, self.column_names, 0
        flawed: dict[int, tuple[str, bytes]] = {}
        delimiter = absent_sign(block) if self._delimiter == NO_DELIMITER else self._delimiter
        if not self._stream.is_clean(block):
            block, flawed = self._without_flawed(block, delimiter)

        def refuse(row: Any) -> str:
            nonlocal refused
            refused += 1
            if row.number in flawed:
                rejected = self._stream.reject(before + row.number, *flawed[row.number])
            else:
                cells = f"{row.actual_columns} cells where the header has {row.expected_columns}"
                rejected = Rejected(self._path, before + row.number, cells, row.text)
            self.rejected.append(rejected)
            return "skip"

        if block.startswith(_BOM):
            block = _BOM + block  # Arrow takes one away
        try:
            table = pa_csv.read_csv(
                pa.BufferReader(block),
                # Without threads Arrow numbers the rows it refuses.
                pa_csv.ReadOptions(column_names=names, block_size=len(block) + 1, use_threads=False),
                pa_csv.ParseOptions(
                    delimiter=delimiter,
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

    def _without_flawed(self, block: bytes, delimiter: str) -> tuple[bytes, dict[int, tuple[str, bytes]]]:
        """The block with rows in place of the flawed ones that Arrow refuses, and reason and bytes by row number."""
        placeholder = b"x\n" if len(self.column_names) > 1 else delimiter.encode() + b"\n"
        flawed: dict[int, tuple[str, bytes]] = {}
        pieces: list[bytes] = []
        number = 0
        for row in one_row(self._delimiter).finditer(block):
            text = block[row.start() : row.start("end")]
            if not row[0] or (not text and len(self.column_names) > 1):  # a blank line has no number
                continue
            number += 1
            flaw = self._stream.flaw(text)
            if flaw:
                flawed[number] = flaw, text
            pieces.append(placeholder if flaw else row[0])
        return b"".join(pieces), flawed

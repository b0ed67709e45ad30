"""Reading and writing tables of feedback (CSV, TSV, JSONL, Parquet; XLSX is only read), one file per format.

Rows stream through as `pyarrow.RecordBatch`es of about `BATCH_ROWS` rows. Nothing in a file is reinterpreted:
CSV cells stay the strings they are, a JSONL object goes out as it came in, Parquet columns keep their types, cells of
a workbook become the strings that a CSV file would have for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.base import BATCH_ROWS, RAW_JSON, Reader, Rejected, Writer
from feedbackclf.tables.columns import find_text_column
from feedbackclf.tables.delimited import DelimitedWriter
from feedbackclf.tables.delimited_reader import DelimitedReader
from feedbackclf.tables.formats import STDIO, WRITABLE, format_of
from feedbackclf.tables.jsonl import JsonlWriter
from feedbackclf.tables.jsonl_reader import JsonlReader
from feedbackclf.tables.patterns import expand_inputs
from feedbackclf.tables.rejects import RejectsFile
from feedbackclf.tables.sinks import Written, part_of

__all__ = [
    "BATCH_ROWS",
    "RAW_JSON",
    "STDIO",
    "WRITABLE",
    "Reader",
    "Rejected",
    "RejectsFile",
    "Writer",
    "Written",
    "expand_inputs",
    "find_text_column",
    "format_of",
    "open_reader",
    "open_writer",
    "part_of",
    "read_rows",
]


def open_reader(
    path: str,
    *,
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    all_columns: bool = False,
) -> Reader:
    """Open a table for reading; `-` is stdin (CSV unless `format` says otherwise). Use it in a `with`.

    Args:
        path: a file; a text format may be compressed with gzip or Zstandard (`.csv.gz`, `.csv.zst`).
        format: csv, tsv, jsonl, parquet or xlsx; by default what the extension says.
        encoding: of the text formats, a name that Python knows; by default it is detected.
        delimiter: of CSV and TSV, one ASCII sign or comma, semicolon, tab or pipe; by default that of CSV is detected.
        sheet: of a workbook; by default the first that is visible.
        all_columns: know all `column_names` before the first batch. This costs a JSONL file one more pass.

    Raises:
        UsageError: the format, the encoding or the sheet is unknown, or the delimiter can be none.
        FeedbackError: the file is missing, empty or not what its format says (also later, while reading).
    """
    kind = format_of(path, format)
    if kind == "jsonl":
        return JsonlReader(path, encoding, all_columns)
    if kind == "parquet":
        from feedbackclf.tables.parquet import ParquetReader

        return ParquetReader(path)
    if kind == "xlsx":
        from feedbackclf.tables.xlsx import XlsxReader  # openpyxl is not always installed

        return XlsxReader(path, sheet)
    return DelimitedReader(path, kind, encoding, delimiter)


def open_writer(path: str, *, format: str | None = None, after: Written | None = None) -> Writer:
    """Open a table for writing; `-` is stdout. Use it in a `with`.

    A file appears, complete, when the `with` ends well; after an error the old one is still there, untouched.

    Args:
        path: a file, or `-`.
        format: csv, tsv, jsonl or parquet; by default what the extension says.
        after: what a stopped run wrote, to go on after it. What is written is then, and with `Written()`, left
            for another run if this one is stopped.

    Raises:
        UsageError: the format is unknown, or the path is gzipped.
        FeedbackError: the file cannot be written (also later, while writing).
    """
    kind = format_of(path, format, writing=True)
    if kind == "jsonl":
        return JsonlWriter(path, after)
    if kind == "parquet":
        # Arrow takes as long to import what it needs as all the rest here.
        from feedbackclf.tables.parquet_writer import ParquetWriter

        return ParquetWriter(path, after)
    return DelimitedWriter(path, kind, after)


def read_rows(path: str, *, tell: Callable[[str], None] = lambda note: None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield `(row number from 1, row)` with Python values: strings from CSV, what the file says from the others.

    `tell` is called with what was detected and might surprise.

    Raises:
        FeedbackError: the file, or one of its rows, cannot be read.
    """
    with open_reader(path) as reader:
        number = 0
        for batch in reader:
            # Rejected rows are known by the time the batch is that they would have been in.
            rejected = {reject.row: reject for reject in reader.rejected}
            for row in batch.to_pylist():
                number += 1
                _refuse(rejected.get(number))
                yield number, json.loads(row[RAW_JSON]) if RAW_JSON in row else row
        _refuse(next(iter(reader.rejected), None))
        for note in reader.notes:
            tell(note)


def _refuse(reject: Rejected | None) -> None:
    if reject:
        raise FeedbackError(str(reject))

"""Parquet: typed columns, unchanged, a piece of a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet as pq

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.base import BATCH_ROWS, Reader
from feedbackclf.tables.formats import STDIO
from feedbackclf.tables.names import check_different, named
from feedbackclf.tables.sources import open_bytes

# What a damaged file makes Arrow raise; names of columns that are not UTF-8 are found by Python.
_ARROW_ERRORS = (pa.ArrowException, OSError, OverflowError, UnicodeDecodeError, MemoryError)


class ParquetReader(Reader):
    """Batches with the types of the file. No row is ever rejected."""

    format = "parquet"

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._source = _open_source(path)
        try:
            self._file = pq.ParquetFile(self._source, pre_buffer=False, page_checksum_verification=True)
            self._schema = self._file.schema_arrow
            self.column_names = self._schema.names
            check_different(path, self.column_names)
        except _ARROW_ERRORS:
            self._source.close()
            raise FeedbackError(f"{path}: not a Parquet file; pass --format if it is something else") from None
        except FeedbackError:
            self._source.close()
            raise

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        batches = self._file.iter_batches(BATCH_ROWS)
        rows = 0
        while (batch := self._next(batches)) is not None:
            _check_values(batch, self._path, rows)
            rows += batch.num_rows
            self.share = rows / max(rows, self._file.metadata.num_rows, 1)  # which a damaged file may deny
            yield batch
        if rows != self._file.metadata.num_rows:
            raise FeedbackError(f"{self._path}: damaged; {rows} rows of {self._file.metadata.num_rows} can be read")
        if not rows:
            yield pa.RecordBatch.from_pylist([], schema=self._schema)

    def close(self) -> None:
        self._file.close()
        self._source.close()

    def _next(self, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
        try:
            return next(batches, None)
        except MemoryError:
            raise FeedbackError(f"{self._path}: damaged, or its row groups are larger than the memory") from None
        except _ARROW_ERRORS:
            raise FeedbackError(f"{self._path}: damaged; its rows cannot be read") from None


def _open_source(path: str) -> pa.NativeFile:
    source = open_bytes(path)
    try:
        if path == STDIO or not Path(path).is_file():
            return pa.BufferReader(source.read())
        return pa.OSFile(path)  # Arrow's threads read faster without Python between
    finally:
        if path != STDIO:
            source.close()


def _check_values(batch: pa.RecordBatch, path: str, row: int) -> None:
    """See that texts are UTF-8: Parquet does not promise it, and everything after here relies on it."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowException:
            where = f"{path}, rows {row + 1} to {row + batch.num_rows}"
            raise FeedbackError(
                f"{where}: column {named(name)} holds text that is not UTF-8; write the file anew"
            ) from None

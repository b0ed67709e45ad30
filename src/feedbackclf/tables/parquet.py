"""Parquet: typed columns, unchanged, a piece of a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pyarrow as pa
from pyarrow import parquet as pq

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.base import BATCH_ROWS, Reader, Writer, check_columns, without_raw_json
from feedbackclf.tables.formats import STDIO
from feedbackclf.tables.sources import open_bytes

# Row groups of one batch would make files large and slow to read.
_GROUP_ROWS = 16 * BATCH_ROWS
_GROUP_BYTES = 64 << 20


class ParquetReader(Reader):
    """Batches with the types of the file. No row is ever rejected."""

    format = "parquet"

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        source = open_bytes(path)
        if path == STDIO:
            self._source = pa.BufferReader(source.read())
        else:
            source.close()  # it can be opened, and Arrow's threads read faster without Python between
            self._source = pa.OSFile(path)
        try:
            self._file = pq.ParquetFile(self._source, pre_buffer=False)
            self._schema = self._file.schema_arrow
        except (pa.ArrowInvalid, OSError):
            self._source.close()
            raise FeedbackError(f"{path}: not a Parquet file; pass --format if it is something else") from None
        self.column_names = self._schema.names
        twice = next((name for name in self.column_names if self.column_names.count(name) > 1), None)
        if twice is not None:
            self._source.close()
            raise FeedbackError(f"{path}: the column {twice!r} is there twice; rename one")

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        if not self._file.metadata.num_rows:
            yield pa.RecordBatch.from_pylist([], schema=self._schema)
        try:
            yield from self._file.iter_batches(BATCH_ROWS)
        except (pa.ArrowInvalid, OSError):
            raise FeedbackError(f"{self._path}: damaged; its rows cannot be read") from None

    def close(self) -> None:
        self._file.close()
        self._source.close()


class ParquetWriter(Writer):
    """Writes row groups of about 130,000 rows; the first batch says which types the columns have."""

    def __init__(self, path: str) -> None:
        super().__init__(path, hold_back=True)
        self._writer: pq.ParquetWriter | None = None
        self._schema = pa.schema([])
        self._waiting: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        batch = without_raw_json(batch)
        if self._writer is None:
            self._schema = batch.schema
            self._writer = pq.ParquetWriter(self._sink.stream, self._schema)
        check_columns(self._sink.path, self._schema.names, batch.schema.names)
        try:
            self._waiting.append(batch.cast(self._schema))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pairs = zip(self._schema, batch.schema, strict=True)
            was, now = next((was, now) for was, now in pairs if was.type != now.type)
            raise FeedbackError(
                f"{self._sink.path}: column {now.name!r} is {was.type} in one input and {now.type} in another; "
                "make them the same, or write to .jsonl"
            ) from None
        waiting = self._waiting
        if sum(len(b) for b in waiting) >= _GROUP_ROWS or sum(b.nbytes for b in waiting) >= _GROUP_BYTES:
            self._flush()

    def finish(self) -> None:
        self._flush()
        if self._writer is not None:
            with self._sink.explained():
                self._writer.close()

    def abandon(self) -> None:
        # An open Parquet writer would write its footer when it is collected, to a file that is closed by then.
        if self._writer is not None:
            with suppress(OSError, pa.ArrowInvalid):
                self._writer.close()

    def _flush(self) -> None:
        if self._waiting and self._writer is not None:
            with self._sink.explained():
                self._writer.write_table(pa.Table.from_batches(self._waiting))
            self._waiting = []

"""Parquet: typed columns, unchanged, a piece of a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from pyarrow import parquet as pq

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.base import BATCH_ROWS, Reader
from feedbackclf.tables.formats import STDIO
from feedbackclf.tables.sources import open_bytes


class ParquetReader(Reader):
    """Batches with the types of the file. No row is ever rejected."""

    format = "parquet"

    def __init__(self, path: str) -> None:
        self.rejected = []
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

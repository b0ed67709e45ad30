"""Writing Parquet, in row groups of many batches.

A Parquet file is of no use, and nobody can go on writing it, before its footer is there. What is meant for a file is
therefore kept, batch by batch, in Arrow's stream format, and becomes Parquet when the last one is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pyarrow as pa
from pyarrow import parquet as pq

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.base import BATCH_ROWS, Writer, check_columns, without_raw_json
from feedbackclf.tables.sinks import PART, Sink, Written

# Row groups of one batch would make files large and slow to read.
_GROUP_ROWS = 16 * BATCH_ROWS
_GROUP_BYTES = 64 << 20


class ParquetWriter(Writer):
    """Writes row groups of about 130,000 rows; the first batch says which types the columns have."""

    def __init__(self, path: str, after: Written | None = None) -> None:
        super().__init__(path, after, hold_back=True)
        self._schema: pa.Schema | None = None
        self._groups: _RowGroups | None = None
        if after is not None and after.size:
            self._schema = next(_batches(self._sink)).schema

    def write(self, batch: pa.RecordBatch) -> None:
        batch = without_raw_json(batch)
        self._schema = self._schema or batch.schema
        check_columns(self._sink.path, self._schema.names, batch.schema.names)
        try:
            batch = batch.cast(self._schema)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pairs = zip(self._schema, batch.schema, strict=True)
            was, now = next((was, now) for was, now in pairs if was.type != now.type)
            raise FeedbackError(
                f"{self._sink.path}: column {now.name!r} is {was.type} in one input and {now.type} in another; "
                "make them the same, or write to .jsonl"
            ) from None
        if self._sink.part is not None:
            self._sink.write(_as_stream(batch))
            return
        self._groups = self._groups or _RowGroups(self._sink, self._schema)
        self._groups.write(batch)

    def finish(self) -> None:
        if self._sink.part is None or self._schema is None:
            if self._groups is not None:
                self._groups.finish()
            self._sink.commit()
            return
        file = Sink(self._sink.path, ending=f".parquet{PART}")
        try:
            self._groups = _RowGroups(file, self._schema)
            self._sink.flush()
            for batch in _batches(self._sink):
                self._groups.write(batch)
            self._groups.finish()
            file.commit()
        finally:
            self.abandon()
            file.discard()
        self._sink.discard()

    def abandon(self) -> None:
        if self._groups is not None:
            self._groups.abandon()


class _RowGroups:
    """Gathers batches and writes them as row groups."""

    def __init__(self, sink: Sink, schema: pa.Schema) -> None:
        self._sink = sink
        self._writer = pq.ParquetWriter(sink.stream, schema, write_page_checksum=True)  # read in parquet.py
        self._waiting: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        waiting = self._waiting
        if sum(len(b) for b in waiting) >= _GROUP_ROWS or sum(b.nbytes for b in waiting) >= _GROUP_BYTES:
            self._flush()

    def finish(self) -> None:
        self._flush()
        with self._sink.explained():
            self._writer.close()

    def abandon(self) -> None:
        """An open writer would write its footer when it is collected, to a file that is closed by then."""
        with suppress(OSError, pa.ArrowInvalid):
            self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            with self._sink.explained():
                self._writer.write_table(pa.Table.from_batches(self._waiting))
            self._waiting = []


def _as_stream(batch: pa.RecordBatch) -> memoryview:
    """A batch, its columns and dictionaries, as a stream of its own."""
    buffer = pa.BufferOutputStream()
    with pa.ipc.new_stream(buffer, batch.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as stream:
        stream.write_batch(batch)
    return memoryview(buffer.getvalue())


def _batches(sink: Sink) -> Iterator[pa.RecordBatch]:
    """What was written to a sink as streams."""
    with pa.OSFile(str(sink.part)) as file:
        while file.tell() < sink.written.size:
            with pa.ipc.open_stream(file) as stream:
                yield from stream

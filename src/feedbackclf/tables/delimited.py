"""Writing CSV and TSV. They are read in `delimited_reader`."""

from __future__ import annotations

import pyarrow as pa

from feedbackclf.tables.base import Writer, check_columns, without_raw_json
from feedbackclf.tables.cells import csv_lines
from feedbackclf.tables.sinks import Written


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

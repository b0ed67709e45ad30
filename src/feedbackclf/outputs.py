"""What is written of a batch: its columns, then its labels, masked and made safe as asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from feedbackclf.inputs import Work


@dataclass(frozen=True)
class Dressing:
    """How batches and labels are written.

    Attributes:
        names: of the columns with labels.
        output_format: csv, tsv, jsonl or parquet.
        redact: mask personal data in the texts.
        excel_safe: make sure that a spreadsheet runs no cell as a formula; formats for machines stay as they are.
    """

    names: Sequence[str]
    output_format: str
    redact: bool
    excel_safe: bool

    def of(self, work: Work, labels: pa.RecordBatch) -> pa.RecordBatch:
        """The columns of a batch and then its labels, for Parquet as plain strings (text is quicker without)."""
        batch, columns = work.batch, labels.columns
        if self.output_format == "parquet":
            columns = [c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in columns]
        fields = [pa.field(name, column.type) for name, column in zip(self.names, columns, strict=True)]
        schema = pa.schema([*batch.schema, *fields], metadata=batch.schema.metadata)
        return pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)

"""What is written of a batch: its columns, then its labels, masked and made safe as asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from feedbackclf.inputs import Work
from feedbackclf.tables import RAW_JSON
from feedbackclf.tables.jsonl_reader import with_value
from feedbackclf.tables.spreadsheet import neutralise, neutralise_names


@dataclass(frozen=True)
class Dressing:
    """How batches and labels are written.

    Attributes:
        labels: names of the columns with labels.
        output_format: csv, tsv, jsonl or parquet.
        redact: mask personal data in the texts.
        excel_safe: make sure that a spreadsheet runs no cell as a formula; formats for machines stay as they are.
    """

    labels: Sequence[str]
    output_format: str
    redact: bool
    excel_safe: bool

    def of(self, work: Work, labels: pa.RecordBatch) -> pa.RecordBatch:
        """The columns of a batch and then its labels, for Parquet as plain strings (text is quicker without)."""
        batch = _masked(work) if self.redact else work.batch
        columns = labels.columns
        if self.output_format == "parquet":
            columns = [c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in columns]
        fields = [pa.field(name, column.type) for name, column in zip(self.labels, columns, strict=True)]
        schema = pa.schema([*batch.schema, *fields], metadata=batch.schema.metadata)
        together = pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)
        return _without_formulas(together) if self.excel_safe and self.output_format in ("csv", "tsv") else together


def _masked(work: Work) -> pa.RecordBatch:
    """The batch without the personal data in its texts."""
    from feedbackclf.redaction import redact

    batch, place = work.batch, work.batch.schema.get_field_index(work.text_column)
    masked = redact(work.texts)
    changed = pc.indices_nonzero(pc.fill_null(pc.not_equal(masked, work.texts), False)).to_pylist()
    if not changed:
        return batch
    if RAW_JSON in batch.schema.names:
        lines = batch.column(RAW_JSON).to_pylist()
        for row in changed:
            lines[row] = with_value(lines[row], work.text_column, masked[row].as_py())
        raw = batch.schema.get_field_index(RAW_JSON)
        batch = batch.set_column(raw, batch.schema.field(raw), pa.array(lines, pa.string()))
    field = batch.schema.field(place)
    return batch.set_column(place, field, masked.cast(field.type))


def _without_formulas(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch as a spreadsheet may open it."""
    return pa.RecordBatch.from_arrays([neutralise(c) for c in batch.columns], neutralise_names(batch.schema.names))

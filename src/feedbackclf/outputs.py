"""What is written of a batch: its columns, then its labels, masked and made safe as asked."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from feedbackclf.inputs import Work
from feedbackclf.label_columns import decoded
from feedbackclf.tables import RAW_JSON
from feedbackclf.tables.cells import text_array, text_cells
from feedbackclf.tables.jsonl_reader import with_changed
from feedbackclf.tables.spreadsheet import neutralise, neutralise_names

_CELL_ENDS = re.compile(r"([,;\t|])")


@dataclass(frozen=True)
class Dressing:
    """How batches and labels are written.

    Attributes:
        columns: the labels that are written, in order.
        prefix: put before their names.
        output_format: csv, tsv, jsonl or parquet.
        redact: mask personal data in the texts.
        excel_safe: make sure that a spreadsheet runs no cell as a formula; formats for machines stay as they are.
    """

    columns: Sequence[str]
    prefix: str
    output_format: str
    redact: bool
    excel_safe: bool

    @property
    def names(self) -> list[str]:
        """Of the columns with labels, as they are written."""
        return [self.prefix + name for name in self.columns]

    def of(self, work: Work, labels: pa.RecordBatch) -> pa.RecordBatch:
        """The columns of a batch and then its labels, for Parquet as plain strings (text is quicker without)."""
        batch = work.batch
        if self.redact and not (masked := mask(work.texts)).equals(work.texts):
            batch, labels = _with_texts(work, masked), _requoted(labels, work.texts, masked)
        labels = labels.select(list(self.columns))
        columns = (decoded(labels) if self.output_format == "parquet" else labels).columns
        fields = [pa.field(name, column.type) for name, column in zip(self.names, columns, strict=True)]
        schema = pa.schema([*batch.schema, *fields], metadata=batch.schema.metadata)
        together = pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)
        return _without_formulas(together) if self.excel_safe and self.output_format in ("csv", "tsv") else together


def mask(texts: pa.Array) -> pa.Array:
    """Texts without the personal data in them."""
    from feedbackclf.redaction import redact  # takes a while, and few ask for it

    return redact(texts)


def mask_rows(rows: Sequence[str]) -> list[str]:
    """The same for raw rows, and cell by cell as well, since a number may touch that of the next cell."""
    cells = [_CELL_ENDS.split(row) for row in mask(text_array(rows)).to_pylist()]
    masked = iter(mask(text_array([cell for row in cells for cell in row])).to_pylist())
    return ["".join(islice(masked, len(row))) for row in cells]


def _with_texts(work: Work, masked: pa.Array) -> pa.RecordBatch:
    """The batch with the masked texts for its own."""
    batch, place = work.batch, work.batch.schema.get_field_index(work.text_column)
    if RAW_JSON in batch.schema.names:
        at = batch.schema.get_field_index(RAW_JSON)
        batch = batch.set_column(at, batch.schema.field(at), _masked_lines(work, masked))
    field = batch.schema.field(place)
    return batch.set_column(place, field, masked.cast(field.type))


def _requoted(labels: pa.RecordBatch, texts: pa.Array, masked: pa.Array) -> pa.RecordBatch:
    """The labels with evidence as the masked texts have it."""
    from feedbackclf.evidence_columns import changed
    from feedbackclf.redaction import redact_and_follow

    return changed(labels, texts, pc.fill_null(pc.not_equal(masked, texts), False), redact_and_follow)


def _masked_lines(work: Work, masked: pa.Array) -> pa.Array:
    """The JSON of the batch, of whose texts the masked ones are known; a key may be there twice, with two texts."""
    lines = work.batch.column(RAW_JSON)
    twice = pc.greater(pc.count_substring(lines, json.dumps(work.text_column, ensure_ascii=False)), 1)
    rows = pc.indices_nonzero(pc.or_(twice, pc.fill_null(pc.not_equal(masked, work.texts), False))).to_pylist()
    if not rows:
        return lines
    known = dict(zip(work.texts.take(rows).to_pylist(), masked.take(rows).to_pylist(), strict=True))

    def change(text: str) -> str:
        if text not in known:
            known[text] = mask(text_array([text]))[0].as_py()
        return str(known[text])

    changed = lines.to_pylist()
    for row in rows:
        changed[row] = with_changed(changed[row], work.text_column, change)
    return pa.array(changed, pa.string())


def _without_formulas(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch as a spreadsheet may open it."""
    columns = [neutralise(text_cells(c) if _is_bytes(c.type) else c) for c in batch.columns]
    return pa.RecordBatch.from_arrays(columns, neutralise_names(batch.schema.names))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))

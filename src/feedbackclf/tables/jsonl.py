"""Writing JSON lines: an object goes out as it came in, to the letter, with the new keys at its end.

They are read in `jsonl_reader`.
"""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from feedbackclf.tables.base import RAW_JSON, Writer
from feedbackclf.tables.cells import join_lines, json_cells


class JsonlWriter(Writer):
    """Writes one object per row. Lines that came from JSONL are continued, not written anew."""

    def write(self, batch: pa.RecordBatch) -> None:
        names = batch.schema.names
        pieces: list[pa.Array | str] = ["{"]
        if RAW_JSON in names:
            at = names.index(RAW_JSON)
            head = pc.replace_substring_regex(batch.column(at), r"\s*\}$", "")
            pieces = [head, pc.if_else(pc.equal(head, "{"), "", ", ")]
            batch, names = batch.select(names[at + 1 :]), names[at + 1 :]
            if not names:
                pieces = [head]
        for position, (name, column) in enumerate(zip(names, batch.columns, strict=True)):
            pieces += [", " if position else "", json.dumps(name, ensure_ascii=False) + ": ", json_cells(column)]
        self._sink.write(join_lines([*pieces, "}"]))

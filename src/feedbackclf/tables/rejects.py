"""Where rows that could not be read are kept, so that none is lost without a trace."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.base import RAW_JSON, Rejected, Writer
from feedbackclf.tables.cells import text_array
from feedbackclf.tables.formats import STDIO
from feedbackclf.tables.jsonl import JsonlWriter


class RejectsFile:
    """JSON lines with `file`, `row`, `reason`, `raw` and, where that is not exact, `raw_base64`.

    There is no file unless a row is rejected.

    Args:
        path: of the file.
        strict: no row may be rejected.
        masked: masks personal data in raw rows.
    """

    def __init__(
        self, path: str, *, strict: bool = False, masked: Callable[[list[str]], list[str]] | None = None
    ) -> None:
        self.path = path
        self.count = 0
        self._strict = strict
        self._masked = masked
        self._writer: Writer | None = None

    @staticmethod
    def default_path(output: str) -> str:
        """Beside the output if that is a file, else in the working folder."""
        is_file = output != STDIO and (Path(output).is_file() or not Path(output).exists())
        return f"{output}.rejects.jsonl" if is_file else "feedbackclf.rejects.jsonl"

    def take(self, rejected: list[Rejected]) -> None:
        """Move rejected rows from the list to the file.

        Raises:
            FeedbackError: the file cannot be written, or no row may be rejected.
        """
        taken = rejected.copy()
        del rejected[: len(taken)]  # not `clear`: a reader may add to its list from another thread
        if not taken:
            return
        if self._strict:
            raise FeedbackError(f"{taken[0]}; without --strict it would be set aside")
        if self._writer is None:
            self._writer = JsonlWriter(self.path)
        if self._masked is not None:
            raws = self._masked([reject.raw for reject in taken])
            taken = [replace(reject, raw=raw, raw_bytes=None) for reject, raw in zip(taken, raws, strict=True)]
        lines = [json.dumps(_as_json(reject), ensure_ascii=False) for reject in taken]
        self._writer.write(pa.RecordBatch.from_pydict({RAW_JSON: text_array(lines)}))
        self.count += len(taken)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._writer is not None:
            self._writer.__exit__(kind, error, at)


def _as_json(reject: Rejected) -> dict[str, Any]:
    row = {"file": reject.file, "row": reject.row, "reason": reject.reason, "raw": reject.raw}
    if reject.raw_bytes is not None:
        row["raw_base64"] = base64.b64encode(reject.raw_bytes).decode()
    return row

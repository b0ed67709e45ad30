"""Columns turned into text, a whole column at a time, and columns of text turned into lines."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feedbackclf import kernels

TEXT = pa.large_string()  # 64-bit offsets: a batch of long texts may well pass 2 GB once it is joined
_NONE, _QUOTE, _NEWLINE = (pa.scalar(text, TEXT) for text in ("", '"', "\n"))


def text_array(values: Sequence[str | None]) -> pa.Array:
    """A string array; half surrogate pairs, which JSON can hold and UTF-8 cannot, become `?`."""
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        return pa.array([v and v.encode("utf-8", "replace").decode() for v in values], pa.string())


def text_cells(column: pa.Array) -> pa.Array:
    """The values as text, shape kept, nulls stay null: numbers and dates in full, nested values as JSON."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    try:
        return column.cast(TEXT)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.array([None if value is None else _spell(value) for value in column.to_pylist()], TEXT)


def csv_lines(columns: Sequence[pa.Array], delimiter: str) -> memoryview:
    """Rows of a CSV file in UTF-8."""
    alone = len(columns) == 1
    if kernels.compiled() is None or alone or not len(columns[0]):
        return join_lines([csv_cells(column, delimiter, alone=alone) for column in columns], delimiter)
    cells = [CellColumn.of(column) for column in columns]
    size = np.array([column.addresses for column in cells]), len(cells), len(columns[0])
    lines = np.empty(kernels.compiled().lines_size(*size), np.uint8)
    return lines.data[: kernels.compiled().join_cells(*size, ord(delimiter), lines)]


@dataclass(frozen=True)
class CellColumn:
    """A column as text, with no copy of texts that stand in many rows.

    Attributes:
        texts: large strings without nulls.
        indices: the text of each row; None where each row has its own.
    """

    texts: pa.Array
    indices: NDArray[np.int32] | None

    @classmethod
    def of(cls, column: pa.Array) -> CellColumn:
        """The values as text; nulls are empty."""
        if pa.types.is_dictionary(column.type):
            values = column.dictionary
            texts = pa.concat_arrays([pc.fill_null(text_cells(values), ""), pa.array([""], TEXT)])
            return cls(texts, pc.fill_null(column.indices.cast(pa.int32()), len(values)).to_numpy())
        steps = _steps_of(column) if pa.types.is_float64(column.type) else None
        if steps is not None:
            return cls(_steps(), steps)
        return cls(pc.fill_null(text_cells(column), ""), None)

    @property
    def addresses(self) -> tuple[int, int, int, bool]:
        """As `kernels/lines.c` takes it. What is spelled by us never needs quotes."""
        _, offsets, data = self.texts.buffers()
        indices = 0 if self.indices is None else self.indices.ctypes.data
        return offsets.address + 8 * self.texts.offset, data.address if data else 0, indices, self.texts is not _steps()


def csv_cells(column: pa.Array, delimiter: str, *, alone: bool) -> pa.Array:
    """The values as cells of a CSV file, quoted where they must be; nulls are empty.

    `alone`: it is the only column, so that an empty cell needs quotes to be told from a blank line.
    """
    if pa.types.is_dictionary(column.type):  # a few labels for many rows
        cells = csv_cells(column.dictionary, delimiter, alone=alone).take(column.indices)
        return pc.fill_null(cells, '""' if alone else "")
    steps = _steps_of(column) if pa.types.is_float64(column.type) and not alone else None
    if steps is not None:
        return _steps().take(pa.array(steps))
    cells = pc.fill_null(text_cells(column), "")
    special = pc.match_substring_regex(cells, f'["\r\n{delimiter}]')
    if alone:
        special = pc.or_(special, pc.equal(cells, ""))
    if not pc.any(special).as_py():
        return cells
    quoted = pc.binary_join_element_wise(_QUOTE, pc.replace_substring(cells, '"', '""'), _QUOTE, _NONE)
    return pc.if_else(special, quoted, cells)


def _steps_of(column: pa.Array) -> NDArray[np.int32] | None:
    """Where the numbers, probabilities with four decimals, stand in `_steps`; None if some are none."""
    values = pc.fill_null(column, 0.0).to_numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.round(values * 10_000)
    if not ((steps / 10_000 == values) & (steps <= 10_000) & ~np.signbit(values)).all():  # -0.0 has a sign as well
        return None
    return np.where(column.is_null().to_numpy(zero_copy_only=False), 10_001, steps).astype(np.int32)


@cache
def _steps() -> pa.Array:
    """Probabilities with four decimals as text, and last an empty text: to look up is quicker than to spell."""
    return pa.concat_arrays([pa.array([step / 10_000 for step in range(10_001)]).cast(TEXT), pa.array([""], TEXT)])


def json_cells(column: pa.Array) -> pa.Array:
    """The values as JSON; nulls are `null`, and so are the floats that JSON cannot say."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_floating(kind):
        column = column.cast(pa.float32()) if pa.types.is_float16(kind) else column
        return pc.fill_null(pc.if_else(pc.is_finite(column), column.cast(TEXT), None), "null")
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind):
        return pc.fill_null(column.cast(TEXT), "null")
    if pa.types.is_nested(kind):
        return pa.array([_spell(value) if value is not None else "null" for value in column.to_pylist()], TEXT)
    cells = text_cells(column)
    if pc.any(pc.match_substring_regex(cells, r'["\\\x00-\x1f]')).as_py():
        return pa.array([json.dumps(value, ensure_ascii=False) for value in cells.to_pylist()], TEXT)
    return pc.fill_null(pc.binary_join_element_wise(_QUOTE, cells, _QUOTE, _NONE), "null")


def join_lines(pieces: Sequence[pa.Array | str], delimiter: str = "") -> memoryview:
    """Join pieces row by row into UTF-8 lines; a string stands for itself in every row, at least one is an array."""
    parts = [pa.scalar(piece, TEXT) if isinstance(piece, str) else piece.cast(TEXT) for piece in pieces]
    rows = pc.binary_join_element_wise(*parts, pa.scalar(delimiter, TEXT))
    lines = pc.binary_join_element_wise(rows, _NEWLINE, _NONE)
    if not len(lines):
        return memoryview(b"")
    # The values of a fresh array lie one after the other in memory: those are the lines.
    return memoryview(lines.buffers()[2])[: pc.sum(pc.binary_length(lines)).as_py()]


def _spell(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return json.dumps(value, ensure_ascii=False, default=lambda v: _spell(v) if isinstance(v, bytes) else str(v))

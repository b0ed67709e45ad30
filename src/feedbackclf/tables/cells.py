"""Columns turned into text, a whole column at a time, and columns of text turned into lines."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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


def csv_cells(column: pa.Array, delimiter: str, *, alone: bool) -> pa.Array:
    """The values as cells of a CSV file, quoted where they must be; nulls are empty.

    `alone`: it is the only column, so that an empty cell needs quotes to be told from a blank line.
    """
    if pa.types.is_dictionary(column.type):  # a few labels for many rows
        cells = csv_cells(column.dictionary, delimiter, alone=alone).take(column.indices)
        return pc.fill_null(cells, '""' if alone else "")
    if pa.types.is_float64(column.type) and not alone:
        return pc.fill_null(_four_decimals(column), "")
    cells = pc.fill_null(text_cells(column), "")
    special = pc.match_substring_regex(cells, f'["\r\n{delimiter}]')
    if alone:
        special = pc.or_(special, pc.equal(cells, ""))
    if not pc.any(special).as_py():
        return cells
    quoted = pc.binary_join_element_wise(_QUOTE, pc.replace_substring(cells, '"', '""'), _QUOTE, _NONE)
    return pc.if_else(special, quoted, cells)


def _four_decimals(column: pa.Array) -> pa.Array:
    """Numbers as text; probabilities with four decimals are looked up, which is quicker than to spell them."""
    steps = pc.round(pc.multiply(column, 10_000.0))
    is_step = pc.and_(pc.equal(pc.divide(steps, 10_000.0), column), pc.less_equal(steps, 10_000.0))
    has_sign = np.signbit(pc.fill_null(column, 0.0).to_numpy()).any()  # -0.0 as well, which is equal to 0.0
    if has_sign or not pc.all(is_step).as_py():
        return text_cells(column)
    return _steps().take(steps.cast(pa.int32()))


@cache
def _steps() -> pa.Array:
    return pa.array([step / 10_000 for step in range(10_001)]).cast(TEXT)


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

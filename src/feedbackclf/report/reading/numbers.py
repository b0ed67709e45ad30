"""Cells as numbers: ratings, with a decimal point or a decimal comma."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feedbackclf.tables.cells import text_cells

_NUMBER = r"^[+-]?[0-9]{1,9}([.,][0-9]{1,9})?([eE][+-]?[0-9]{1,2})?$"


def trimmed(column: pa.Array) -> pa.Array:
    """The cells as text without white space around it; null where nothing is left, and for NaN."""
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    text = pc.utf8_trim_whitespace(text_cells(column))
    return pc.if_else(pc.equal(text, ""), None, text)


def numbers(column: pa.Array) -> tuple[NDArray[np.float32], int]:
    """The numbers of a column, NaN where there is none, shape (n,); and how many cells hold something else."""
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return np.where(np.isfinite(values), values, np.nan).astype(np.float32), 0
    text = trimmed(column)
    fits = pc.match_substring_regex(text, _NUMBER)
    plain = pc.replace_substring(pc.if_else(fits, text, None), ",", ".")
    values = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False).astype(np.float32)
    return values, int(pc.sum(pc.invert(fits)).as_py() or 0)

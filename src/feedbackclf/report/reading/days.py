"""Cells as days, however dates are written. Of a time with a zone it is the day that is written there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feedbackclf.report.reading.numbers import trimmed

Days = NDArray[np.datetime64]

_AFTER = r"(?:[T ,].*)?$"
_YEAR_FIRST = r"^(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})" + _AFTER
_COMPACT = r"^(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})" + _AFTER
_YEAR_LAST = r"^(?P<a>[0-9]{1,2})[-/.](?P<b>[0-9]{1,2})[-/.](?P<y>[0-9]{4}|[0-9]{2})" + _AFTER
_EPOCH = r"^(?:(?P<s>[0-9]{9,10})|(?P<ms>[0-9]{12,13}))(?:[.][0-9]*)?$"
_FIRST_YEAR, _LAST_YEAR, _CENTURY = 1900, 2100, 2000
_DAY, _MILLISECONDS = 86_400, 1000


def days(column: pa.Array) -> tuple[Days, Days]:
    """The day of each cell, shape (n,), NaT where none can be told: read day first, and month first.

    The two differ for dates such as `3/12/2026`: which it is can be told from the whole column only. Understood are
    ISO dates and times, `2026/12/31`, `20261231`, `31-12-2026`, `31/12/26`, `31.12.2026`, `12/31/2026`, seconds and
    milliseconds since 1970 (UTC), and columns with dates as their type.
    """
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        found = _typed(column)
        return found, found
    text = trimmed(column)
    same = np.full(len(text), np.datetime64("NaT"), "M8[D]")
    for pattern in (_YEAR_FIRST, _COMPACT):
        part = _parts(text, pattern)
        same = _first(same, _calendar(part["y"], part["m"], part["d"]))
    part = _parts(text, _EPOCH)
    seconds = np.where(part["s"] > 0, part["s"], part["ms"] // _MILLISECONDS)
    since = (seconds // _DAY).astype("M8[D]")
    same = _first(same, np.where(seconds > 0, since, np.datetime64("NaT")))
    part = _parts(text, _YEAR_LAST)
    year = np.where(part["y"] < 100, _CENTURY + part["y"], part["y"])
    return _first(same, _calendar(year, part["b"], part["a"])), _first(same, _calendar(year, part["a"], part["b"]))


def _typed(column: pa.Array) -> Days:
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = pc.local_timestamp(column)
    found: Days = column.cast(pa.date32(), safe=False).to_numpy(zero_copy_only=False).astype("M8[D]")
    return found


def _parts(text: pa.Array, pattern: str) -> Mapping[str, NDArray[np.int64]]:
    """The groups of a pattern as numbers, 0 where it does not match."""
    found = pc.extract_regex(text, pattern)
    names = [field.name for field in found.type]
    columns = [pc.struct_field(found, name) for name in names]
    given = [pc.if_else(pc.equal(column, ""), None, column) for column in columns]
    return {
        name: pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
        for name, column in zip(names, given, strict=True)
    }


def _first(one: Days, other: Days) -> Days:
    return np.where(np.isnat(one), other, one)


def _calendar(year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]) -> Days:
    """Days of the calendar, NaT where there is no such day."""
    fits = (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = np.where(fits, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    found = months.astype("M8[D]") + np.where(fits, day - 1, 0).astype("m8[D]")
    return np.where(fits & (found.astype("M8[M]") == months), found, np.datetime64("NaT", "D"))

"""Columns that are put together batch by batch: groups, ratings, days. What turns out to be none is let go of."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feedbackclf.report.feedback import Grouping
from feedbackclf.report.reading.days import Days, days
from feedbackclf.report.reading.numbers import numbers, trimmed

_LONGEST_VALUE = 100
_ENOUGH_DAYS = 0.9


class Groups:
    """A column with few different values.

    Args:
        most: how many there may be; with more the column is dropped, and so are its values.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._places: dict[str, int] = {}
        self._codes: list[NDArray[np.int16]] = []
        self.is_dropped = False

    def add(self, column: pa.Array | None, n: int) -> None:
        """The next n rows; without a column they have no value."""
        if self.is_dropped:
            return
        if column is None:
            self._codes.append(np.full(n, -1, np.int16))
            return
        found = trimmed(column).dictionary_encode()
        values = found.dictionary
        if len(values) > self._most or (pc.max(pc.utf8_length(values)).as_py() or 0) > _LONGEST_VALUE:
            self._drop()
            return
        place = [self._places.setdefault(value, len(self._places)) for value in values.to_pylist()]
        if len(self._places) > self._most:
            self._drop()
            return
        codes = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False)
        self._codes.append(np.array([*place, -1], np.int16)[codes])  # -1 is the last

    def grouping(self) -> Grouping | None:
        """None if it was dropped or does not divide the rows."""
        if self.is_dropped or len(self._places) < 2:
            return None
        return Grouping(tuple(self._places), np.concatenate(self._codes))

    def _drop(self) -> None:
        self.is_dropped = True
        self._places.clear()
        self._codes.clear()


class Ratings:
    """A column of numbers.

    Args:
        scale: the lowest and highest that there may be; a column with anything else is dropped. None takes any number,
            and other cells as empty ones.
    """

    def __init__(self, scale: tuple[float, float] | None) -> None:
        self._scale = scale
        self._values: list[NDArray[np.float32]] = []
        self.odd = 0
        self.is_dropped = False

    def add(self, column: pa.Array | None, n: int) -> None:
        """The next n rows; without a column they have no value."""
        if self.is_dropped:
            return
        values, odd = (np.full(n, np.nan, np.float32), 0) if column is None else numbers(column)
        self.odd += odd
        if self._scale is not None:
            low, high = self._scale
            if odd or ((values < low) | (values > high)).any():
                self.is_dropped = True
                self._values.clear()
                return
        self._values.append(values)

    def values(self) -> NDArray[np.float32] | None:
        """NaN where there is none; None if it was dropped or has no number at all."""
        if self.is_dropped or not self._values:
            return None
        values = np.concatenate(self._values)
        return None if np.isnan(values).all() else values


class Dates:
    """A column of dates, read day first and month first until the whole column says which it is."""

    def __init__(self) -> None:
        self._day_first: list[Days] = []
        self._month_first: list[Days] = []
        self._filled = 0

    def add(self, column: pa.Array | None, n: int) -> None:
        """The next n rows; without a column they have no date."""
        if column is None:
            nothing = np.full(n, np.datetime64("NaT"), "M8[D]")
            one, other = nothing, nothing
        else:
            one, other = days(column)
            self._filled += n - column.null_count if not _is_text(column) else _n_filled(column)
        self._day_first.append(one)
        self._month_first.append(one if np.array_equal(one, other, equal_nan=True) else other)

    def dates(self) -> tuple[Days, bool]:
        """The days, NaT where there is none, and whether nothing told that days come before months (or after)."""
        one, other = np.concatenate(self._day_first), np.concatenate(self._month_first)
        n_one, n_other = int((~np.isnat(one)).sum()), int((~np.isnat(other)).sum())
        is_open = n_one == n_other and not np.array_equal(one, other, equal_nan=True)
        return (other if n_other > n_one else one), is_open

    def are_dates(self, found: Days) -> bool:
        """Whether nearly all cells that are not empty are dates."""
        n = int((~np.isnat(found)).sum())
        return n > 0 and n >= _ENOUGH_DAYS * self._filled


def _is_text(column: pa.Array) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _n_filled(column: pa.Array) -> int:
    return len(column) - int(trimmed(column).null_count)

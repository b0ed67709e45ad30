"""Cells of a workbook as text."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

from openpyxl.styles.numbers import STRIP_RE
from openpyxl.utils.escape import unescape


def cell_text(cell: Any) -> str:
    """What a CSV file would hold for a cell as openpyxl reads it; an empty one, and a formula without a value, is "".

    Whole numbers have no ".0", truth values are TRUE and FALSE, errors the like of #N/A, dates and times ISO 8601
    (with a space between date and time, as Arrow writes those of Parquet).
    """
    value = cell.value
    if isinstance(value, str):
        return _unescaped(value) if "_x" in value else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight and _shows_no_time(cell.number_format) else value.isoformat(" ")
    if isinstance(value, datetime.timedelta):
        return _hours(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _unescaped(text: str) -> str:
    """`_x000D_` is a carriage return, two halves of a surrogate pair are one character; with half a pair all stays."""
    units: bytes = unescape(text).encode("utf-16", "surrogatepass")
    try:
        return units.decode("utf-16")
    except UnicodeDecodeError:
        return text


@cache
def _shows_no_time(number_format: str) -> bool:
    return {"h", "s"}.isdisjoint(STRIP_RE.sub("", number_format).lower())


def _hours(value: datetime.timedelta) -> str:
    """Hours, minutes and seconds; a day more is 24 hours more, as [h]:mm:ss shows it."""
    seconds = abs(value).total_seconds()
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    sign = "-" if value < datetime.timedelta() else ""
    return f"{sign}{hours}:{minutes:02}:{rest:06.3f}".removesuffix(".000")

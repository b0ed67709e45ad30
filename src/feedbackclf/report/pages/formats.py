"""How figures are written for readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

MINUS = "\N{MINUS SIGN}"
_LANGUAGES = {
    "nl": "Dutch",
    "da": "Danish",
    "sv": "Swedish",
    "en": "English",
    "de": "German",
    "fr": "French",
    "no": "Norwegian",
    "und": "no language of the model",
}


def points(value: float) -> str:
    """A number from -1 to 1 in percentage points, signed: +12."""
    return _signed(value * 100, 0)


def fine_points(value: float) -> str:
    """The same to a tenth of a point, for what is small."""
    return _signed(value * 100, 1)


def percent(value: float) -> str:
    """A share from 0 to 1: 41%. What is not none or all does not look so."""
    if 0 < value < 0.005:
        return "<1%"
    if 0.995 <= value < 1:
        return ">99%"
    return f"{value:.0%}".replace("-", MINUS)


def count(value: int) -> str:
    """A number of rows: 3,000."""
    return f"{value:,}"


def texts(number: int) -> str:
    """How many texts: 1 text, 3,000 texts."""
    return f"{count(number)} {'text' if number == 1 else 'texts'}"


def stars(value: float) -> str:
    """A mean of ratings: 3.84."""
    return f"{value:.2f}".replace("-", MINUS)


def star_change(value: float) -> str:
    """A difference of ratings, signed: +0.40."""
    return _signed(value, 2)


def probability(value: float) -> str:
    """A p or q value."""
    if value < 0.001:
        return "<0.001"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def day(value: str) -> str:
    """A day such as 2026-03-01: 1 March 2026."""
    when = date.fromisoformat(value)
    return f"{when.day} {when:%B} {when.year}"


def period(value: str, unit: str) -> str:
    """A day, week, month, quarter or year, by its first day."""
    when = date.fromisoformat(value)
    if unit == "year":
        return str(when.year)
    if unit == "quarter":
        return f"Q{(when.month + 2) // 3} {when.year}"
    if unit == "month":
        return f"{when:%b} {when.year}"
    return f"{when.day} {when:%b} {when.year}"


def words(name: str) -> str:
    """A label or head as it is read: at_risk is `at risk`."""
    return name.replace("_", " ")


def language(code: str) -> str:
    """The name of a language, or its code where that is not known."""
    return _LANGUAGES.get(code, code)


def group(column: str, value: str) -> str:
    """A value of a column by which rows are broken down: of languages, their names."""
    return language(value) if column.endswith("language") else value


def remark(dimension: str, polarity: str) -> str:
    """A driver in words: criticism of resolution."""
    return f"{'praise for' if polarity == 'positive' else 'criticism of'} {words(dimension)}"


FORMATS: Mapping[str, Callable[[Any], str]] = {
    "points": points,
    "fine_points": fine_points,
    "percent": percent,
    "count": count,
    "stars": stars,
    "star_change": star_change,
    "probability": probability,
    "day": day,
    "week": lambda value: period(value, "week"),
    "month": lambda value: period(value, "month"),
    "quarter": lambda value: period(value, "quarter"),
    "year": lambda value: period(value, "year"),
    "length": lambda values: count(len(values)),
    "text": str,
}
"""By the name that `data-format` has in the page."""


def _signed(value: float, decimals: int) -> str:
    shown = f"{value:+.{decimals}f}"
    return shown[1:] if float(shown) == 0 else shown.replace("-", MINUS)

"""Names of columns and sheets: that columns have different ones, and messages of one line whatever they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from feedbackclf.errors import FeedbackError

_LONGEST_NAME = 60
_LONGEST_LIST = 200


def named(name: str) -> str:
    """A name in quotes, with escapes for what does not print, and cut if it is long."""
    quoted = repr(name)
    return quoted if len(quoted) <= _LONGEST_NAME else f"{quoted[: _LONGEST_NAME - 2]}…{quoted[-1]}"


def listed(names: Iterable[str]) -> str:
    """Names as a list of some length, and how many more there are."""
    names = list(names)
    lengths = accumulate(len(name) + len(", ") for name in names)
    shown = max(1, sum(length <= _LONGEST_LIST for length in lengths))
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more:,} more" if more > 0 else "")


def check_different(path: str, names: Sequence[str], place: Callable[[int], str] | None = None) -> None:
    """See that no column has the name of another; `place` says in the terms of the format where the nth is, from 1.

    Raises:
        FeedbackError: one has.
    """
    count = Counter(names)
    twice = next((name for name in names if count[name] > 1), None)
    if twice is None:
        return
    at = [n for n, name in enumerate(names, 1) if name == twice][:2]
    where = f" ({' and '.join(map(place, at))})" if place else ""
    raise FeedbackError(f"{path}: the column {named(twice)} is there twice{where}; rename one")

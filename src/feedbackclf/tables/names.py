"""Names of columns and sheets in messages, which stay one line that can be read whatever they are."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

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

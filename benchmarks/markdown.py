"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.figures import Spread, significant

FIGURE = "+-0123456789≤≥"
"""What a figure begins with."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; columns of figures are to the right."""
    rows = list(rows)
    right = [all(not row[place] or row[place][0] in FIGURE for row in rows) for place in range(len(head))]
    rule = ["---:" if figures else "---" for figures in right]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def spread(values: Spread) -> str:
    """A median with its least and greatest."""
    low, high = significant(values.least), significant(values.greatest)
    return significant(values.median) + (f" ({low}–{high})" if low != high else "")

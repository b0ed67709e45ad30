"""Lines of a chart from figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from feedbackclf.report.figures import Estimate, Share
from feedbackclf.report.pages import formats
from feedbackclf.report.pages.marks import Row
from feedbackclf.report.pages.tree import printable


def share_rows(shares: Sequence[Share], write: Callable[[str], str] = formats.words) -> list[Row]:
    """A bar for each label, whose name is written so."""
    return [row(one_line(write(share.label)), share.share, formats.percent, "bar") for share in shares]


def row(
    name: str, estimate: Estimate, write: Callable[[float], str], colour: str, *, series: str = "", about: str = ""
) -> Row:
    """A line of a chart, with what its mark says of itself; `about` is said only."""
    text = write(estimate.value)
    subject = ", ".join(x for x in (" ".join(name.split("\n")), series or about) if x)
    interval = ""
    if estimate.low is not None and estimate.high is not None:
        interval = f" ({write(estimate.low)} to {write(estimate.high)})"
    tip = f"{subject}: {text}{interval}, {formats.texts(estimate.n)}"
    return Row(name, estimate.value, estimate.low, estimate.high, colour, text, tip, series)


def one_line(text: str) -> str:
    """A name from the data as a chart can show it."""
    return " ".join(printable(text).split()) or "(blank)"

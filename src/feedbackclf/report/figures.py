"""Every figure of a report, as plain data: what `--json` writes and what the page shows.

Shares are numbers from 0 to 1; *net sentiment* is the share of positive minus the share of negative, from -1 to 1.
Intervals hold the true value in 95 of 100 samples like this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, measured on n rows; no interval where there is too little to tell."""

    value: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Share:
    """How many of some rows have a label: `count` of `share.n`."""

    label: str
    count: int
    share: Estimate


@dataclass(frozen=True)
class Balance:
    """How sentiment (or the polarity of a dimension) is spread over n rows.

    Attributes:
        shares: of each label, in the order of the taxonomy, also of one that no row has.
        net: share of positive minus share of negative; None if n is 0.
    """

    shares: tuple[Share, ...]
    net: Estimate | None


@dataclass(frozen=True)
class DimensionFigures:
    """One service dimension.

    Attributes:
        name, description: as in the taxonomy.
        mentioned: rows that mention it, of those with an answer (label `mentioned`).
        polarity: positive, negative and mixed, of those that mention it.
    """

    name: str
    description: str
    mentioned: Share
    polarity: Balance


@dataclass(frozen=True)
class LabelFigures:
    """One label of a head that is a choice.

    Attributes:
        label: its name.
        share: of the rows that have an answer.
        net: net sentiment of its rows; None without a head `sentiment`, or without rows.
        actions: what the response rules say to do about its rows, the most frequent first; empty without rules.
    """

    label: str
    share: Share
    net: Estimate | None
    actions: tuple[Share, ...]


@dataclass(frozen=True)
class ChoiceFigures:
    """One head that is a choice (level, issue, loyalty, …) but for sentiment."""

    name: str
    description: str
    labels: tuple[LabelFigures, ...]


@dataclass(frozen=True)
class Effect:
    """What comes with a remark on a dimension, everything else being equal.

    Attributes:
        dimension, polarity: the remark: praise (`positive`) or criticism (`negative`); a mixed one is both.
        rows: that have it.
        effect: difference of the outcome that comes with it.
        impact: effect times the share of rows that have it: how much of the mean goes with it.
        p, q: probability of so large an effect by chance; q is corrected for the number of effects that are looked at
            (Benjamini and Hochberg, 1995).
    """

    dimension: str
    polarity: str
    rows: int
    effect: Estimate
    impact: Estimate
    p: float
    q: float


@dataclass(frozen=True)
class Drivers:
    """What satisfaction goes with: a linear regression of an outcome on praise and criticism of each dimension.

    Attributes:
        outcome: `rating` (stars) or `sentiment` (positive 1, negative -1, else 0).
        column: of the rating; None for sentiment.
        rows: that have an outcome and labels.
        baseline: mean outcome of rows that mention no dimension, as the regression has it.
        r2: share of the outcome's variance that is explained.
        effects: the largest impact (either way) first.
        left_out: remarks that too few rows have to say anything, such as `gratitude negative`.
    """

    outcome: str
    column: str | None
    rows: int
    baseline: Estimate
    r2: float
    effects: tuple[Effect, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """Some of the rows: a group or a period.

    Attributes:
        name: the value of the group, or the first day of the period (YYYY-MM-DD).
        rows: that have a sentiment (without such a head, that say anything).
        net: net sentiment; None without such a head.
        rating: mean rating, also of rows without a text; None without one, or where too few rows have one.
        dimensions: by name, how it is mentioned and judged here; see `DimensionFigures`.
    """

    name: str
    rows: int
    net: Estimate | None
    rating: Estimate | None
    dimensions: Mapping[str, PartDimension]


@dataclass(frozen=True)
class PartDimension:
    """A dimension in some of the rows: share of rows that mention it, and net polarity of these (None: too few)."""

    mentioned: Estimate
    net: Estimate | None


@dataclass(frozen=True)
class Trends:
    """How things went.

    Attributes:
        column: of the dates.
        unit: of time: day, week (from Monday), month, quarter or year.
        periods: in order; those with too few rows are left out, as small groups are.
        left_out: how many periods these are.
        undated: rows (as in `Part.rows`) whose date is missing or cannot be read.
        slope: change of net sentiment per period (linear trend weighted by rows); None with fewer than 3 periods.
        p: probability of so large a slope by chance; None without a slope, or if the periods lie on a line.
    """

    column: str
    unit: str
    periods: tuple[Part, ...]
    left_out: int
    undated: int
    slope: Estimate | None
    p: float | None


@dataclass(frozen=True)
class Group:
    """One group of a breakdown against all the others.

    Attributes:
        part: the group.
        difference: its net sentiment minus that of all other rows; None without a head `sentiment`, or other rows.
        p, q: probability of so large a difference by chance; q is corrected for all groups of all breakdowns. None if
            there is no difference.
        differs: whether q is below 0.05.
    """

    part: Part
    difference: Estimate | None
    p: float | None
    q: float | None
    differs: bool


@dataclass(frozen=True)
class Breakdown:
    """The rows by the values of one column.

    Attributes:
        column: its name.
        groups: the largest first. Small groups are never shown by themselves.
        small_groups, small_rows: groups with too few rows, and those that are not shown lest a small one could be found
            by subtraction; and the rows in them.
        missing: rows without a value. Only rows with a sentiment count, here as in `Part.rows`.
        p, q: probability of such different sentiment by chance (chi-squared test of sentiment by group), None if there
            is but one group; q is corrected for all breakdowns.
    """

    column: str
    groups: tuple[Group, ...]
    small_groups: int
    small_rows: int
    missing: int
    p: float | None
    q: float | None


@dataclass(frozen=True)
class Unsure:
    """How often the model was unsure of a head: its confidence lies so that another label is nearly as likely."""

    head: str
    unsure: Share


@dataclass(frozen=True)
class Change:
    """One figure before and after.

    Attributes:
        about: the name of a head, or `rating`, which comes last.
        measure: `net`, `mentioned`, `mean`, or a label, whose share it is.
        difference: after minus before.
        p, q: probability of so large a difference by chance; q is corrected for all changes.
        differs: whether q is below 0.05.
    """

    about: str
    measure: str
    before: Estimate
    after: Estimate
    difference: Estimate
    p: float
    q: float
    differs: bool


@dataclass(frozen=True)
class Comparison:
    """What changed between two dumps; `changes` in the order of the taxonomy."""

    before: Source
    after: Source
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Source:
    """Where the rows are from: what it is called, the number of rows, and of those without any text."""

    name: str
    rows: int
    empty: int


@dataclass(frozen=True)
class Span:
    """Part of a quote, in characters, that carries a label; `weight` is its contribution to the label's log-odds."""

    head: str
    label: str
    start: int
    length: int
    weight: float


@dataclass(frozen=True)
class Quote:
    """A text that shows something.

    Attributes:
        text: as the customer wrote it, personal data masked.
        row: its number in the input, from 1.
        source: name of the input.
        language: its code.
        labels: of each head that says anything of it: sentiment always, others unless `none`.
        groups: its value in each column of a breakdown.
        spans: the evidence, at most one of each head.
        shows: why it is here: (head, label, kind), the kind being `typical`, `telling` or `unsure`.
    """

    text: str
    row: int
    source: str
    language: str
    labels: Mapping[str, str]
    groups: Mapping[str, str]
    spans: tuple[Span, ...]
    shows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Figures:
    """Everything a report says.

    Attributes:
        title: of the page.
        made: the day, YYYY-MM-DD.
        version: of feedbackclf.
        model: the name of the model.
        source: where the rows are from.
        dates: first and last day, None without dates.
        languages: of the rows that are not empty, the most frequent first.
        sentiment: of the rows that have an answer; None if the taxonomy has no such head.
        rating: mean of the stars, also of rows without a text; None without a column of them.
        ratings: how many rows have each number of stars; empty if there are more than 21 different ones.
        dimensions, choices: the heads in the order of the taxonomy; sentiment is not among the choices.
        drivers, trends, comparison: None where there is nothing to tell them from.
        breakdowns: by column, in the order of the file.
        unsure: by head.
        quotes: the texts.
        min_group: groups and periods with fewer rows are not shown.
        notes: what a reader should know of how the file was read.
    """

    title: str
    made: str
    version: str
    model: str
    source: Source
    dates: tuple[str, str] | None
    languages: tuple[Share, ...]
    sentiment: Balance | None
    rating: Estimate | None
    ratings: tuple[Share, ...]
    dimensions: tuple[DimensionFigures, ...]
    choices: tuple[ChoiceFigures, ...]
    drivers: Drivers | None
    trends: Trends | None
    breakdowns: tuple[Breakdown, ...]
    unsure: tuple[Unsure, ...]
    quotes: tuple[Quote, ...]
    comparison: Comparison | None
    min_group: int
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)

"""The columns beside text and labels: groups, stars and dates, found by name or given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.report.feedback import Grouping
from feedbackclf.report.reading.days import Days
from feedbackclf.report.reading.gathering import Dates, Groups, Ratings
from feedbackclf.report.reading.roles import DATE_NAMES, RATING_NAMES, candidates
from feedbackclf.tables.names import listed, named

Taker = TypeVar("Taker", Groups, Ratings, Dates)

STARS = (1.0, 5.0)
MOST_VALUES, MOST_GIVEN_VALUES, MOST_BREAKDOWNS = 30, 1000, 12
"""Different values of a column that is found to divide the rows, and of one that is given; how many are found."""


@dataclass(frozen=True)
class Wanted:
    """The columns that a user names; without any they are found.

    Attributes:
        group_by: whose values divide the rows.
        rating, date: with the stars and the dates.
    """

    group_by: tuple[str, ...] = ()
    rating: str | None = None
    date: str | None = None


@dataclass(frozen=True)
class Found:
    """What the columns hold, n rows of each; see `Feedback`."""

    rating: NDArray[np.float32]
    rating_column: str | None
    date: Days
    date_column: str | None
    groups: dict[str, Grouping]
    notes: list[str]


class Columns:
    """Takes the columns batch by batch.

    Args:
        wanted: by the user.
        made: names in `wanted.group_by` that are no columns of the file.
    """

    def __init__(self, wanted: Wanted, made: Sequence[str]) -> None:
        self._wanted = wanted
        self._given_groups = [name for name in wanted.group_by if name not in made]
        self._rows = 0
        self._groups: dict[str, Groups] = {}
        self._ratings: dict[str, Ratings] = {}
        self._dates: dict[str, Dates] = {}

    def check(self, path: str, names: Sequence[str]) -> None:
        """See that the columns that the user names are there.

        Raises:
            UsageError: one is not.
        """
        asked = [("--rating-column", self._wanted.rating), ("--date-column", self._wanted.date)]
        for option, name in [*asked, *(("--group-by", name) for name in self._given_groups)]:
            if name is not None and name not in names:
                there = listed(map(named, names))
                raise UsageError(f"{path}: no column {named(name)}; pass {option} with one of: {there}")

    def add(self, batch: pa.RecordBatch, others: Sequence[str]) -> None:
        """The next rows; `others` are the columns that are neither text nor label. Some may be new, as in JSONL."""
        n, there = batch.num_rows, set(batch.schema.names)
        self._learn(others)
        takers: list[tuple[str, Groups | Ratings | Dates]]
        takers = [*self._groups.items(), *self._ratings.items(), *self._dates.items()]
        for name, taker in takers:
            taker.add(batch.column(name) if name in there else None, n)
        self._rows += n

    def found(self) -> Found:
        """What they are, when all is read.

        Raises:
            FeedbackError: a column that the user names is not what it should be.
        """
        notes: list[str] = []
        rating_column, rating = self._rating(notes)
        days = {name: dates.dates() for name, dates in self._dates.items()}
        are_dates = [name for name in days if self._dates[name].are_dates(days[name][0])]
        date_column = self._date_column(are_dates, days)
        date = np.full(self._rows, np.datetime64("NaT"), "M8[D]")
        if date_column is not None:
            date, is_open = days[date_column]
            if is_open:
                notes.append(f"dates in {named(date_column)} were read day first; nothing in the column tells")
        taken = {*are_dates, *(name for name, ratings in self._ratings.items() if not ratings.is_dropped)}
        return Found(rating, rating_column, date, date_column, self._groupings(taken, notes), notes)

    def _learn(self, others: Sequence[str]) -> None:
        wanted = self._wanted
        fresh = [name for name in others if name not in self._groups] if not wanted.group_by else []
        self._start(self._groups, {name: Groups(MOST_VALUES) for name in fresh})
        self._start(self._groups, {name: Groups(MOST_GIVEN_VALUES) for name in self._given_groups})
        named_so = [wanted.rating] if wanted.rating is not None else candidates(others, RATING_NAMES)
        scale = None if wanted.rating is not None else STARS
        self._start(self._ratings, {name: Ratings(scale) for name in named_so})
        named_so = [wanted.date] if wanted.date is not None else candidates(others, DATE_NAMES)
        self._start(self._dates, {name: Dates() for name in named_so})

    def _start(self, known: dict[str, Taker], takers: Mapping[str, Taker]) -> None:
        """Begin to take columns that were not there before."""
        for name, taker in takers.items():
            if name not in known:
                taker.add(None, self._rows)
                known[name] = taker

    def _rating(self, notes: list[str]) -> tuple[str | None, NDArray[np.float32]]:
        for name in _best_first(self._ratings, RATING_NAMES):
            values, odd = self._ratings[name].values(), self._ratings[name].odd
            if values is None:
                continue
            if odd:
                notes.append(f"{odd:,} cells of {named(name)} are no numbers and count as empty")
            return name, values
        if self._wanted.rating is not None and self._rows:
            name = named(self._wanted.rating)
            raise FeedbackError(f"--rating-column {name}: no cell is a number; choose another column")
        other = [named(name) for name, ratings in self._ratings.items() if ratings.is_dropped]
        if other:
            notes.append(f"not from 1 to 5 throughout: {listed(other)}; if one rates, name it with --rating-column")
        return None, np.full(self._rows, np.nan, np.float32)

    def _date_column(self, are_dates: Sequence[str], days: dict[str, tuple[Days, bool]]) -> str | None:
        wanted = self._wanted.date
        if wanted is None:
            return next(iter(_best_first(are_dates, DATE_NAMES)), None)
        if self._rows and np.isnat(days[wanted][0]).all():
            raise FeedbackError(
                f"--date-column {named(wanted)}: no cell is a date such as 2026-12-31 or 31-12-2026; choose another"
            )
        return wanted

    def _groupings(self, taken: set[str], notes: list[str]) -> dict[str, Grouping]:
        groups: dict[str, Grouping] = {}
        for name, taker in self._groups.items():
            given = name in self._given_groups
            if given and taker.is_dropped:
                raise FeedbackError(
                    f"--group-by {named(name)}: has more than {MOST_GIVEN_VALUES:,} different values, or long ones; "
                    "choose a column with few"
                )
            grouping = taker.grouping()
            if grouping is not None and (given or name not in taken):
                groups[name] = grouping
        more = list(groups)[MOST_BREAKDOWNS:]
        if more and not self._given_groups:
            notes.append(f"not broken down: {listed(map(named, more))}; choose columns with --group-by")
            return {name: groups[name] for name in groups if name not in more}
        return groups


def _best_first(names: Iterable[str], known: Sequence[str]) -> list[str]:
    """The names, best first; one that the user gave may be called anything."""
    return candidates(list(names), known) or list(names)

"""What the results say: medians, the time that a slow contender would take, and whether each bar is met."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.contenders import CONTENDERS, OWN, Contender

Run = dict[str, Any]
MEGA = 1e6
FASTTEXT, OBVIOUS = "fasttext_pipeline", "obvious"
ORDINARY = {"distinct-words": "like-distinct-words", "one-text": "like-one-text"}
"""The file of ordinary reviews with as many bytes as a hostile one has."""


@dataclass(frozen=True)
class Spread:
    """Median, least and greatest of several runs."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Bar:
    """Something to reach.

    Attributes:
        what: what is asked.
        bound: how much.
        figure: what was measured, in the same words.
        met: whether it is enough.
    """

    what: str
    bound: str
    figure: str
    met: bool


class Figures:
    """The results of one benchmark."""

    def __init__(self, results: dict[str, Any]) -> None:
        self.sections: dict[str, list[Run]] = results["sections"]
        self.about: dict[str, str] = results["about"]
        self.many: int = max(run["rows"] for run in self.runs("speed", contender=OWN))
        self.most: int = max(run["rows"] for run in self.runs("growth", contender=OWN))

    def runs(self, section: str, **wanted: Any) -> list[Run]:
        """The runs of a section that have these values."""
        return [run for run in self.sections[section] if all(run[key] == value for key, value in wanted.items())]

    def timed(self, contender: str, rows: int, cores: int) -> list[Run]:
        """The runs on a file of so many ordinary reviews."""
        wanted = {"contender": contender, "rows": rows, "cores": cores}
        return [*self.runs("speed", **wanted), *self.runs("growth", **wanted)]

    def seconds(self, contender: Contender, rows: int, cores: int) -> Spread:
        """For so many reviews; of a slow contender what follows from its two sizes, round by round."""
        if not contender.pair:
            return Spread.of([run["wall"] for run in self.timed(contender.name, rows, cores)])
        own = self.runs("speed", contender=contender.name, cores=cores)
        values = []
        for number in sorted({run["round"] for run in own}):
            less, more = sorted((run for run in own if run["round"] == number), key=lambda run: run["rows"])
            slope = (more["wall"] - less["wall"]) / (more["rows"] - less["rows"])
            values.append(more["wall"] + slope * (rows - more["rows"]))
        return Spread.of(values)

    def peak(self, contender: str, rows: int, cores: int) -> float:
        """Greatest resident memory of the process itself, in MB."""
        return max(run["peak"] for run in self.timed(contender, rows, cores)) / MEGA

    def worker(self, contender: str, rows: int) -> float:
        """Greatest memory of a worker that it shares with nobody, in MB."""
        return max(run["worker_private"] for run in self.runs("memory", contender=contender, rows=rows)) / MEGA

    def sizes(self, contender: Contender) -> list[int]:
        """The rows of the files that a contender ran on where others ran on `many`."""
        return sorted({run["rows"] for run in self.runs("speed", contender=contender.name)})

    def hostile(self, file: str) -> tuple[Spread, Run]:
        """Seconds for a file of the section `hostile`, and one of its runs, with the greatest memory."""
        runs = self.runs("hostile", file=file)
        return Spread.of([run["wall"] for run in runs]), max(runs, key=lambda run: run["peak"])

    def slower(self, file: str) -> float:
        """How many times as long a hostile file takes per byte (empty rows: per row) as ordinary reviews."""
        seconds, run = self.hostile(file)
        if file in ORDINARY:
            ordinary, other = self.hostile(ORDINARY[file])
            return (seconds.median / run["bytes"]) / (ordinary.median / other["bytes"])
        own = self.seconds(named(OWN), self.many, 1)
        return (seconds.median / run["rows"]) / (own.median / self.many)

    def seeing(self, kind: str) -> tuple[Spread, Run]:
        """Seconds for evidence or a report, see `seeing.TITLES`, and one of the runs, with the greatest memory."""
        runs = self.runs("seeing", kind=kind)
        return Spread.of([run["wall"] for run in runs]), max(runs, key=lambda run: run["peak"])

    def library(self, name: str) -> Spread:
        """Milliseconds of `load` or of a `single` prediction."""
        return Spread.of([run[name] * 1000 for run in self.sections["library"]])


def named(name: str) -> Contender:
    """A contender."""
    return next(contender for contender in CONTENDERS if contender.name == name)


def bars(figures: Figures) -> list[Bar]:
    """All that is asked of this project, and what it reached."""
    many, most = figures.many, figures.most

    def times(other: str, rows: int) -> float:
        theirs, ours = (figures.seconds(named(name), rows, 1).median for name in (other, OWN))
        return theirs / ours

    def gain(rows: int) -> float:
        one, two = (figures.seconds(named(OWN), rows, cores).median for cores in (1, 2))
        return one / two

    main = max(figures.peak(OWN, many, cores) for cores in (1, 2))
    large = max(figures.peak(OWN, most, cores) for cores in (1, 2))
    worker = max(figures.worker(OWN, rows) for rows in (many, most))
    files = [*ORDINARY, "empty-rows"]
    return [
        at_least(f"{many:,} reviews on one core, against fastText", 4, times(FASTTEXT, many)),
        at_least(f"{many:,} reviews on one core, against the obvious pipeline", 100, times(OBVIOUS, many)),
        at_least(f"{most:,} reviews on one core, against fastText", 6, times(FASTTEXT, most)),
        at_least(f"two workers against one, {many:,} reviews", 1.7, gain(many)),
        at_least(f"two workers against one, {most:,} reviews", 1.7, gain(most)),
        at_most(f"memory of the main process, {many:,} reviews", 450, main, "{:,.0f} MB"),
        at_most(f"the same, {most:,} reviews", 1.1 * main, large, "{:,.0f} MB"),
        at_most("memory that a worker adds", 300, worker, "{:,.0f} MB"),
        *(at_most(f"{TITLES[name]}: times as long as reviews", 3, figures.slower(name), "{:.2g} ×") for name in files),
        at_most(
            "memory for any of these",
            450,
            max(figures.hostile(name)[1]["peak"] for name in files) / MEGA,
            "{:,.0f} MB",
        ),
        at_most(f"{many:,} reviews to a report", 30, figures.seeing("page-raw")[0].median, "{:.1f} s"),
        at_most("size of its page", 8, figures.seeing("page-raw")[1]["bytes"] / MEGA, "{:.2g} MB"),
        at_most("`feedbackclf.load()`", 150, figures.library("load").median, "{:.0f} ms"),
        at_most("`classifier.predict([text])`", 0.5, figures.library("single").median, "{:.2f} ms"),
    ]


TITLES = {
    "distinct-words": "different words only",
    "one-text": "one long text",
    "empty-rows": "empty rows",
    "like-distinct-words": "reviews, as many bytes as different words",
    "like-one-text": "reviews, as many bytes as the long text",
}


def at_least(what: str, bound: float, figure: float) -> Bar:
    """A bar for how many times as fast something is."""
    return Bar(what, f"≥ {bound:g} ×", significant(figure) + " ×", figure >= bound)


def at_most(what: str, bound: float, figure: float, form: str) -> Bar:
    """A bar for time or memory."""
    show: Callable[[float], str] = form.format
    return Bar(what, f"≤ {show(bound)}", show(figure), figure <= bound)


def significant(value: float) -> str:
    """A number with two digits at least: 1.74, 12.3, 123, 1,234."""
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"

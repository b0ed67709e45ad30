"""Write README.md and its pictures from results.json.

Usage: python -m benchmarks.report [--quick]

With --quick from the results of `benchmarks.run --quick`, beside them.
"""

from __future__ import annotations

import json
import sys

from benchmarks.background import compared, file, machine, method
from benchmarks.contenders import CONTENDERS, OWN
from benchmarks.figures import FASTTEXT, MEGA, TITLES, Figures, Spread, bars, named, significant
from benchmarks.markdown import spread, table
from benchmarks.pictures import draw
from benchmarks.run import QUICK_RESULTS, RESULTS
from benchmarks.seeing import TITLES as SEEING


def main() -> None:
    """Write the report."""
    path = QUICK_RESULTS if "--quick" in sys.argv else RESULTS
    figures = Figures(json.loads(path.read_text(encoding="utf-8")))
    draw(figures, path.parent)
    (path.parent / "README.md").write_text(report(figures), encoding="utf-8")


def report(figures: Figures) -> str:
    """The page, in Markdown."""
    parts = (
        introduction(),
        reached(figures),
        compared(),
        throughput(figures),
        rest(figures),
        growing(figures),
        hostile(figures),
        seeing(figures),
        library(figures),
        file(figures),
        method(figures),
        machine(figures),
    )
    return "\n\n".join(parts) + "\n"


def introduction() -> str:
    """What this is."""
    return (
        "# How fast it is\n\n"
        "This project beside what else one would use for the same job, in the same run on the same file. Written by "
        "`make bench`; no figure is typed by hand. How *well* texts are labelled is not measured here: see the "
        "[README](../README.md).\n\n"
        "![Reviews per second](throughput.svg)"
    )


def reached(figures: Figures) -> str:
    """What is asked of it, and whether it is reached."""
    rows = [(bar.what, bar.bound, bar.figure, "yes" if bar.met else "**no**") for bar in bars(figures)]
    return "## What was to be reached\n" + table(("", "bar", "measured", "reached"), rows)


def throughput(figures: Figures) -> str:
    """Seconds and reviews per second of everybody."""
    rows = []
    own = [figures.seconds(named(OWN), figures.many, cores).median for cores in (1, 2)]
    for contender in CONTENDERS:
        mark = " †" if contender.pair else ""
        row = [contender.title + mark]
        for cores in (1, 2):
            seconds = figures.seconds(contender, figures.many, cores)
            times = seconds.median / own[cores - 1]
            row += [spread(seconds), f"{figures.many / seconds.median:,.0f}", significant(times) + " ×"]
        rows.append(row)
    slow = [(contender.title, figures.sizes(contender)) for contender in CONTENDERS if contender.pair]
    sizes = ", ".join(f"{title} {less:,} and {more:,}" for title, (less, more) in slow)
    return (
        f"## {figures.many:,} reviews\n"
        "The whole process, from its start to its end. Seconds are medians, with the least and the greatest.\n\n"
        + table(("", "one core, s", "reviews/s", "feedbackclf is faster", "two cores, s", "reviews/s", "faster"), rows)
        + f"\n\n† Too slow for all rows: extrapolated from two smaller files ({sizes} rows). It is the time of the "
        "larger, and for each further row what a row between the two took."
    )


def rest(figures: Figures) -> str:
    """Time to the first row, memory, size of the model, time of training."""
    rows = []
    for contender in CONTENDERS:
        size = figures.sizes(contender)[-1]
        training = figures.runs("training", contender=contender.name)[0]
        first = Spread.of([run["seconds"] for run in figures.runs("first-row", contender=contender.name)])
        rows.append(
            (
                contender.title,
                spread(first),
                f"{figures.peak(contender.name, size, 1):,.0f}",
                f"{figures.peak(contender.name, size, 2):,.0f}",
                f"{figures.worker(contender.name, size):,.0f}",
                f"{training['model'] / MEGA:,.1f}",
                f"{training['wall']:,.0f}",
            )
        )
    return (
        "## First row, memory, model, training\n"
        "Memory is the peak over all rounds in MB of 10⁶ bytes, of the slow ones on the larger of their files. Of a "
        "worker only that counts which it shares with no other process. The model is what is on disk for predicting; "
        "lingua's and langdetect's own models, which are in their packages, are not counted. feedbackclf learns "
        "several times over, to cross-validate itself, and three more heads.\n\n"
        + table(
            ("", "first row, s", "memory", "memory, two workers", "each worker adds", "model, MB", "training, s"), rows
        )
    )


def growing(figures: Figures) -> str:
    """From few reviews to very many."""
    rows = []
    for count in sorted({run["rows"] for run in figures.runs("growth", contender=OWN)} | {figures.many}):
        own, other = (figures.seconds(named(name), count, 1) for name in (OWN, FASTTEXT))
        rows.append(
            (
                f"{count:,}",
                spread(own),
                f"{count / own.median:,.0f}",
                f"{figures.peak(OWN, count, 1):,.0f}",
                spread(other),
                f"{count / other.median:,.0f}",
                f"{figures.peak(FASTTEXT, count, 1):,.0f}",
                significant(other.median / own.median) + " ×",
            )
        )
    head = ("reviews", "feedbackclf, s", "reviews/s", "MB", "fastText, s", "reviews/s", "MB", "feedbackclf is faster")
    pairs = []
    for count in (figures.many, figures.most):
        one, two = (figures.seconds(named(OWN), count, cores) for cores in (1, 2))
        worker = f"{figures.worker(OWN, count):,.0f}"
        pairs.append((f"{count:,}", spread(one), spread(two), significant(one.median / two.median) + " ×", worker))
    return (
        "## Growth\n![Seconds and memory](growth.svg)\n\nOne core:\n\n"
        + table(head, rows)
        + "\n\nfeedbackclf with two workers on two cores:\n\n"
        + table(("reviews", "one, s", "two, s", "faster", "each worker adds, MB"), pairs)
    )


def hostile(figures: Figures) -> str:
    """Files that are unlike feedback."""
    rows = []
    for name, title in TITLES.items():
        seconds, run = figures.hostile(name)
        slower = "" if name.startswith("like") else significant(figures.slower(name)) + " ×"
        size = f"{run['bytes'] / MEGA:,.1f}"
        rows.append((title, f"{run['rows']:,}", size, spread(seconds), f"{run['peak'] / MEGA:,.0f}", slower))
    return (
        "## Hostile files\n"
        "feedbackclf on one core. Every word of the first file is another one; the text of the second is a single one. "
        "The last column says how many times as long they take per byte as reviews of the same size, and empty rows "
        f"per row as {figures.many:,} reviews.\n\n"
        + table(("file", "rows", "MB", "seconds", "memory, MB", "times as long"), rows)
    )


def seeing(figures: Figures) -> str:
    """Evidence and reports."""
    rows = []
    for kind, title in SEEING.items():
        seconds, run = figures.seeing(kind)
        memory, size = f"{run['peak'] / MEGA:,.0f}", significant(run["bytes"] / MEGA)
        rows.append((title, f"{run['rows']:,}", spread(seconds), f"{run['rows'] / seconds.median:,.0f}", memory, size))
    return (
        "## Evidence and reports\n"
        "One core. The rows have a date, a shop, a channel and stars besides the text. A page has its charts and "
        "quotes in it; figures are without quotes.\n\n"
        + table(("", "rows", "seconds", "rows/s", "memory, MB", "written, MB"), rows)
    )


def library(figures: Figures) -> str:
    """The Python API."""
    rows = [
        ("`feedbackclf.load()`, modules imported", spread(figures.library("load"))),
        ("`classifier.predict([text])`, median of 1,000 texts after 2,000 others", spread(figures.library("single"))),
    ]
    return "## In Python\nOne core, a fresh process each time.\n\n" + table(("", "ms"), rows)


if __name__ == "__main__":
    main()

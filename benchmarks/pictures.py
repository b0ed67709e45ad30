"""The pictures of the report, as SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.contenders import CONTENDERS, OWN
from benchmarks.figures import FASTTEXT, Figures, named
from benchmarks.reviews import REAL_DISTINCT

NAMES = ("throughput", "growth", "words")
STRONG, SOFT, OTHER, GREY = "#1f5fa8", "#9fc0e6", "#c8641e", "#444444"
SMALL = {"va": "center", "fontsize": 9, "color": GREY}


def draw(figures: Figures, folder: Path) -> None:
    """Write `throughput.svg`, `growth.svg` and `words.svg`."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams.update(
        {
            "svg.hashsalt": "feedbackclf",  # else its names of elements are different every time
            "svg.fonttype": "none",
            "font.family": "sans-serif",
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
        }
    )
    for name, picture in zip(NAMES, (throughput, growth, words), strict=True):
        figure = picture(figures, plt)
        figure.savefig(folder / f"{name}.svg", bbox_inches="tight", metadata={"Date": None}, facecolor="white")
        plt.close(figure)


def throughput(figures: Figures, plt: Any) -> Any:
    """Reviews per second of everybody, on one core and on two."""
    figure, axes = plt.subplots(figsize=(8, 3.6))
    for place, contender in enumerate(CONTENDERS):
        for cores, colour in ((1, STRONG), (2, SOFT)):
            rate = figures.many / figures.seconds(contender, figures.many, cores).median
            at = place + (cores - 1.5) * 0.38
            axes.barh(at, rate, height=0.36, color=colour)
            axes.text(rate * 1.06, at, f"{rate:,.0f}" + ("" if place else f"  {cores} core{'s'[: cores - 1]}"), **SMALL)
    axes.set_yticks(range(len(CONTENDERS)), [contender.title for contender in CONTENDERS])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    logarithmic(axes.xaxis)
    axes.set_xlabel("reviews per second (logarithmic)")
    axes.set_title(f"{figures.many:,} reviews, the whole job")
    return figure


def growth(figures: Figures, plt: Any) -> Any:
    """Seconds and memory of the fast ones, by the number of reviews."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
    for name, colour in ((OWN, STRONG), (FASTTEXT, OTHER)):
        runs = [*figures.runs("speed", contender=name, cores=1), *figures.runs("growth", contender=name, cores=1)]
        sizes = sorted({run["rows"] for run in runs})
        seconds = [figures.seconds(named(name), count, 1).median for count in sizes]
        peaks = [figures.peak(name, count, 1) for count in sizes]
        for axes, values in ((left, seconds), (right, peaks)):
            axes.plot(sizes, values, "o-", color=colour)
            label(axes, named(name).title, sizes[-1], values[-1], colour)
    left.set_title("seconds, one core")
    logarithmic(left.yaxis)
    right.set_title("peak memory, MB")
    right.set_ylim(bottom=0)
    for axes in (left, right):
        axes.set_xlabel("reviews")
        logarithmic(axes.xaxis)
        axes.set_xticks(sizes)
        axes.set_xlim(right=30 * figures.most)
    figure.tight_layout()
    return figure


def words(figures: Figures, plt: Any) -> Any:
    """How the number of different words grows, in the generated file and in life."""
    figure, axes = plt.subplots(figsize=(5.5, 3.4))
    runs = figures.sections["words"]
    axes.plot([run["rows"] for run in runs], [run["distinct"] for run in runs], "-", color=STRONG)
    axes.plot(list(REAL_DISTINCT), list(REAL_DISTINCT.values()), "o", color=OTHER)
    label(axes, "generated", runs[-1]["rows"], runs[-1]["distinct"], STRONG)
    axes.annotate("real", list(REAL_DISTINCT.items())[2], (8, -10), textcoords="offset points", color=OTHER)
    logarithmic(axes.xaxis)
    logarithmic(axes.yaxis)
    axes.set_xlim(right=9 * runs[-1]["rows"])
    axes.set_xlabel("reviews")
    axes.set_title("different words")
    return figure


def label(axes: Any, text: str, x: float, y: float, colour: str) -> None:
    """Write beside the last point of a line what the line is."""
    axes.annotate(text, (x, y), (8, 0), textcoords="offset points", color=colour, va="center")


def logarithmic(axis: Any) -> None:
    """Make an axis logarithmic, with figures like 10,000 at the powers of ten."""
    getattr(axis.axes, f"set_{axis.axis_name}scale")("log")
    axis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axis.set_minor_formatter(lambda value, _: "")

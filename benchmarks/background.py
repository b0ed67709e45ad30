"""The parts of the report that say what is compared, on what file, how, and on what machine."""

from __future__ import annotations

from benchmarks.contenders import CONTENDERS, OWN
from benchmarks.figures import Figures
from benchmarks.markdown import table
from benchmarks.peers.common import BLOCK, examples
from benchmarks.reviews import MEAN_WORDS, REAL_DISTINCT, REAL_PAIRS, REAL_REVIEWS

SLOW = {contender.name for contender in CONTENDERS if contender.pair}


def compared() -> str:
    """Who is compared."""
    rows = [(contender.title, contender.what) for contender in CONTENDERS]
    return (
        "## Who is compared\n"
        "Everybody does the whole job: reads a CSV file, tells language, sentiment and the five dimensions of each "
        "row, and writes a CSV file with the columns of the input and the labels. The peers learn from the "
        f"{len(examples()):,} texts of `corpora/`, and answer in blocks of {BLOCK} rows; with `--jobs` a pool of "
        "processes takes the blocks in order.\n\n" + table(("", "what it is"), rows)
    )


def file(figures: Figures) -> str:
    """What the generated file is like, beside real reviews."""
    runs = figures.sections["words"]
    rows = []
    for run in runs:
        row = [f"{run['rows']:,}", f"{run['words']:,}"]
        for name, life in (("distinct", REAL_DISTINCT), ("pairs", REAL_PAIRS)):
            real = life.get(run["rows"])
            row.append(f"{run[name]:,}" if name in run else "")
            row += [f"{real:,}", f"{run[name] / real - 1:+.0%}"] if real else ["", ""]
        rows.append(row)
    mean = runs[-1]["words"] / runs[-1]["rows"]
    return (
        "## The file\n"
        "`reviews.py` makes it from `corpora/`: anyone can, and every time it is the same. It is as varied as real "
        "feedback, so that to remember words or texts gains no more than in life. Its lengths, and how the number of "
        f"different words (cut at white space) grows, are those of {REAL_REVIEWS:,} real reviews in Danish, English, "
        "Swedish and Dutch, of which only these figures are here. So are the kinds of rare words: typos, compounds, "
        "names, amounts, order numbers, words with marks attached, sentences without a blank between them. Pairs of "
        f"neighbours are more varied than in life. A review has {mean:.1f} words on average, a real one {MEAN_WORDS}. "
        "What it says makes no sense.\n\n"
        "![Different words](words.svg)\n\n"
        + table(("reviews", "words", "different words", "real", "", "different pairs", "real", ""), rows)
    )


def method(figures: Figures) -> str:
    """How it is measured."""
    rounds = len(figures.runs("speed", contender=OWN, cores=1))
    slow = max(run["round"] + 1 for run in figures.runs("speed") if run["contender"] in SLOW)
    longest = max(run["rows"] for run in figures.runs("growth"))
    few = len([run for run in figures.runs("growth", rows=longest) if run["contender"] != OWN])
    return (
        "## How it is measured\n"
        f"- {rounds} round{'s'[: rounds - 1]}, in which everybody runs once; then the next round. The slow ones sit "
        f"out after {slow}, and fastText on {longest:,} reviews after {few}.\n"
        "- Every run is a process of its own, bound to its cores with `taskset`. Numeric libraries get one thread.\n"
        "- The number of rows that came out is checked.\n"
        "- Memory is what the kernel notes as the peak of the process (`VmHWM`). What workers add is looked at ten "
        "times a second (`smaps_rollup`), in runs of their own, since looking takes time.\n"
        "- `.venv-bench/bin/python -m benchmarks.run --only SECTION` measures a part anew, `--quick` tries it all on "
        "small files. Data and models are in `build/bench`, the runs one by one in [results.json](results.json)."
    )


def machine(figures: Figures) -> str:
    """Hardware and versions."""
    return "## On what\n" + table(("", ""), figures.about.items())

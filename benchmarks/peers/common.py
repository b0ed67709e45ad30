"""What the peers share: the texts they learn from, and a CSV file in and out, in one or several processes.

Usage of each peer: python -m benchmarks.peers.NAME train FOLDER
                    python -m benchmarks.peers.NAME predict FOLDER IN OUT [--jobs N]

OUT has all columns of IN, then language, sentiment and the five dimensions; - is stdout.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

CORPORA = Path(__file__).parents[2] / "corpora"
LANGUAGES = ("nl", "da", "sv", "en")
DIMENSIONS = ("speed", "quality", "greeting", "resolution", "gratitude")
BLOCK = 256
"""Rows that are labelled in one go."""

Label = Callable[[Sequence[str]], Iterable[Sequence[str]]]
"""Texts → language, sentiment and the five dimensions of each."""


@dataclass(frozen=True)
class Example:
    """A labelled text of `corpora/`; `remarks` are its dimensions, as in `speed:positive`."""

    text: str
    language: str
    sentiment: str
    remarks: tuple[str, ...]


def examples() -> list[Example]:
    """All of `corpora/`: what feedbackclf learns from, too."""
    found = []
    for path in sorted(CORPORA.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            remarks = tuple(f"{name}:{row[name]}" for name in DIMENSIONS if row[name] != "none")
            found.append(Example(row["text"], row["language"], row["sentiment"], remarks))
    return found


def dimensions(remarks: Iterable[str]) -> list[str]:
    """The five columns that say the same as remarks like `speed:positive`; the first on a dimension counts."""
    said: dict[str, str] = {}
    for remark in remarks:
        name, polarity = remark.split(":")
        said.setdefault(name, polarity)
    return [said.get(name, "none") for name in DIMENSIONS]


def run(train: Callable[[Path], None], load: Callable[[Path], Label]) -> None:
    """The command line of a peer.

    Args:
        train: writes a model into a folder.
        load: reads it again.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("train").add_argument("folder", type=Path)
    predict = commands.add_parser("predict")
    predict.add_argument("folder", type=Path)
    predict.add_argument("input", type=Path)
    predict.add_argument("output")
    predict.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    if options.command == "train":
        options.folder.mkdir(parents=True, exist_ok=True)
        train(options.folder)
    else:
        tag(load, options.folder, options.input, options.output, options.jobs)


def tag(load: Callable[[Path], Label], folder: Path, source: Path, target: str, jobs: int) -> None:
    """Label the column `text` of a CSV file, block by block, in order."""
    with ExitStack() as stack:
        file = stack.enter_context(source.open(encoding="utf-8", newline=""))
        reader = csv.reader(file)
        names = next(reader)
        column = names.index("text")
        out = sys.stdout if target == "-" else stack.enter_context(Path(target).open("w", encoding="utf-8", newline=""))
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*names, "language", "sentiment", *DIMENSIONS])
        for rows in labelled(blocks(reader), column, load, folder, jobs):
            writer.writerows(rows)
            out.flush()


Rows = list[list[str]]


def blocks(rows: Iterator[list[str]]) -> Iterator[Rows]:
    """Rows, some at a time."""
    while block := list(islice(rows, BLOCK)):
        yield block


def labelled(
    work: Iterator[Rows], column: int, load: Callable[[Path], Label], folder: Path, jobs: int
) -> Iterator[Rows]:
    """Blocks of rows with their labels behind them; `jobs` above 1 is so many worker processes."""
    global _worker
    _worker = load(folder), column
    if jobs == 1:
        yield from map(_label, work)
        return
    with get_context("fork").Pool(jobs) as pool:  # so that workers share what was loaded
        yield from pool.imap(_label, work)


_worker: tuple[Label, int]


def _label(rows: Rows) -> Rows:
    label, column = _worker
    answers = label([row[column] for row in rows])
    return [[*row, *answer] for row, answer in zip(rows, answers, strict=True)]

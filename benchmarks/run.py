"""Measure everything; writes build/bench/results.json, from which `benchmarks.report` makes the README.

Usage: python -m benchmarks.run [--quick] [--rounds N] [--long-rounds N] [--only SECTION ...]

In a section contenders take turns: all of them run once, then all of them once more. A section that is measured anew
replaces what the results have of it.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import hostile, seeing
from benchmarks.contenders import BUILD, CONTENDERS, OWN, Contender
from benchmarks.machine import about
from benchmarks.measure import first_row, measure
from benchmarks.reviews import growth, write_reviews, write_texts

RESULTS = Path(__file__).parent / "results.json"
QUICK_RESULTS = BUILD / "quick" / "results.json"
Run = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        rounds: how often each contender runs, but for training.
        slow_rounds: how often the slow ones do.
        long_rounds: how often fastText runs on the largest file.
        many: rows of the ordinary file.
        most: rows of the largest file.
        few: rows of the smaller files of growth.
        shrink: by how much the files of the slow contenders and the hostile files are smaller.
    """

    rounds: int
    slow_rounds: int
    long_rounds: int
    many: int = 100_000
    most: int = 1_000_000
    few: tuple[int, ...] = (1_000, 10_000)
    shrink: int = 1

    def sizes(self, contender: Contender) -> list[int]:
        """The rows of the ordinary file, or of the two that a slow contender gets."""
        return [size // self.shrink for size in contender.pair] if contender.pair else [self.many]

    @property
    def cores(self) -> list[int]:
        """The cores there are, last first, since the first has the most to do besides."""
        return sorted(os.sched_getaffinity(0), reverse=True)[:2]


FULL = Plan(rounds=5, slow_rounds=2, long_rounds=1)
QUICK = Plan(rounds=1, slow_rounds=1, long_rounds=1, many=3_000, most=6_000, few=(1_000,), shrink=10)


def main() -> None:
    """Measure the sections that were asked for, and put them into the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small files, one round: to see whether it works")
    parser.add_argument("--rounds", type=int, help="how often each contender runs")
    parser.add_argument("--long-rounds", type=int, help="how often fastText runs on the largest file")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), metavar="SECTION")
    options = parser.parse_args()
    base = QUICK if options.quick else FULL
    plan = Plan(**{**vars(base), **{k: v for k, v in vars(options).items() if k in ("rounds", "long_rounds") and v}})
    path = QUICK_RESULTS if options.quick else RESULTS
    if len(plan.cores) < 2 and not options.quick:
        sys.exit("two cores are needed")
    results = json.loads(path.read_text()) if path.exists() else {"sections": {}}
    for name in options.only:
        runs = []
        for run in SECTIONS[name](plan):
            print(name, json.dumps(run), file=sys.stderr, flush=True)
            runs.append(run)
        results["sections"][name] = runs
        results["about"] = about()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_text(results))


def as_text(results: dict[str, Any]) -> str:
    """The results as JSON, one run per line."""
    about = json.dumps(results["about"], indent=1)
    sections = [
        f"{json.dumps(name)}: [\n" + ",\n".join(map(json.dumps, runs)) + "\n]"
        for name, runs in results["sections"].items()
    ]
    return f'{{"about": {about},\n"sections": {{\n' + ",\n".join(sections) + "\n}}\n"


def reviews_file(rows: int) -> Path:
    """A file of so many reviews; written if it is not there."""
    path = BUILD / f"reviews-{rows}.csv"
    if not path.exists():
        write_reviews(path, rows)
    return path


def tagged(contender: Contender, source: Path, plan: Plan, cores: int, private: bool = False) -> Run:
    """One run on a file, and how many rows came out."""
    target = BUILD / "tagged.csv"
    run = measure(contender.predict(source, str(target), jobs=cores), plan.cores[:cores], private)
    with target.open(encoding="utf-8", newline="") as file:
        rows_out = sum(1 for _ in csv.reader(file)) - 1
    with source.open(encoding="utf-8", newline="") as file:
        rows = sum(1 for _ in csv.reader(file)) - 1
    target.unlink()
    if rows_out != rows:
        raise RuntimeError(f"{contender.title}: {rows:,} rows in, {rows_out:,} out")
    return {"contender": contender.name, "cores": cores, "rows": rows, **run}


def words(plan: Plan) -> Iterator[Run]:
    """How the number of different words grows with the reviews."""
    csv.field_size_limit(10**9)
    with reviews_file(plan.most).open(encoding="utf-8", newline="") as file:
        yield from growth(row["text"] for row in csv.DictReader(file))


def training(plan: Plan) -> Iterator[Run]:
    """Train everybody once on one core; and the bytes that each needs to predict."""
    for contender in CONTENDERS:
        run = measure(contender.train(), plan.cores[:1])
        size = sum(file.stat().st_size for file in contender.model.rglob("*") if file.is_file())
        yield {"contender": contender.name, **run, "model": size}


def speed(plan: Plan) -> Iterator[Run]:
    """Everybody on the ordinary file, or on two small ones, on one core and on two."""
    for number in range(plan.rounds):
        for contender in CONTENDERS:
            if contender.pair and number >= plan.slow_rounds:
                continue
            for cores in (1, 2):
                for rows in plan.sizes(contender):
                    yield {"round": number, **tagged(contender, reviews_file(rows), plan, cores)}


def memory(plan: Plan) -> Iterator[Run]:
    """Everybody once with two workers, to look at their memory and not at the time."""
    for contender in CONTENDERS:
        yield tagged(contender, reviews_file(plan.sizes(contender)[-1]), plan, 2, private=True)
        if contender.name == OWN:
            yield tagged(contender, reviews_file(plan.most), plan, 2, private=True)


def growing(plan: Plan) -> Iterator[Run]:
    """The fast ones on files of other sizes; this project on two cores as well at the largest."""
    fast = [contender for contender in CONTENDERS if not contender.pair]
    for number in range(plan.rounds):
        for rows in (*plan.few, plan.most):
            for contender in fast:
                if rows == plan.most and contender.name != OWN and number >= plan.long_rounds:
                    continue
                for cores in (1, 2) if rows == plan.most and contender.name == OWN else (1,):
                    yield {"round": number, **tagged(contender, reviews_file(rows), plan, cores)}


def first(plan: Plan) -> Iterator[Run]:
    """Seconds until the first row of the ordinary file can be read."""
    source = reviews_file(plan.many)
    for number in range(plan.rounds):
        for contender in CONTENDERS:
            seconds = first_row(contender.predict(source, "-", jobs=1), plan.cores[:1])
            yield {"round": number, "contender": contender.name, "seconds": seconds}


def unusual(plan: Plan) -> Iterator[Run]:
    """This project on hostile files, each followed by reviews of the same number of bytes."""
    own = next(contender for contender in CONTENDERS if contender.name == OWN)
    folder = BUILD / f"hostile-{plan.shrink}"
    distinct, long, empty = (folder / f"{name}.csv" for name in ("distinct-words", "one-text", "empty-rows"))
    write_texts(distinct, hostile.distinct_words(20_000 // plan.shrink))
    write_texts(long, [hostile.long_text(10_000_000 // plan.shrink)])
    write_texts(empty, ("" for _ in range(1_000_000 // plan.shrink)))
    files = [distinct, long, empty]
    for path in (distinct, long):
        files.append(folder / f"like-{path.name}")
        hostile.ordinary(files[-1], path.stat().st_size)
    csv.field_size_limit(10**9)
    for number in range(plan.rounds):
        for path in files:
            run = tagged(own, path, plan, 1)
            yield {"round": number, "file": path.stem, "bytes": path.stat().st_size, **run}


def library(plan: Plan) -> Iterator[Run]:
    """The Python API, in a fresh process each time."""
    source = reviews_file(max(plan.many, 3_000))
    command = ["taskset", "-c", str(plan.cores[0]), sys.executable, "-m", "benchmarks.library", str(source)]
    for number in range(plan.rounds):
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        yield {"round": number, **json.loads(done.stdout)}


def seen(plan: Plan) -> Iterator[Run]:
    """Evidence and reports, one core."""
    raw, most = (BUILD / f"dump-{rows}.csv" for rows in (plan.many, plan.most))
    tagged, tagged_most = (path.with_suffix(".tagged.csv") for path in (raw, most))
    for path, rows in ((raw, plan.many), (most, plan.most)):
        if not path.exists():
            seeing.write_dump(path, rows)
    if not tagged_most.exists():
        subprocess.run([seeing.FEEDBACKCLF, "predict", str(most), "-o", str(tagged_most)], check=True)
    for number in range(plan.rounds):
        for kind, (command, written) in seeing.commands(raw, tagged, tagged_most).items():
            run = measure(command, plan.cores[:1])
            rows = plan.most if kind == "figures-most" else plan.many
            yield {"round": number, "kind": kind, "rows": rows, "bytes": written.stat().st_size, **run}


SECTIONS: dict[str, Callable[[Plan], Iterator[Run]]] = {
    "words": words,
    "training": training,
    "speed": speed,
    "growth": growing,
    "memory": memory,
    "first-row": first,
    "hostile": unusual,
    "library": library,
    "seeing": seen,
}


if __name__ == "__main__":
    main()

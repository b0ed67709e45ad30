"""Label reviews on a Spark cluster of this machine and by the command line, compare every row, and say what each took.

Usage: python -m benchmarks.spark [--rows N] [--jobs N]

The cluster has as many workers as there are --jobs, with a core each. The figures go to docs/spark.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet as pq

import feedbackclf.spark
from benchmarks.machine import commit, lines
from benchmarks.markdown import table
from benchmarks.measure import measure
from benchmarks.reviews import reviews
from benchmarks.spark_cluster import cluster

PAGE = Path(__file__).parents[1] / "docs" / "spark.md"
BEGIN, END = "<!-- figures -->\n", "<!-- /figures -->\n"
GROUP_ROWS = 50_000
"""Rows of a row group, which is the least that Spark reads as a partition."""


def write_reviews(path: Path, rows: int) -> None:
    """Invented reviews as Parquet, with the columns `id` and `review`."""
    schema = pa.schema({"id": pa.int64(), "review": pa.string()})
    with pq.ParquetWriter(path, schema) as file:
        texts = reviews(rows)
        for begin in range(0, rows, GROUP_ROWS):
            some = list(islice(texts, GROUP_ROWS))
            file.write_table(pa.table({"id": range(begin, begin + len(some)), "review": some}, schema=schema))


def by_spark(made: Path, folder: Path, workers: int) -> tuple[float, float]:
    """Seconds to label a file on a cluster that has started: at first, and once more, when its workers are warm."""
    seconds = []
    with cluster(folder, workers) as machines, machines.session({"spark.sql.files.maxPartitionBytes": "16m"}) as spark:
        for name in ("first", "again"):
            started = time.perf_counter()
            feedbackclf.spark.predict(spark.read.parquet(str(made))).write.parquet(str(folder / name))
            seconds.append(time.perf_counter() - started)
    return seconds[0], seconds[1]


def by_command(made: Path, folder: Path, jobs: int) -> float:
    """Seconds of `feedbackclf predict`, with its start."""
    options = ["--text-column", "review", "--jobs", str(jobs), "--no-progress", "-o", str(folder / "command.parquet")]
    return float(measure([sys.executable, "-m", "feedbackclf", "predict", str(made), *options], range(jobs))["wall"])


def differing(one: Path, other: Path) -> int:
    """How many rows of two files or folders of Parquet differ, by `id`."""
    tables = [pq.read_table(path).sort_by("id").combine_chunks() for path in (one, other)]
    if tables[0].equals(tables[1]):
        return 0
    if tables[0].schema.names != tables[1].schema.names or len(tables[0]) != len(tables[1]):
        return max(map(len, tables))
    return sum(ours != theirs for ours, theirs in zip(*map(_rows, tables), strict=True))


def _rows(of: pa.Table) -> Iterator[object]:
    for batch in of.to_batches(10_000):
        yield from batch.to_pylist()


def main() -> None:
    """Measure, write the figures to the page, and end with 1 if any row differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = folder / "reviews.parquet"
        write_reviews(made, options.rows)
        command = by_command(made, folder, options.jobs)
        first, again = by_spark(made, folder, options.jobs)
        wrong = sum(differing(folder / spark, folder / "command.parquet") for spark in ("first", "again"))
    figures = [
        (f"`feedbackclf predict --jobs {options.jobs}`", command),
        (f"Spark, {options.jobs} workers of one core, first run", first),
        ("the same once more, with warm workers", again),
    ]
    seconds = [(what, f"{took:.1f}", f"{options.rows / took:,.0f}") for what, took in figures]
    cpu = next(line.split(":")[1].strip() for line in lines("/proc/cpuinfo") if line.startswith("model name"))
    said = (
        f"{options.rows:,} invented reviews in a Parquet file, to Parquet, on {cpu}, "
        f"pyspark {version('pyspark')}, commit {commit()}. Rows that differ from those of the command: {wrong}.\n\n"
        f"{table(('', 'seconds', 'rows a second'), seconds)}\n"
    )
    print(said)
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(before + BEGIN + said + END + rest.split(END)[1], encoding="utf-8")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()

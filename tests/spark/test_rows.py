"""What comes out of a real cluster is what the command line writes, whatever happens to an executor."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

import feedbackclf.spark
from benchmarks.spark_cluster import Cluster

from .conftest import ROWS, Reviews

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Run = Callable[..., tuple[int, str, str]]
WAIT_SECONDS = 60
EVERYTHING: dict[str, Any] = {"language": "known", "prefix": "pred_", "min_confidence": 0.8, "evidence": True}
AS_OPTIONS = ("--language-column", "known", "--prefix", "pred_", "--min-confidence", "0.8", "--evidence")


def of_command(run: Run, made: Reviews, tmp_path: Path, *options: str) -> pa.Table:
    out = tmp_path / "command.parquet"
    assert run("predict", made.file, "-o", out, "--text-column", "review", "--no-progress", *options)[0] == 0
    return pq.read_table(out).sort_by("id")


def labels(table: pa.Table, columns: list[str]) -> pa.Table:
    """By id. What stands in the other columns is compared by Spark, whose types they have."""
    return table.select(["id", *[name for name in table.column_names if name not in columns]]).combine_chunks()


@pytest.mark.parametrize(("settings", "options"), [({}, ()), (EVERYTHING, AS_OPTIONS)], ids=["plain", "everything"])
def test_rows_are_those_of_the_command(
    spark: SparkSession,
    made: Reviews,
    tmp_path: Path,
    run: Run,
    settings: dict[str, Any],
    options: tuple[str, ...],
) -> None:
    df = spark.read.parquet(str(made.folder))
    jobs = len(spark.sparkContext.statusTracker().getJobIdsForGroup(None))
    tagged = feedbackclf.spark.predict(df, **settings)
    schema = tagged.schema
    assert len(spark.sparkContext.statusTracker().getJobIdsForGroup(None)) == jobs

    tagged.write.parquet(str(tmp_path / "spark"))
    ours, expected = pq.read_table(tmp_path / "spark").sort_by("id"), of_command(run, made, tmp_path, *options)
    assert ours.column_names == expected.column_names == schema.names
    assert labels(ours, df.columns).equals(labels(expected, df.columns))
    assert expected.num_rows == ROWS
    back = spark.read.parquet(str(tmp_path / "spark"))
    assert [field.dataType for field in back.schema] == [field.dataType for field in schema]
    there = back.select(*[f"`{name}`" for name in df.columns]).orderBy("id").collect()
    assert there == df.orderBy("id").collect()


def test_an_executor_killed_in_the_middle_changes_nothing(
    spark: SparkSession, machines: Cluster, made: Reviews, tmp_path: Path, run: Run
) -> None:
    marks, go = tmp_path / "marks", tmp_path / "go"
    marks.mkdir()

    def held_up(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Every task stands still after its first batch, until it may go on."""
        from pyspark import TaskContext

        task = TaskContext.get()
        assert task is not None
        for nth, batch in enumerate(batches):
            if nth == 1:
                (marks / f"{task.partitionId()}-{task.attemptNumber()}").touch()
                until = time.monotonic() + WAIT_SECONDS
                while not go.exists() and time.monotonic() < until:
                    time.sleep(0.02)
            yield batch

    df = spark.read.parquet(str(made.folder))
    tagged = feedbackclf.spark.predict(df.drop("extra.map").mapInArrow(held_up, df.drop("extra.map").schema))
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(tagged.write.parquet, str(tmp_path / "spark"))
        try:
            wait_until(lambda: written.done() or len(list(marks.iterdir())) >= 2)
            before = machines.executors()
            assert len(before) == 2
            os.kill(before[0], signal.SIGKILL)
        finally:
            go.touch()
        written.result()
    attempts = [int(mark.name.split("-")[1]) for mark in marks.iterdir()]
    assert max(attempts) > 0, "no task was done again, so the executor had nothing to do when it was killed"
    ours, expected = pq.read_table(tmp_path / "spark").sort_by("id"), of_command(run, made, tmp_path)
    assert labels(ours, df.columns).equals(labels(expected, df.columns))


def test_a_stream_of_files(spark: SparkSession, made: Reviews, tmp_path: Path, run: Run) -> None:
    columns = spark.read.parquet(str(made.folder)).schema
    arriving = spark.readStream.schema(columns).option("maxFilesPerTrigger", 3).parquet(str(made.folder))
    tagged = feedbackclf.spark.predict(arriving)
    assert tagged.isStreaming
    query = tagged.writeStream.option("checkpointLocation", str(tmp_path / "checkpoint")).format("parquet")
    query.trigger(availableNow=True).start(str(tmp_path / "spark")).awaitTermination()
    ours, expected = pq.read_table(tmp_path / "spark").sort_by("id"), of_command(run, made, tmp_path)
    assert labels(ours, columns.names).equals(labels(expected, columns.names))


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)

"""A Spark cluster that is started once, and reviews as Parquet files for it and for the command line."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from benchmarks.reviews import reviews
from benchmarks.spark_cluster import Cluster, cluster

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROWS, FILES = 3_000, 6
BATCH = 100
"""So many rows come to Python at once: few, so that there are many batches."""


@dataclass(frozen=True)
class Reviews:
    """The same rows twice: as a folder of files for Spark, and as one file."""

    folder: Path
    file: Path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spark warns of newer versions of pandas, which it wants to be there and is not used here."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"))


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'feedbackclf[spark]'")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("there is no Java (on Debian: apt install openjdk-17-jre-headless)")
    if not Path("/proc/self/task").is_dir():
        pytest.skip("the processes of the cluster are found in /proc, which is not here")
    with cluster(tmp_path_factory.mktemp("spark")) as started:
        yield started


@pytest.fixture(scope="session")
def spark(machines: Cluster) -> Iterator[SparkSession]:
    # Files are so small that Spark would put them all into one partition.
    settings = {
        "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH),
        "spark.sql.files.openCostInBytes": str(128 << 20),
        "spark.sql.session.timeZone": "UTC",
    }
    with machines.session(settings) as session:
        yield session


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Reviews:
    texts: list[str | None] = list(reviews(ROWS))
    texts[5:8] = [None, "", " \n"]
    number = range(ROWS)
    table = pa.table(
        {
            "id": pa.array(number, pa.int64()),
            "review": pa.array(texts, pa.string()),
            "known": [("nl", None, " EN ", "", "xx", "sv")[n % 6] for n in number],
            "stars": pa.array([None if n % 7 == 0 else n % 5 + 1 for n in number], pa.int8()),
            "paid": pa.array([Decimal(n) / 100 for n in number], pa.decimal128(9, 2)),
            "at": pa.array([datetime.fromtimestamp(n * 1_000, UTC) for n in number], pa.timestamp("us", "UTC")),
            "shop": [{"name": f"shop {n % 9}", "tags": [str(n), None]} for n in number],
            "extra.map": pa.array([[("a", n)] for n in number], pa.map_(pa.string(), pa.int32())),
        }
    )
    folder = tmp_path_factory.mktemp("reviews")
    made = Reviews(folder / "parts", folder / "reviews.parquet")
    pq.write_table(table, made.file)
    made.folder.mkdir()
    for part in range(FILES):
        size = ROWS // FILES
        pq.write_table(table.slice(part * size, size), made.folder / f"{part}.parquet")
    return made

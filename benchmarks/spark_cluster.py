"""A real Spark cluster on this machine, made of the jars that come with pyspark: for a benchmark and for tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import feedbackclf
from benchmarks.measure import descendants

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HOST = "127.0.0.1"
START_SECONDS, POLL_SECONDS = 60, 0.1
"""How long a process may take to start, and the time between two looks whether it has."""

ENVIRONMENT = {
    "SPARK_LOCAL_IP": HOST,
    "PYSPARK_PYTHON": sys.executable,
    "PYTHONPATH": str(Path(feedbackclf.__file__).parents[1]),  # so feedbackclf is "installed" where the workers are
    "SPARK_DAEMON_MEMORY": "256m",
    "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # they have little to do, and start sooner so
}


@dataclass(frozen=True)
class Cluster:
    """A master and its workers.

    Attributes:
        url: of the master.
        workers: their process ids.
        folder: with the logs, and for what else is written on the way.
    """

    url: str
    workers: tuple[int, ...]
    folder: Path

    def executors(self) -> list[int]:
        """Process ids of the executors that run now."""
        found = [pid for worker in self.workers for pid in descendants(worker)]
        return [pid for pid in found if "CoarseGrainedExecutorBackend" in _command(pid)]

    @contextmanager
    def session(self, settings: Mapping[str, str]) -> Iterator[SparkSession]:
        """An application on the cluster, with this process as its driver."""
        from pyspark.sql import SparkSession

        own = {
            "spark.driver.host": HOST,
            "spark.executor.memory": "1g",
            "spark.log.level": "OFF",
            "spark.sql.warehouse.dir": str(self.folder / "warehouse"),
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }
        with patch.dict(os.environ, ENVIRONMENT):
            builder = SparkSession.builder.master(self.url).appName("feedbackclf")
            spark = builder.config(map={**own, **settings}).getOrCreate()
            try:
                yield spark
            finally:
                spark.stop()


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A master and workers with a core and 1 GB each, on free ports of the loopback; their logs are in the folder.

    Raises:
        RuntimeError: a process does not start.
    """
    listen = ("--host", HOST, "--port", "0", "--webui-port", "0")
    with ExitStack() as stack:
        log, _ = _started(stack, folder / "master.log", "master.Master", *listen)
        url = _line(log, r"Starting Spark master at (spark://\S+)")
        _line(log, "(elected leader)")
        size = ("--cores", "1", "--memory", "1g")
        logs, pids = [], []
        for number in range(workers):
            work = folder / f"worker-{number}"
            log, pid = _started(
                stack, work.with_suffix(".log"), "worker.Worker", *listen, *size, "--work-dir", str(work), url
            )
            logs.append(log)
            pids.append(pid)
        for log in logs:
            _line(log, "(Successfully registered) with master")
        yield Cluster(url, tuple(pids), folder)


def _started(stack: ExitStack, log: Path, kind: str, *arguments: str) -> tuple[Path, int]:
    """Start a process of the cluster, to end with the stack."""
    import pyspark

    program = Path(pyspark.__file__).with_name("bin") / "spark-class"
    command = [str(program), f"org.apache.spark.deploy.{kind}", *arguments]
    with log.open("wb") as output:
        environment = {**os.environ, **ENVIRONMENT, "SPARK_LOCAL_DIRS": str(log.parent)}
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return log, process.pid


def _line(log: Path, pattern: str) -> str:
    """What a log says, when it does."""
    until = time.monotonic() + START_SECONDS
    while (found := re.search(pattern, log.read_text(errors="replace"))) is None:
        if time.monotonic() > until:
            raise RuntimeError(f"{log}: {pattern!r} did not come in {START_SECONDS} s")
        time.sleep(POLL_SECONDS)
    return found[1]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""  # it has gone

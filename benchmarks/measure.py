"""Run one command on given cores and measure it: seconds, memory of it and of its workers, time to the first row."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

POLL_SECONDS = 0.1
"""Between two looks at the memory."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "ARROW_NUM_THREADS")
KILO = 1024


@dataclass
class Memory:
    """Peaks of a process, in bytes: all that is resident, and that part of it that no other process shares."""

    resident: int = 0
    private: int = 0


@dataclass
class Watch:
    """Looks at a process and its descendants until it is told to stop.

    To ask for private memory takes 10 ms per process, in which it stands still: not to be done when seconds count.
    """

    pid: int
    private: bool
    main: Memory = field(default_factory=Memory)
    workers: dict[int, Memory] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        """Note the peaks so far."""
        for pid in (self.pid, *descendants(self.pid)):
            memory = self.main if pid == self.pid else self.workers.setdefault(pid, Memory())
            memory.resident = max(memory.resident, kilobytes(pid, "status", "VmHWM"))
            if self.private:
                names = ("Private_Clean", "Private_Dirty")
                memory.private = max(memory.private, kilobytes(pid, "smaps_rollup", *names))

    def run(self) -> None:
        """Look again and again."""
        while not self.stopped.wait(POLL_SECONDS):
            self.look()


def kilobytes(pid: int, file: str, *names: str) -> int:
    """The bytes of lines like `VmHWM:   1234 kB` in a file about a process, added up; 0 if it has gone."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * KILO for line in lines if line.startswith(names))


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and theirs."""
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            own = [int(child) for child in children.read_text().split()]
        except OSError:
            continue
        found += own
        for child in own:
            found += descendants(child)
    return found


def measure(command: Sequence[str], cores: Sequence[int], private: bool = False) -> dict[str, Any]:
    """Run a command to its end.

    Args:
        command: the program and its arguments.
        cores: the numbers of the cores that it and its workers may use.
        private: look at the private memory of the workers, too, which costs time.

    Returns:
        `wall` and `cpu` in seconds, the latter with that of its workers; `peak` of the process itself, and the greatest
        `worker` of all that it started, in bytes (0 without any); with `private` also `worker_private`.

    Raises:
        RuntimeError: it failed.
    """
    started = time.perf_counter()
    process = start(command, cores, stdout=subprocess.DEVNULL)
    watch = Watch(process.pid, private)
    thread = threading.Thread(target=watch.run)
    thread.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    watch.stopped.set()
    thread.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"exit code {process.returncode}: {' '.join(command)}")
    workers = watch.workers.values()
    result = {
        "wall": round(wall, 3),
        "cpu": round(usage.ru_utime + usage.ru_stime, 3),
        "peak": watch.main.resident,
        "worker": max((worker.resident for worker in workers), default=0),
    }
    if private:
        result["worker_private"] = max((worker.private for worker in workers), default=0)
    return result


def first_row(command: Sequence[str], cores: Sequence[int]) -> float:
    """Seconds from the start of a command until the first row after the header can be read from its stdout."""
    started = time.perf_counter()
    process = start(command, cores, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    row = process.stdout.readline()
    seconds = time.perf_counter() - started
    os.killpg(process.pid, signal.SIGKILL)
    process.stdout.close()
    process.wait()
    if not row:
        raise RuntimeError(f"no row: {' '.join(command)}")
    return round(seconds, 3)


def start(command: Sequence[str], cores: Sequence[int], stdout: int) -> subprocess.Popen[bytes]:
    """Start a command on these cores, with one thread per process in libraries that would take more.

    Bytecode may be kept, as it is where a package is installed, whatever the environment says.
    """
    pinned = ["taskset", "-c", ",".join(map(str, cores)), *command]
    environment = os.environ | dict.fromkeys(THREADS, "1")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.Popen(pinned, stdout=stdout, env=environment, start_new_session=True)

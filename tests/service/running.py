"""A server in a process of its own, as a firm would run it."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from feedbackclf.service.keys import ENVIRONMENT

PATIENCE = 60
"""Seconds to wait for something that takes a moment, on a machine that is busy."""
_ADDRESS = re.compile(r"http://\S+:(\d+)$")


class Running:
    """A server that runs, and what it has logged."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._coming: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        self.port = int(self.logged(_ADDRESS).group(1))
        self.url = f"http://127.0.0.1:{self.port}"

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._coming.put(line.rstrip("\n"))
        self._coming.put("(the end of the log)")

    def logged(self, pattern: str | re.Pattern[str]) -> re.Match[str]:
        """The next line of the log in which something is found; waits for it."""
        while True:
            line = self._coming.get(timeout=PATIENCE)
            self.lines.append(line)
            found = re.search(pattern, line)
            if found is not None:
                return found
            assert line != "(the end of the log)", "\n".join(self.lines)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        """Tell it to stop, and wait until it has; its exit code."""
        self.signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def client(self, **options: object) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=PATIENCE, trust_env=False, **options)  # type: ignore[arg-type]

    def metric(self, name: str) -> float:
        """The value of a metric, or 0 if it has none yet."""
        with self.client() as client:
            text = client.get("/metrics").text
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found.group(1)) if found else 0.0


@contextmanager
def running(*options: str, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A server on a free port, which is stopped in the end."""
    command = [sys.executable, "-m", "feedbackclf", "serve", "--port", "0", *options]
    surroundings = {name: value for name, value in os.environ.items() if name != ENVIRONMENT} | dict(environment or {})
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=surroundings) as process:
        try:
            yield Running(process)
        finally:
            process.kill()

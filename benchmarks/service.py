"""How fast `feedbackclf serve` answers: clients in a process of their own that each ask again when they are answered.

Run it as `python -m benchmarks.service [--seconds N] [--write]`; figures go to stdout, and into docs/service.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from benchmarks.machine import commit, processor
from benchmarks.markdown import table

ROOT = Path(__file__).parents[1]
CORPORA, PAGE = ROOT / "corpora", ROOT / "docs" / "service.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Load:
    """So many clients, each of which sends so many texts at a time."""

    clients: int
    texts: int


LOADS = {
    "single texts": Load(64, 1),
    "batches of 100": Load(8, 100),
    "batches of 100 with evidence": Load(8, 100),
}


class Client(asyncio.Protocol):
    """Sends a request, waits for its answer, and sends the next, until the time is over."""

    def __init__(self, requests: Iterator[bytes], until: float, seconds: list[float]) -> None:
        self._requests, self._until, self._seconds = requests, until, seconds
        self._received = bytearray()
        self._wanted = 0
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._wanted:
            head, found, _ = self._received.partition(HEAD_END)
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 200"):
                self._finish(RuntimeError(head.split(b"\r\n")[0].decode()))
                return
            length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
            self._wanted = len(head) + len(HEAD_END) + int(length)
        if len(self._received) < self._wanted:
            return
        now = time.perf_counter()
        self._seconds.append(now - self._sent)
        self._received.clear()
        self._wanted = 0
        if now < self._until:
            self._send()
        else:
            self._finish(None)

    def connection_lost(self, error: Exception | None) -> None:
        self._finish(error or RuntimeError("the server closed the connection"))

    def _finish(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)
        self._transport.close()


def requests_of(texts: Sequence[str], size: int, *, evidence: bool) -> Iterator[bytes]:
    """Requests with so many texts each, over and over."""
    every = cycle(texts)
    bodies = [json.dumps({"texts": [*islice(every, size)], "evidence": evidence}).encode() for _ in range(1000)]
    head = "POST /v1/predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: "
    return cycle([f"{head}{len(body)}\r\n\r\n".encode() + body for body in bodies])


async def put_load(port: int, load: Load, requests: Iterator[bytes], seconds: float) -> dict[str, Any]:
    """Have clients ask for so long, and say how long they waited (milliseconds)."""
    loop = asyncio.get_running_loop()
    waited: list[float] = []
    start = time.perf_counter()
    clients = []
    for _ in range(load.clients):
        _, client = await loop.create_connection(lambda: Client(requests, start + seconds, waited), "127.0.0.1", port)
        clients.append(client)
    await asyncio.gather(*(client.done for client in clients))
    took = time.perf_counter() - start
    waited.sort()
    return {
        "clients": load.clients,
        "requests": len(waited),
        "requests_per_second": round(len(waited) / took),
        "texts_per_second": round(len(waited) * load.texts / took),
        **{f"p{p}_ms": round(waited[min(len(waited) * p // 100, len(waited) - 1)] * 1000, 1) for p in (50, 99)},
        "longest_ms": round(waited[-1] * 1000, 1),
    }


def texts_of_the_corpora() -> list[str]:
    """All texts of the corpora, in the order of the files."""
    files = sorted(CORPORA.glob("*.jsonl"))
    return [json.loads(line)["text"] for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def measure(seconds: float) -> dict[str, dict[str, Any]]:
    """Start a server, put each load on it, and stop it."""
    command = [sys.executable, "-m", "feedbackclf", "serve", "--port", "0", "--no-access-log"]
    texts = texts_of_the_corpora()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        port = int(server.stderr.readline().rsplit(":", 1)[1])
        try:
            found = {}
            for name, load in LOADS.items():
                requests = requests_of(texts, load.texts, evidence="evidence" in name)
                asyncio.run(put_load(port, load, requests, min(seconds, 2)))  # it has seen the words then
                found[name] = asyncio.run(put_load(port, load, requests, seconds))
        finally:
            server.terminate()
    if server.returncode != 0:
        raise RuntimeError(f"the server ended with {server.returncode}")
    return found


def as_table(found: Mapping[str, Mapping[str, Any]], others: float) -> str:
    """The figures as a table, and what they were measured on."""
    head = ["", "clients", "requests/s", "texts/s", "median ms", "99th percentile ms"]
    names = ("clients", "requests_per_second", "texts_per_second", "p50_ms", "p99_ms")
    rows = [[load, *(f"{figures[name]:,}" for name in names)] for load, figures in found.items()]
    on = f"{processor()}, {datetime.now(UTC).date()}, commit {commit()}"
    busy = f"Other work on the machine kept {others:.1f} processes busy or waiting."
    return f"{table(head, rows)}\n\nMeasured on {on}. {busy}"


def main() -> None:
    """Measure, print and, if that is asked for, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="How long each load is put on.")
    parser.add_argument("--write", action="store_true", help="Put the figures into docs/service.md.")
    options = parser.parse_args()
    others = os.getloadavg()[0]
    found = measure(options.seconds)
    print(json.dumps(found, indent=2))
    if options.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{as_table(found, others)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()

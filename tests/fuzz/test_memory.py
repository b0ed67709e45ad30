"""Nothing is kept of files and folders that were read or refused, however many there are.

Without Hypothesis, which remembers what it tried.
"""

from __future__ import annotations

import gc
import json
import random
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz.checks import read
from tests.fuzz.rounds import TRIES, scratch
from tests.fuzz.test_models import VERSIONS, described, read_or_told
from tests.fuzz.valid import PARQUETS, TEXTS, WORKBOOKS

PAGES = Path("/proc/self/statm")
pytestmark = pytest.mark.skipif(not PAGES.exists(), reason="no /proc here that says how much memory is used")
WARM_UP, MOST_GROWTH = 200, 16 << 20
FILES = [
    *[(format, file) for format, files in TEXTS.items() for file in files],
    *[("parquet", file) for file in PARQUETS],
    *[("xlsx", file) for file in WORKBOOKS],
]


def test_of_files() -> None:
    draw = random.Random(1)
    with scratch() as folder:

        def one() -> None:
            format, content = draw.choice(FILES)
            path = Path(folder, f"a.{format}")
            path.write_bytes(damaged(content, draw))
            read(path, encoding=draw.choice([None, None, "utf-8", "cp1252"]))

        assert growth(one) < MOST_GROWTH


def test_of_model_folders() -> None:
    draw = random.Random(1)
    with scratch() as folder:

        def one() -> None:
            files = draw.choice(VERSIONS)
            weights = damaged(files.weights, draw)
            Path(folder, "weights.npz").write_bytes(weights)
            Path(folder, "model.json").write_bytes(json.dumps(described(files.description, weights)).encode())
            read_or_told(Path(folder))

        assert growth(one) < MOST_GROWTH


def damaged(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.randrange(3)):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def growth(one: Callable[[], None]) -> int:
    """Bytes that the process has more after many than after a few."""
    for _ in range(WARM_UP):
        one()
    before = resident()
    for _ in range(TRIES):
        one()
    return resident() - before


def resident() -> int:
    gc.collect()
    return int(PAGES.read_text().split()[1]) * resource.getpagesize()

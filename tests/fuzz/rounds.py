"""How much is tried: `FEEDBACKCLF_FUZZ` files, and as many model folders."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

TRIES = int(os.environ.get("FEEDBACKCLF_FUZZ", "300"))
_ROUND = 500
"""Examples of a test at a time: Hypothesis remembers all of them until it is done."""
_MEMORY = Path("/dev/shm")


def in_rounds(n_tests: int, *, seconds: int) -> Callable[[Any], Any]:
    """For a test with `given`, one of so many: tries its share of examples, each of which may take so many seconds."""
    share = max(TRIES // n_tests, 1)
    tried = settings(
        max_examples=min(share, _ROUND),
        deadline=timedelta(seconds=seconds),
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    # By the scope, all tests have had a round before the next one begins.
    rounds = pytest.mark.parametrize("nth", range(-(-share // _ROUND)), scope="module")
    return lambda test: rounds(tried(test))


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder, in memory if that can be had."""
    return tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None)

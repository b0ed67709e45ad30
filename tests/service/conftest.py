"""Servers that several tests ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from feedbackclf.persistence import write_model
from tests.service.running import Running, running
from tests.tiny import tiny_model


def write_tiny(folder: Path, name: str) -> None:
    """A model folder whose taxonomy has that name."""
    model = tiny_model()
    write_model(replace(model, taxonomy=replace(model.taxonomy, name=name)), folder)


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    """One with the shipped model and the limits that it has by itself."""
    with running() as found:
        yield found


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One with a tiny model that takes little, and waits for little."""
    folder = tmp_path_factory.mktemp("strict") / "tiny"
    write_tiny(folder, "tiny")
    limits = ["--max-texts", "3", "--max-characters", "50", "--max-body", "2000", "--body-timeout", "0.5"]
    with running("--model", str(folder), *limits) as found:
        yield found


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client() as found:
        yield found

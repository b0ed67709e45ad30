"""What goes wrong in the service itself: it is answered and logged, and neither says anything of the text."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.service import server
from feedbackclf.service.app import make_app
from feedbackclf.service.gate import Gate
from feedbackclf.service.limits import Limits
from feedbackclf.service.loaded import LoadedModel
from feedbackclf.service.logs import LOGGER, start_logging
from feedbackclf.service.state import Service
from tests.tiny import tiny_model

SECRET = "xqzzy"


class Broken(LoadedModel):
    """A model that fails, and quotes the text as it does."""

    def label(self, texts: Sequence[str], languages: Sequence[str | None], *, evidence: bool) -> list[bytes]:
        raise ValueError(f"cannot take {texts[0]!r}")


async def ask(limits: Limits, *texts: str) -> tuple[httpx.Response, str]:
    """The answer of a service with a broken model, and its metrics after that."""
    classifier = FeedbackClassifier.from_model(tiny_model())
    service = Service("tiny", Broken(classifier, {}), limits, None)
    app = make_app(service)
    transport = httpx.ASGITransport(Gate(app, service, access_log=True), raise_app_exceptions=True)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.post("/v1/predict", json={"texts": texts})
        return answer, (await client.get("/metrics")).text


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Any:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    before = {name: vars(logging.getLogger(name)).copy() for name in (LOGGER.name, "uvicorn.error")}
    start_logging()
    yield written
    for name, state in before.items():
        vars(logging.getLogger(name)).update(state)


def test_an_error_is_answered_and_logged_without_the_text(log: io.StringIO) -> None:
    answer, metrics = asyncio.run(ask(Limits(), SECRET))
    assert answer.status_code == 500
    assert list(answer.json()) == ["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert SECRET not in answer.text
    assert "a request to /v1/predict failed" in log.getvalue()
    assert "test_failing.py" in log.getvalue()  # where it was
    assert "ValueError" in log.getvalue()
    assert SECRET not in log.getvalue()
    assert 'feedbackclf_requests_total{path="/v1/predict",status="500"} 1.0' in metrics


def test_a_full_queue_is_answered_with_when_to_try_again(log: io.StringIO) -> None:
    answer, metrics = asyncio.run(ask(replace(Limits(), queue_texts=2), *"abc"))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert 'status="503"' in metrics


def test_too_many_requests_at_a_time_are_answered_with_when_to_try_again(log: io.StringIO) -> None:
    answer, _ = asyncio.run(ask(replace(Limits(), requests=0), "a"))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert log.getvalue().count("POST /v1/predict 503") == 1


def test_an_error_that_nobody_waits_for_is_logged_without_its_values(log: io.StringIO) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(server.log_stray_error)
        loop.call_soon(int, SECRET)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert "ValueError" in log.getvalue()
    assert SECRET not in log.getvalue()


@dataclass(eq=False)
class Cycle:
    """What uvicorn knows of a request."""

    response_complete: bool


def test_connections_without_a_request_are_closed_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fakes of uvicorn's connections: one that never sent a whole head, one that was answered, one that is at work."""
    now = 0.0
    monkeypatch.setattr(server, "time", SimpleNamespace(monotonic=lambda: now))
    closed: list[str] = []

    class Connection:
        def __init__(self, name: str, cycle: object) -> None:
            self.cycle = cycle
            self.transport = SimpleNamespace(close=lambda: closed.append(name))

    answered = Connection("answered", Cycle(True))
    at_work = Connection("at work", Cycle(False))
    running: Any = server.Server(uvicorn.Config(lambda: None), SimpleNamespace())  # type: ignore[arg-type]
    running.server_state.connections = {Connection("slow", None), answered, at_work}

    async def after(seconds: float) -> list[str]:
        nonlocal now
        now = seconds
        closed.clear()
        await running.on_tick(0)
        return sorted(closed)

    async def run() -> None:
        assert await after(0) == []
        assert await after(server.IDLE_SECONDS / 2) == []
        answered.cycle = Cycle(True)  # and again
        assert await after(server.IDLE_SECONDS + 1) == ["slow"]
        assert await after(2 * server.IDLE_SECONDS + 2) == ["answered", "slow"]

    asyncio.run(run())

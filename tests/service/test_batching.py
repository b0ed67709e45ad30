"""How requests are gathered: by a batcher with a model that says what it was given."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest

from feedbackclf.service.batching import BATCH_CHARACTERS, PORTION_TEXTS, Batcher
from feedbackclf.service.limits import Limits
from feedbackclf.service.refusals import Refused
from feedbackclf.service.requests import PredictRequest
from tests.service.running import PATIENCE

POISON = "poison"


class Echo:
    """A model that answers a text with itself, and fails on one; it can be held up."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.languages: list[Sequence[str | None]] = []
        self.evidence: list[bool] = []
        self.threads: set[str] = set()
        self.go = threading.Event()
        self.go.set()

    def label(self, texts: Sequence[str], languages: Sequence[str | None], *, evidence: bool) -> list[bytes]:
        assert self.go.wait(PATIENCE)
        self.threads.add(threading.current_thread().name)
        self.batches.append(list(texts))
        self.languages.append(languages)
        self.evidence.append(evidence)
        if POISON in texts:
            raise ValueError("a text that the model cannot take")
        return [text.encode() for text in texts]


def in_time(steps: Coroutine[Any, Any, None]) -> None:
    """Run a test that would otherwise wait without end if an answer never came."""
    asyncio.run(asyncio.wait_for(steps, PATIENCE))


class Bench:
    """A batcher at work, and what it says of its batches."""

    def __init__(self, **limits: Any) -> None:
        self.model: Any = Echo()
        self.sizes: list[int] = []
        self.batcher = Batcher(Limits(**limits), self.sizes.append)

    async def __aenter__(self) -> Bench:
        self._labelling = asyncio.create_task(self.batcher.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.model.go.set()
        self._labelling.cancel()
        await asyncio.gather(self._labelling, return_exceptions=True)

    def ask(self, *texts: str, **more: Any) -> asyncio.Task[list[bytes]]:
        return asyncio.create_task(self.batcher.predict(PredictRequest(list(texts), **more), self.model))

    async def busy(self) -> asyncio.Task[list[bytes]]:
        """A request that holds the model up, until `model.go` is set."""
        self.model.go.clear()
        first = self.ask("first")
        while not self.sizes:
            await asyncio.sleep(0)
        return first


def test_what_waits_while_the_model_is_busy_is_its_next_batch() -> None:
    async def run() -> None:
        async with Bench() as bench:
            tasks = [
                await bench.busy(),
                *(bench.ask(f"a{n}", f"b{n}", language="nl" if n else None) for n in range(20)),
            ]
            await asyncio.sleep(0)
            bench.model.go.set()
            answers = await asyncio.gather(*tasks)
            assert answers == [[b"first"], *([f"a{n}".encode(), f"b{n}".encode()] for n in range(20))]
            assert bench.sizes == [1, 40]
            assert bench.model.languages[1] == [None] * 2 + ["nl"] * 38
            assert len(bench.model.threads) == 1
            assert bench.batcher.waiting == 0

    in_time(run())


def test_a_long_request_takes_turns_with_short_ones() -> None:
    async def run() -> None:
        async with Bench() as bench:
            first = await bench.busy()
            long = bench.ask(*(f"long {n}" for n in range(20 * PORTION_TEXTS)))
            await asyncio.sleep(0)
            short = bench.ask("short")
            await asyncio.sleep(0)
            bench.model.go.set()
            assert await short == [b"short"]
            assert not long.done()
            assert await long == [f"long {n}".encode() for n in range(20 * PORTION_TEXTS)]
            assert await first == [b"first"]
            assert "short" in bench.model.batches[1]
            assert max(bench.sizes) <= PORTION_TEXTS + 1

    in_time(run())


def test_a_batch_has_so_many_texts_and_characters() -> None:
    async def run() -> None:
        async with Bench(batch_texts=10) as bench:
            tasks = [await bench.busy(), *(bench.ask(str(n)) for n in range(25))]
            await asyncio.sleep(0)
            bench.model.go.set()
            await asyncio.gather(*tasks)
            assert bench.sizes == [1, 10, 10, 5]
        async with Bench() as bench:
            page = "x" * (BATCH_CHARACTERS // 2)
            tasks = [await bench.busy(), *(bench.ask(page, page) for _ in range(2))]
            await asyncio.sleep(0)
            bench.model.go.set()
            await asyncio.gather(*tasks)
            assert bench.sizes == [1, 2, 2]

    in_time(run())


def test_evidence_is_looked_for_only_where_it_is_asked_for() -> None:
    async def run() -> None:
        async with Bench() as bench:
            tasks = [await bench.busy(), bench.ask("a"), bench.ask("b", evidence=True), bench.ask("c")]
            await asyncio.sleep(0)
            bench.model.go.set()
            assert await asyncio.gather(*tasks) == [[b"first"], [b"a"], [b"b"], [b"c"]]
            assert bench.model.batches == [["first"], ["a", "c"], ["b"]]
            assert bench.model.evidence == [False, False, True]

    in_time(run())


def test_each_request_is_answered_by_the_model_that_there_was_when_it_came() -> None:
    async def run() -> None:
        async with Bench() as bench:
            old, first = bench.model, await bench.busy()
            long = bench.ask(*["old"] * 3 * PORTION_TEXTS)
            await asyncio.sleep(0)
            bench.model = Echo()
            new = bench.ask("new")
            await asyncio.sleep(0)
            old.go.set()
            await asyncio.gather(first, long, new)
            assert {text for batch in old.batches for text in batch} == {"first", "old"}
            assert bench.model.batches == [["new"]]

    in_time(run())


def test_a_text_that_the_model_fails_on_fails_its_own_request_only() -> None:
    async def run() -> None:
        async with Bench() as bench:
            tasks = [await bench.busy(), bench.ask("a"), bench.ask("b", POISON), bench.ask("c")]
            await asyncio.sleep(0)
            bench.model.go.set()
            first, a, b, c = await asyncio.gather(*tasks, return_exceptions=True)
            assert (first, a, c) == ([b"first"], [b"a"], [b"c"])
            assert isinstance(b, ValueError)
            assert await bench.ask("later") == [b"later"]
            assert bench.batcher.waiting == 0

    in_time(run())


def test_a_request_that_is_cancelled_is_dropped_and_harms_nobody() -> None:
    async def run() -> None:
        async with Bench() as bench:
            first = await bench.busy()
            gone, stays = bench.ask(*["gone"] * 1000), bench.ask("stays")
            await asyncio.sleep(0)
            gone.cancel()
            first.cancel()
            await asyncio.sleep(0)
            bench.model.go.set()
            assert await stays == [b"stays"]
            assert bench.model.batches == [["first"], ["stays"]]
            assert bench.batcher.waiting == 0

    in_time(run())


def test_what_finds_the_queue_full_is_refused() -> None:
    async def run() -> None:
        async with Bench(queue_texts=5) as bench:
            first = await bench.busy()
            fits = bench.ask(*"abcde")
            await asyncio.sleep(0)
            with pytest.raises(Refused) as refused:
                await bench.ask("f")
            assert refused.value.status == 503
            assert refused.value.headers == {"retry-after": "1"}
            bench.model.go.set()
            await asyncio.gather(first, fits)
            assert await bench.ask("f") == [b"f"]

    in_time(run())

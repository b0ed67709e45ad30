"""Requests that wait are gathered into batches for the one thread that runs the model.

The model takes hardly longer for ten texts than for one, so what arrived while it was busy is its next batch; nothing
waits for others to come. A long request is labelled in portions that take turns with those of others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby

from feedbackclf.service.limits import Limits
from feedbackclf.service.loaded import LoadedModel
from feedbackclf.service.refusals import Refused
from feedbackclf.service.requests import PredictRequest

PORTION_TEXTS, PORTION_CHARACTERS = 32, 1 << 13
"""So much of a request is in a batch at most; a portion has at least one text."""
BATCH_CHARACTERS = 1 << 15
"""A batch gets no further portion once it has so many characters: words never seen before take the model long."""


@dataclass(eq=False)
class Job:
    """A request that is being answered, by the model that there was when it came.

    Attributes:
        taken: how many of its texts have been given to the model.
        rows: what the model said of texts so far, JSON objects.
    """

    request: PredictRequest
    model: LoadedModel
    future: asyncio.Future[list[bytes]]
    taken: int = 0
    rows: list[bytes] = field(default_factory=list)

    @property
    def left(self) -> int:
        return len(self.request.texts) - self.taken

    def take(self) -> Portion:
        """The next portion of its texts."""
        begin, end, characters = self.taken, self.taken, 0
        for text in self.request.texts[begin : begin + PORTION_TEXTS]:
            if end > begin and characters + len(text) > PORTION_CHARACTERS:
                break
            end, characters = end + 1, characters + len(text)
        self.taken = end
        return Portion(self, self.request.texts[begin:end], characters)


@dataclass(frozen=True)
class Portion:
    """Some texts of a job, and how many characters they have."""

    job: Job
    texts: list[str]
    characters: int


class Batcher:
    """Answers requests with a model that is not thread-safe.

    Args:
        limits: how many texts may wait, and how many there are in a batch.
        on_batch: is called with the number of texts of each batch.
    """

    def __init__(self, limits: Limits, on_batch: Callable[[int], None]) -> None:
        self._limits = limits
        self._on_batch = on_batch
        self._jobs: deque[Job] = deque()
        self._arrived = asyncio.Event()
        self.waiting = 0
        """Texts that the model has not been given yet."""

    async def predict(self, request: PredictRequest, model: LoadedModel) -> list[bytes]:
        """For each text of a request its prediction, a JSON object.

        Raises:
            Refused: too much is waiting already (503).
        """
        if self.waiting + len(request.texts) > self._limits.queue_texts:
            raise Refused(503, "too many texts are waiting; try again in a second", {"retry-after": "1"})
        job = Job(request, model, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self.waiting += job.left
        self._arrived.set()
        return await job.future

    async def run(self) -> None:
        """Label batch after batch, until it is cancelled."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "model") as thread:
            while True:
                portions = self._gather()
                if not portions:
                    self._arrived.clear()
                    await self._arrived.wait()
                    continue
                self._on_batch(sum(len(portion.texts) for portion in portions))
                for portion, rows in await loop.run_in_executor(thread, _label_all, portions):
                    _deliver(portion.job, rows)

    def _gather(self) -> list[Portion]:
        """A portion of each job in turn, while there is room; a job that has more goes to the end of the queue."""
        portions: list[Portion] = []
        texts = characters = 0
        for _ in range(len(self._jobs)):
            if texts >= self._limits.batch_texts or characters >= BATCH_CHARACTERS:
                break
            job = self._jobs.popleft()
            if job.future.done():  # it was cancelled, or a part of it failed
                self.waiting -= job.left
                continue
            portion = job.take()
            portions.append(portion)
            texts, characters = texts + len(portion.texts), characters + portion.characters
            if job.left:
                self._jobs.append(job)
        self.waiting -= texts
        return portions


def _deliver(job: Job, rows: list[bytes] | Exception) -> None:
    if job.future.done():
        return
    if isinstance(rows, Exception):
        job.future.set_exception(rows)
        return
    job.rows += rows
    if len(job.rows) == len(job.request.texts):
        job.future.set_result(job.rows)


Labelled = tuple[Portion, "list[bytes] | Exception"]


def _label_all(portions: Sequence[Portion]) -> list[Labelled]:
    """Label a batch, those together that go together. It runs in the thread of the model."""
    ordered = sorted(portions, key=_kind)
    return [labelled for _, alike in groupby(ordered, _kind) for labelled in _label(list(alike))]


def _kind(portion: Portion) -> tuple[int, bool]:
    return id(portion.job.model), portion.job.request.evidence


def _label(portions: Sequence[Portion]) -> list[Labelled]:
    job = portions[0].job
    texts = [text for portion in portions for text in portion.texts]
    languages = [portion.job.request.language for portion in portions for _ in portion.texts]
    try:
        rows = job.model.label(texts, languages, evidence=job.request.evidence)
    except Exception as error:
        if len(portions) == 1:
            return [(portions[0], error)]
        return [labelled for portion in portions for labelled in _label([portion])]  # so that it fails nobody else
    labelled: list[Labelled] = []
    for portion in portions:
        labelled.append((portion, rows[: len(portion.texts)]))
        rows = rows[len(portion.texts) :]
    return labelled

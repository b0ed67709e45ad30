"""What one running service has: its model, its queue, its metrics."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from feedbackclf.errors import FeedbackError, where
from feedbackclf.service.batching import Batcher
from feedbackclf.service.limits import Limits
from feedbackclf.service.loaded import LoadedModel, load_model
from feedbackclf.service.logs import LOGGER
from feedbackclf.service.measures import Measures


class Service:
    """The parts of a running service.

    Args:
        name: of the model, or the path of its folder; `reload` reads it again.
        model: what it holds now.
        limits: how much is taken.
        key: what clients have to show; None if nothing.
    """

    def __init__(self, name: str, model: LoadedModel, limits: Limits, key: str | None) -> None:
        self.model = model
        self.limits = limits
        self.key = key
        self.measures = Measures()
        self.batcher = Batcher(limits, self.measures.batch.observe)
        self.measures.queue.set_function(lambda: self.batcher.waiting)
        self.stopping = False
        self._name = name
        self._loader = ThreadPoolExecutor(1, "loader")  # one load after the other

    async def reload(self) -> None:
        """Read the model folder again, beside the work, and use it from then on; if it cannot be read, keep the old."""
        LOGGER.info("loading the model again")
        try:
            model = await asyncio.get_running_loop().run_in_executor(self._loader, load_model, self._name)
        except Exception as error:
            reason = str(error) if isinstance(error, FeedbackError) else where(error)
            LOGGER.error("the model stays the one that it was: %s", reason)
            self.measures.reloads.labels("failed").inc()
            return
        self.model = model
        LOGGER.info("the model is now %s, SHA-256 %s", model.about["name"], model.about["sha256"])
        self.measures.reloads.labels("ok").inc()

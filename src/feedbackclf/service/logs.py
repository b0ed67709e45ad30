"""The log: on stderr, a line for each event, without anything that a customer wrote."""

from __future__ import annotations

import logging
import sys
from types import TracebackType

from feedbackclf.errors import where

LOGGER = logging.getLogger("feedbackclf.service")


class _PlacesOnly(logging.Formatter):
    """Of an error says where it came from, and not its message, which may quote a text."""

    def formatException(  # noqa: N802 - the name is logging's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        return where(ei[1]) if ei[1] is not None else ""


def start_logging() -> None:
    """Send our log, and the warnings of the web server, to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_PlacesOnly("%(asctime)s %(levelname)s %(message)s"))
    for name, level in ((LOGGER.name, logging.INFO), ("uvicorn.error", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)

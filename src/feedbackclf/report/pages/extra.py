"""The libraries that only pages and slides need."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from feedbackclf.errors import FeedbackError

LIBRARIES = ("altair", "jinja2", "vl_convert")


def check_libraries() -> None:
    """Better to hear that something is missing before a million rows are read than after.

    Raises:
        FeedbackError: a library is not installed.
    """
    for name in LIBRARIES:
        if find_spec(name) is None:
            raise _missing(name)


def library(name: str) -> Any:
    """Import a library.

    Raises:
        FeedbackError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        raise _missing(name) from None


def _missing(name: str) -> FeedbackError:
    return FeedbackError(f"pages and slides need {name}, which is not installed: pip install 'feedbackclf[report]'")

"""The libraries that only a report needs."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from feedbackclf.errors import FeedbackError


def library(name: str) -> Any:
    """Import `altair`, `jinja2`, `markupsafe` (it comes with Jinja) or `vl_convert`.

    Raises:
        FeedbackError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        raise FeedbackError(
            "the report needs packages that are not installed: pip install 'feedbackclf[report]'"
        ) from None

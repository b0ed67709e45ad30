"""Which files a command line names."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence

from feedbackclf.errors import FeedbackError


def expand_inputs(paths: Sequence[str]) -> list[str]:
    """The paths, with patterns (`*`, `?`, `[a-z]`, `**` for any folders) exchanged for the files they match, sorted.

    A path that exists is no pattern, whatever its name is.

    Raises:
        FeedbackError: a pattern matches no file.
    """
    return [found for path in paths for found in _expand(path)]


def _expand(path: str) -> list[str]:
    # Not `Path.exists`, which raises errors for a pattern longer than a name can be.
    if not any(sign in path for sign in "*?[") or os.path.exists(path):  # noqa: PTH110
        return [path]
    found = sorted(name for name in glob.glob(path, recursive=True) if not os.path.isdir(name))  # noqa: PTH112, PTH207
    if not found:
        raise FeedbackError(f"{path}: matches no file")
    return found

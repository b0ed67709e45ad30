"""The inner loops in C, if they were compiled when this package was installed.

Each function does what the NumPy code beside its call does, to the last bit: the same sums in the same order. Without a
compiler that code runs, and in tests it is the reference.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


@cache
def compiled() -> Any:
    """The module of compiled functions; None where there is none.

    They take C-contiguous arrays and whole numbers. Types and sizes are not checked: see `kernels.h`.
    """
    try:
        return import_module("feedbackclf.kernels._compiled")
    except ImportError:
        return None

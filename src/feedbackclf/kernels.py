"""The compiled inner loops (`_kernels.c`), if they were compiled when this package was installed."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIBRARY = Path(__file__).with_name("_kernels.so")


@cache
def library() -> ctypes.CDLL | None:
    """The compiled functions; None where there are none, so that NumPy has to do."""
    try:
        return ctypes.CDLL(str(LIBRARY))
    except OSError:
        return None


def call(name: str, *arguments: NDArray[Any] | int) -> None:
    """Call a compiled function. Arrays have to be C-contiguous and of the types that it expects."""
    function = getattr(library(), name)
    function.restype = None
    function(*(_pointer(x) if isinstance(x, np.ndarray) else ctypes.c_int64(x) for x in arguments))


def _pointer(array: NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.__array_interface__["data"][0])

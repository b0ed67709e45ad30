"""Small things that are done with arrays in many places."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)


def offsets_of(lengths: NDArray[Any]) -> NDArray[np.int64]:
    """Where runs of the given lengths begin when they are laid end to end, and where the last one ends."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def lengths_of(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The lengths of the runs between offsets."""
    return offsets[1:] - offsets[:-1]


def places_of(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places in runs that begin at `starts`, run after run."""
    offsets = offsets_of(lengths)
    return np.asarray(np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1]))


def positions(lengths: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For runs laid end to end: the position inside its run, and the run, of each place."""
    owner = np.repeat(np.arange(len(lengths)), lengths)
    return np.arange(len(owner)) - offsets_of(lengths)[owner], owner


def grown(array: NDArray[T], size: int, usual: int) -> NDArray[T]:
    """The array if it has room for `size` rows, else a larger copy, with room for the `usual` number at least.

    The system gives memory for zeros only when something else is written there, so that room costs nothing.
    """
    if size <= len(array):
        return array
    copy = np.zeros((max(size * 5 // 4, usual), *array.shape[1:]), array.dtype)
    copy[: len(array)] = array
    return copy

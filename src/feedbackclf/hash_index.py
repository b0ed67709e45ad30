"""Consecutive numbers for 64-bit hashes, looked up many at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from feedbackclf import kernels


class HashIndex:
    """Numbers hashes 0, 1, 2, … in the order in which they are added: open addressing over NumPy arrays.

    A dictionary would hold a Python object per hash, and takes ten times as long.
    """

    def __init__(self, capacity: int) -> None:
        self._bits = max(int(capacity), 1).bit_length() + 1
        self.clear()

    def __len__(self) -> int:
        return self._size

    def clear(self) -> None:
        """Forget all hashes."""
        self._size = 0
        self._keys = np.zeros(1 << self._bits, np.uint64)  # 0 is a free slot; no key is, since its last bit is set
        self._values = np.zeros(1 << self._bits, np.int32)

    def number(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The number of each hash; those that have none get the next ones, in the order in which they first come.

        Args:
            hashes: may repeat, shape (n,).

        Returns:
            The numbers, shape (n,), and for each new one the place where it first stands.
        """
        compiled = kernels.compiled()
        if compiled is None:
            return self._number(hashes)
        numbers, first = np.empty(len(hashes), np.int32), np.empty(len(hashes), np.int64)
        done, known, size = 0, self._size, np.array([self._size])
        while True:
            slots = self._keys, self._values, self._bits
            done = compiled.number_hashes(hashes, len(hashes), done, *slots, known, size, numbers, first)
            self._size = int(size[0])
            if done == len(hashes):
                return numbers, first[: self._size - known]
            self._make_room(max(self._size, 1))

    def _number(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        numbers = self._find(hashes)
        unknown = np.flatnonzero(numbers < 0)
        new, first, which = np.unique(hashes[unknown], return_index=True, return_inverse=True)
        self._make_room(len(new))
        order = np.argsort(first)
        rank = np.empty(len(new), np.int32)
        rank[order] = np.arange(self._size, self._size + len(new))
        self._place(new, rank)
        self._size += len(new)
        numbers[unknown] = rank[which]
        return numbers, unknown[first[order]]

    def _find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The number of each hash, -1 where it has none."""
        key = hashes | np.uint64(1)
        slot = self._slot(key)
        there = self._keys[slot]
        numbers = np.where(there == key, self._values[slot], np.int32(-1))
        pending = np.flatnonzero((there != key) & (there != 0))
        while len(pending):
            slot[pending] = (slot[pending] + 1) & (len(self._keys) - 1)
            there = self._keys[slot[pending]]
            hit = there == key[pending]
            numbers[pending[hit]] = self._values[slot[pending[hit]]]
            pending = pending[~hit & (there != 0)]
        return numbers

    def _make_room(self, n_more: int) -> None:
        """See that at least half of the slots are free when `n_more` are taken."""
        if 2 * (self._size + n_more) <= len(self._keys):
            return
        used = np.flatnonzero(self._keys)
        keys, values = self._keys[used], self._values[used]
        self._bits = (self._size + n_more).bit_length() + 1
        self._keys = np.zeros(1 << self._bits, np.uint64)
        self._values = np.zeros(1 << self._bits, np.int32)
        self._place(keys, values)

    def _place(self, hashes: NDArray[np.uint64], numbers: NDArray[np.int32]) -> None:
        key = hashes | np.uint64(1)
        slot = self._slot(key)
        pending = np.arange(len(hashes))
        while len(pending):
            free = pending[self._keys[slot[pending]] == 0]
            self._keys[slot[free]] = key[free]  # of several that want a slot the last one gets it
            self._values[slot[free]] = numbers[free]
            pending = pending[self._keys[slot[pending]] != key[pending]]
            slot[pending] = (slot[pending] + 1) & (len(self._keys) - 1)

    def _slot(self, key: NDArray[np.uint64]) -> NDArray[np.int64]:
        mixed = key * np.uint64(0x9E3779B97F4A7C15)
        mixed >>= np.uint64(64 - self._bits)
        return mixed.view(np.int64)


def are_among(hashes: NDArray[np.uint64], ascending: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each hash is one of some that are sorted: `np.isin` without its sorting."""
    compiled = kernels.compiled()
    if compiled is not None:
        among = np.empty(len(hashes), bool)
        compiled.are_among(hashes, len(hashes), ascending, len(ascending), among)
        return among
    if not len(ascending):
        return np.zeros(len(hashes), bool)
    found = np.searchsorted(ascending, hashes)
    return np.asarray(ascending[np.minimum(found, len(ascending) - 1)] == hashes)

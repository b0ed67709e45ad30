"""Which texts are the same, or nearly: MinHash signatures and locality-sensitive hashing in NumPy.

Texts are compared by their letters alone (no case, punctuation or spaces), in overlapping pieces of five. So a
lower-cased copy, or one whose words were glued together at the commas, is still the same text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

SHINGLE = 5  # letters
SIMILAR = 0.7  # Jaccard of the sets of shingles
MIN_LETTERS = 30  # shorter texts are the same only if all their letters are

# With 32 bands of 5 bins a pair at Jaccard 0.7 is found with a probability of 0.997, one at 0.1 with 0.0003.
_BANDS, _ROWS = 32, 5
_BINS = _BANDS * _ROWS
_CHUNK = 4_000  # texts at a time, so that the work arrays stay in the processor's cache
_EMPTY = np.uint32(0xFFFFFFFF)

_NO_LETTERS = re.compile(r"[\W_]+")


def fold_text(text: str) -> str:
    """The letters and digits of a text in one case; a text without any (an emoji) is itself."""
    return _NO_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold()) or text.strip()


def near_duplicate_groups(texts: Sequence[str]) -> NDArray[np.int64]:
    """Number the groups of equal or nearly equal texts.

    Two texts are nearly equal if they have at least `MIN_LETTERS` letters and the Jaccard similarity of their
    shingles is at least `SIMILAR`; groups are the connected components. The same texts always give the same
    numbers: 0, 1, 2, … in order of first appearance.

    Returns:
        An array of shape `(len(texts),)` with the number of each text's group.
    """
    numbers: dict[str, int] = {}
    key_of_text = np.array([numbers.setdefault(fold_text(text), len(numbers)) for text in texts], dtype=np.int64)
    keys = list(numbers)
    long = np.array([i for i, key in enumerate(keys) if len(key) >= MIN_LETTERS], dtype=np.int64)

    @lru_cache(maxsize=10_000)
    def shingles(key: int) -> frozenset[str]:
        letters = keys[key]
        return frozenset(letters[i : i + SHINGLE] for i in range(len(letters) - SHINGLE + 1))

    parent = list(range(len(keys)))

    def root(key: int) -> int:
        while parent[key] != key:
            parent[key] = key = parent[parent[key]]
        return key

    for a, b in long[_likely_pairs(_signatures([keys[i] for i in long]))].tolist():
        low, high = sorted((root(a), root(b)))
        if low != high and _jaccard(shingles(a), shingles(b)) >= SIMILAR:
            parent[high] = low  # the root stays the text that came first
    roots = np.array([root(key) for key in range(len(keys))], dtype=np.int64)
    return _renumber(roots[key_of_text])


def fold_groups(texts: Sequence[str], groups: Sequence[str | None]) -> NDArray[np.int64]:
    """Number the sets of texts that must stay in one cross-validation fold.

    Texts belong together if they are near duplicates or have the same value in `groups` (None: no group), directly
    or through others.

    Returns:
        An array of shape `(len(texts),)`, numbered in order of first appearance.
    """
    near = near_duplicate_groups(texts)
    numbers: dict[str, int] = {}
    links = [(int(n), numbers.setdefault(g, len(numbers))) for n, g in zip(near, groups, strict=True) if g is not None]
    if not links:
        return near
    n_near = int(near.max()) + 1
    a, b = np.array(links, dtype=np.int64).T
    size = n_near + len(numbers)
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b + n_near)), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    return _renumber(component[near])


def _signatures(keys: Sequence[str]) -> NDArray[np.uint32]:
    """MinHash signatures of shape `(len(keys), _BINS)`; the share of equal bins estimates the Jaccard similarity.

    One hash per shingle is enough: it picks a bin, and each bin keeps its least value (one permutation hashing).
    """
    blocks = [_block_signatures(keys[start : start + _CHUNK]) for start in range(0, len(keys), _CHUNK)]
    return np.concatenate(blocks) if blocks else np.empty((0, _BINS), dtype=np.uint32)


def _block_signatures(keys: Sequence[str]) -> NDArray[np.uint32]:
    codes = np.frombuffer("".join(keys).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    owner = np.repeat(np.arange(len(keys)), [len(key) for key in keys])
    n = len(codes) - SHINGLE + 1
    inside = owner[:n] == owner[SHINGLE - 1 :]
    hashes = _hash(codes[i : i + n] for i in range(SHINGLE))[inside]
    bins = ((hashes >> np.uint64(32)) * np.uint64(_BINS)) >> np.uint64(32)
    least = np.full(len(keys) * _BINS, _EMPTY, dtype=np.uint32)
    np.minimum.at(least, owner[:n][inside] * _BINS + bins.astype(np.int64), hashes.astype(np.uint32))

    # An empty bin borrows from the next full one to its right, marked with the distance (densification by rotation).
    signatures = least.reshape(-1, _BINS)
    places = np.arange(2 * _BINS, dtype=np.int64)
    full = np.where(np.hstack([signatures, signatures]) != _EMPTY, places, places[-1])
    source = np.minimum.accumulate(full[:, ::-1], axis=1)[:, ::-1][:, :_BINS]
    distance = (source - places[:_BINS]).astype(np.uint32)
    return np.take_along_axis(signatures, source % _BINS, axis=1) + distance * np.uint32(0x9E3779B1)


def _likely_pairs(signatures: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Pairs `(a, b)` with `a < b` that agree in a whole band, of shape `(pairs, 2)`, sorted.

    In a bucket every text is paired with the first and with its neighbour: no bucket costs a square.
    """
    n = len(signatures)
    found: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    for start in range(0, _BINS, _ROWS):
        bucket = _hash(signatures[:, i] for i in range(start, start + _ROWS))
        order = np.argsort(bucket, kind="stable")
        is_new = np.append(True, np.diff(bucket[order]) != 0)[:n]
        first = order[is_new][np.cumsum(is_new) - 1]
        later = np.flatnonzero(~is_new)
        found += [first[later] * n + order[later], order[later - 1] * n + order[later]]
    pairs: NDArray[np.int64] = np.stack(np.divmod(np.unique(np.concatenate(found)), max(n, 1)), axis=1)
    # The estimate is noisy: the bar leaves room for it, and the exact similarity decides.
    blocks = np.array_split(pairs, len(pairs) // 50_000 + 1)
    alike = [(signatures[p[:, 0]] == signatures[p[:, 1]]).mean(axis=1) >= SIMILAR - 0.3 for p in blocks]
    likely: NDArray[np.int64] = pairs[np.concatenate(alike)]
    return likely


def _hash(columns: Iterator[NDArray[np.uint32]]) -> NDArray[np.uint64]:
    """One 64-bit hash per row of the columns, the same on every machine."""
    first, *rest = columns
    hashes = first.astype(np.uint64)
    for column in rest:
        hashes = hashes * np.uint64(0x100000001B3) + column
    for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):  # the finaliser of SplitMix64
        hashes = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(factor)
    return hashes ^ (hashes >> np.uint64(32))


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    common = len(a & b)
    return common / (len(a) + len(b) - common)


def _renumber(ids: NDArray[np.integer]) -> NDArray[np.int64]:
    """The same partition, numbered 0, 1, 2, … in order of first appearance."""
    _, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first)).astype(np.int64)[inverse]

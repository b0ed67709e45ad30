"""What a sum over words does not see: filters over neighbouring chunks, and the scores that they give to texts.

"not", "good" and "at all" each say something, and together something else. A small convolutional network (Kim, 2014)
reads every chunk together with its neighbours, keeps how strongly each filter answers anywhere and on the whole, and
adds that up to scores, which the heads see beside those of the score table.

All of it down to the filters is done in small whole numbers. What a chunk adds to the filters is worked out once and
remembered (`feedbackclf.memory`), and no result depends on the order in which anything is summed up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf import kernels
from feedbackclf.arrays import lengths_of
from feedbackclf.table import check_buckets, check_numbers

MAX_DIMS, MAX_FILTERS = 128, 512
N_TAPS = 3
"""A filter reads a chunk, the one before it and the one after it."""
FURTHEST = 1023
"""Of an embedding from zero, so that products with filters are whole numbers that 24 bits hold."""
LARGEST_TAP, LARGEST_BIAS = 127, 600
ARRAYS = {
    "buckets": np.int32,
    "embeddings": np.int8,
    "filters": np.int8,
    "units": np.float32,
    "bias": np.int16,
    "weights": np.float32,
    "intercepts": np.float32,
}
_PORTION_TEXTS, _PORTION_CHUNKS, _PORTION_EMBEDDINGS = 128, 8192, 256


@dataclass(frozen=True)
class PhraseNetwork:
    """A convolutional network in whole numbers.

    Attributes:
        columns: names of its scores, such as `speed:positive`.
        buckets: the features that count, ascending, shape (n_features,).
        embeddings: of each feature and, last, what it adds to the squared length of a chunk's, shape
            (n_features, n_dims + 1).
        gain: factor of a chunk's embedding when it has been divided by its length.
        filters: side by side the taps for the chunk before, the chunk itself and the one after, shape
            (n_dims, 3 * n_filters).
        units: factors of what they give, shape (3 * n_filters,).
        bias: of the filters, shape (n_filters,).
        weights: of the highest value of each filter and of its sum, shape (2 * n_filters, n_columns).
        intercepts: shape (n_columns,).
    """

    columns: tuple[str, ...]
    buckets: NDArray[np.int32]
    embeddings: NDArray[np.int8]
    gain: float
    filters: NDArray[np.int8]
    units: NDArray[np.float32]
    bias: NDArray[np.int16]
    weights: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    @classmethod
    def empty(cls) -> PhraseNetwork:
        """A network that says nothing."""
        nothing = np.zeros(0, np.float32)
        return cls(
            columns=(),
            buckets=np.zeros(0, np.int32),
            embeddings=np.zeros((0, 1), np.int8),
            gain=1.0,
            filters=np.zeros((0, 0), np.int8),
            units=nothing,
            bias=np.zeros(0, np.int16),
            weights=np.zeros((0, 0), np.float32),
            intercepts=nothing,
        )

    @classmethod
    def of(cls, columns: tuple[str, ...], gain: float, arrays: Mapping[str, NDArray[Any]]) -> PhraseNetwork:
        """A network from its arrays by name.

        Raises:
            KeyError: one is missing.
            ValueError: they do not fit each other, or a sum might outgrow the numbers that hold it.
        """
        network = cls(columns=columns, gain=gain, **{name: arrays[name] for name in ARRAYS})
        network._check()
        return network

    def __getstate__(self) -> dict[str, Any]:
        """Without what is worked out of the rest when it is wanted."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `of` takes."""
        return {name: getattr(self, name) for name in ARRAYS}

    def _check(self) -> None:
        n_dims, n_filters = len(self.filters), len(self.bias)
        shapes: dict[str, tuple[int, ...]] = {
            "buckets": (self.buckets.size,),
            "bias": (self.bias.size,),
            "embeddings": (len(self.buckets), n_dims + 1),
            "filters": (n_dims, N_TAPS * n_filters),
            "units": (N_TAPS * n_filters,),
            "weights": (2 * n_filters, len(self.columns)),
            "intercepts": (len(self.columns),),
        }
        for name, kind in ARRAYS.items():
            found = getattr(self, name)
            if found.shape != shapes[name] or found.dtype != kind:
                raise ValueError(f"phrase {name} of shape {found.shape} and type {found.dtype}")
        if n_dims > MAX_DIMS or n_filters > MAX_FILTERS:
            raise ValueError(f"{n_filters} filters and {n_dims} dimensions")
        check_buckets(self.buckets)
        if np.abs(self.bias.astype(np.int64)).max(initial=0) > LARGEST_BIAS:
            raise ValueError("phrase bias out of range")
        for name in ("gain", "units", "weights", "intercepts"):
            check_numbers(f"phrase {name}", np.asarray(getattr(self, name)))

    def set_taps(self, embedded: NDArray[np.int32], taps: NDArray[np.int8]) -> None:
        """Set `taps` to what chunks add to their own filters and their neighbours', shape (n_chunks, 3 * n_filters).

        Args:
            embedded: sums of the embeddings of the features of each chunk, shape (n_chunks, n_dims + 1).
        """
        for begin in range(0, len(embedded) if len(self.units) else 0, _PORTION_EMBEDDINGS):
            portion = slice(begin, begin + _PORTION_EMBEDDINGS)
            self._round(self._inside(embedded[portion]) @ self._filters, taps[portion])

    @cached_property
    def _filters(self) -> NDArray[np.float32]:
        """As the product takes them."""
        return self.filters.astype(np.float32)

    @cached_property
    def _weights(self) -> NDArray[np.float64]:
        """As the product takes them."""
        return self.weights.astype(np.float64)

    @cached_property
    def _gain(self) -> NDArray[np.float64]:
        """As the compiled function takes it."""
        return np.array(self.gain)

    def _inside(self, embedded: NDArray[np.int32]) -> NDArray[np.float32]:
        """Embeddings divided by their length, in whole numbers, shape (n_chunks, n_dims)."""
        n, n_dims = len(embedded), len(self.filters)
        compiled = kernels.compiled()
        if compiled is None:
            scale = self.gain / np.sqrt(np.maximum(embedded[:, -1:], 1))
            return np.rint(np.clip(embedded[:, :-1] * scale, -FURTHEST, FURTHEST)).astype(np.float32)
        inside = np.empty((n, n_dims), np.float32)
        compiled.scale_embeddings(embedded, n, n_dims, self._gain, FURTHEST, inside)
        return inside

    def _round(self, products: NDArray[np.float32], taps: NDArray[np.int8]) -> None:
        compiled = kernels.compiled()
        if compiled is None:
            taps[:] = np.rint(np.clip(products * self.units, -LARGEST_TAP, LARGEST_TAP))
        else:
            compiled.round_taps(products, self.units, *products.shape, LARGEST_TAP, taps)

    def scores(
        self, places: NDArray[np.int32], offsets: NDArray[np.int64], taps: NDArray[np.int8]
    ) -> NDArray[np.float32]:
        """The scores of n texts, shape (n, n_columns).

        Args:
            places: rows in `taps` of all chunks of the texts, see `ChunkMemory.places`.
            offsets: where each text begins in them, shape (n + 1,).
            taps: see `set_taps`.
        """
        n = len(offsets) - 1
        scores = np.empty((n, len(self.columns)), np.float32)
        for begin in range(0, n if self.columns else 0, _PORTION_TEXTS):
            end = min(begin + _PORTION_TEXTS, n)
            bounds = offsets[begin : end + 1]
            pooled = self.pooled(places[bounds[0] : bounds[-1]], bounds - bounds[0], taps)
            # In doubles, since the last digit of a product depends on how many rows it has.
            scores[begin:end] = pooled.astype(np.float64) @ self._weights + self.intercepts
        return scores

    def pooled(
        self, places: NDArray[np.int32], offsets: NDArray[np.int64], taps: NDArray[np.int8]
    ) -> NDArray[np.float32]:
        """The highest value of each filter, and their sums divided by the root of a text's number of chunks.

        Takes what `scores` takes; shape (n, 2 * n_filters).
        """
        n, n_filters = len(offsets) - 1, len(self.bias)
        compiled = kernels.compiled()
        if compiled is not None:
            pooled = np.empty((n, 2 * n_filters), np.float32)
            compiled.read_phrases(places, offsets, n, taps, self.bias, n_filters, pooled)
            return pooled
        lengths = lengths_of(offsets)
        text = np.repeat(np.arange(n), lengths)
        highest, total = np.zeros((n, n_filters), np.int64), np.zeros((n, n_filters), np.int64)
        for begin, end in pairwise([*range(0, len(places), _PORTION_CHUNKS), len(places)]):
            found = self._found(places, text, begin, end, taps)
            texts, first = np.unique(text[begin:end], return_index=True)
            highest[texts] = np.maximum(highest[texts], np.maximum.reduceat(found, first))
            total[texts] += np.add.reduceat(found, first)
        return np.hstack([highest, total / np.sqrt(np.maximum(lengths, 1))[:, None]]).astype(np.float32)

    def _found(
        self, places: NDArray[np.int32], text: NDArray[np.int64], begin: int, end: int, taps: NDArray[np.int8]
    ) -> NDArray[np.int64]:
        """The filters at the chunks from `begin` to `end`, shape (end - begin, n_filters)."""
        n = len(self.bias)
        found = np.tile(self.bias.astype(np.int64), (end - begin, 1))
        for tap in range(N_TAPS):
            other = np.arange(begin, end) + tap - N_TAPS // 2
            inside = np.flatnonzero((other >= 0) & (other < len(places)))
            inside = inside[text[other[inside]] == text[begin + inside]]
            found[inside] += taps[places[other[inside]], tap * n : (tap + 1) * n]
        return np.maximum(found, 0)

"""The span of a text that carries a label: the shortest run of chunks without which it would not be given.

Contributions add up, so the log-odds of a label without a run of chunks are about what is left without their sum. A run
is enough if it leaves the label less likely than not, by `DOUBT`. Where no run is enough, most things being said more
than once, it is the shortest with `MOST` of what the best run adds. Both were chosen on training texts;
docs/evidence.md says how often a label goes when its evidence does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from feedbackclf.arrays import lengths_of, offsets_of, places_of
from feedbackclf.chunks import ChunkedTexts
from feedbackclf.contributions import Contributions

LONGEST = 24
"""Chunks of a span."""
DOUBT, MOST = 1.0, 0.85

_UNIT = 1 << 20
"""Contributions are added up in whole numbers, so that no choice hangs on the order of a sum."""
_TEXT_CHUNKS = 1 << 21
"""More than any text has."""
_OUTSIDE = np.frombuffer(b"""\t\n\r ,.;:"'()[]<>""", np.uint8)
"""Bytes that are cut off the ends of a span."""


@dataclass(frozen=True)
class Evidence:
    """Spans of n texts for each head.

    Attributes:
        start, length: in characters (code points) of the text, shape (n_texts, n_heads); a length of 0 is no span.
        weight: what the span adds to the log-odds of the label, same shape.
    """

    start: NDArray[np.int64]
    length: NDArray[np.int64]
    weight: NDArray[np.float64]

    def without(self, left_out: NDArray[np.bool_]) -> Evidence:
        """No spans where `left_out`, shape (n_texts, n_heads), says so."""
        return replace(self, length=np.where(left_out, 0, self.length))

    @classmethod
    def joined(cls, parts: Sequence[Evidence]) -> Evidence | None:
        """The spans of several batches, one after the other; None of none."""
        if not parts:
            return None
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


def find_evidence(found: Contributions, chunked: ChunkedTexts, wanted: NDArray[np.bool_]) -> Evidence:
    """Find the spans of n texts.

    Args:
        found: what chunks of the texts add.
        chunked: the same texts.
        wanted: which heads are to have one, shape (n_texts, n_heads).
    """
    text, head = np.nonzero(wanted & (lengths_of(found.offsets) > 0)[:, None])
    first, size, weight = _runs(found, text, head)
    start, length, of_run = np.zeros(wanted.shape, np.int64), np.zeros(wanted.shape, np.int64), np.zeros(wanted.shape)
    where = text[size > 0], head[size > 0]
    chunk = (found.offsets[text] + first)[size > 0]
    begin, end = _trimmed(chunked, chunked.start[chunk], chunked.end[chunk + size[size > 0] - 1])
    characters = offsets_of((chunked.data & 0xC0) != 0x80)
    start[where] = characters[begin] - characters[chunked.begin][where[0]]
    length[where] = characters[end] - characters[begin]
    of_run[where] = weight[size > 0]
    return Evidence(start, length, of_run)


def _runs(
    found: Contributions, text: NDArray[np.int64], head: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The best run of chunks for each pair of a text and a head.

    Returns:
        Its first chunk in the text, its number of chunks (0 where nothing speaks for the label), and its weight.
    """
    n_chunks = lengths_of(found.offsets)[text]
    weights = found.weights[places_of(found.offsets[text], n_chunks), np.repeat(head, n_chunks)]
    before = offsets_of(np.rint(weights * _UNIT).astype(np.int64))
    position = places_of(np.zeros(len(text), np.int64), n_chunks)
    left = np.repeat(n_chunks, n_chunks) - position
    best = np.full((LONGEST, len(text)), np.iinfo(np.int64).min)
    for size in range(1, min(LONGEST, int(n_chunks.max(initial=0))) + 1):
        starts = np.flatnonzero(left >= size)
        # The sum and, of runs with the same, the first are the highest of one number.
        key = (before[starts + size] - before[starts]) * _TEXT_CHUNKS + (_TEXT_CHUNKS - 1 - position[starts])
        fits = np.flatnonzero(n_chunks >= size)
        best[size - 1, fits] = np.maximum.reduceat(key, offsets_of(n_chunks[fits] - size + 1)[:-1])
    total = best >> (_TEXT_CHUNKS.bit_length() - 1)
    most, enough = total.max(axis=0, initial=0), (found.log_odds[text, head] + DOUBT) * _UNIT
    wanted = np.where(most >= enough, enough, MOST * most)
    shortest = (total >= wanted).argmax(axis=0)
    chosen = best[shortest, np.arange(len(text))]
    first = _TEXT_CHUNKS - 1 - (chosen & (_TEXT_CHUNKS - 1))
    return first, np.where(most > 0, shortest + 1, 0), (chosen >> (_TEXT_CHUNKS.bit_length() - 1)) / _UNIT


def _trimmed(
    chunked: ChunkedTexts, begin: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Spans of bytes without punctuation at their ends, unless there is nothing else."""
    is_outside = np.isin(chunked.data, _OUTSIDE)
    inside = np.flatnonzero(~is_outside)
    first, behind = np.searchsorted(inside, begin), np.searchsorted(inside, end)
    some = first < behind
    begin, end = begin.copy(), end.copy()
    begin[some], end[some] = inside[first[some]], inside[behind[some] - 1] + 1
    return begin, end

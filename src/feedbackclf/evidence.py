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

from feedbackclf import kernels
from feedbackclf.arrays import lengths_of, offsets_of
from feedbackclf.chunks import ChunkedTexts
from feedbackclf.contributions import Contributions

LONGEST = 24
"""Chunks of a span."""
DOUBT, MOST = 1.0, 0.85

_UNIT = 1 << 20
"""Contributions are added up in whole numbers, so that no choice hangs on the order of a sum."""
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
    text, head = np.nonzero(wanted & (found.jobs >= 0) & (lengths_of(found.offsets) > 0)[:, None])
    first, size, weight = _runs(found, text, head)
    start, length, of_run = np.zeros(wanted.shape, np.int64), np.zeros(wanted.shape, np.int64), np.zeros(wanted.shape)
    where = text[size > 0], head[size > 0]
    chunk = (found.offsets[text] + first)[size > 0]
    begin, end = _trimmed(chunked, chunk, chunk + size[size > 0] - 1)
    characters = chunked.characters
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
    total, first = (best[found.jobs[text, head]] for best in _best_of_each_size(found))
    most, enough = total.max(axis=1, initial=0), (found.log_odds[text, head] + DOUBT) * _UNIT
    wanted = np.where(most >= enough, enough, MOST * most)
    shortest = (total >= wanted[:, None]).argmax(axis=1)
    chosen = np.arange(len(text)), shortest
    return first[chosen], np.where(most > 0, shortest + 1, 0), total[chosen] / _UNIT


def _best_of_each_size(found: Contributions) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The highest sum of a run of 1, 2, … chunks, and where the first such run begins, shape (n_jobs, LONGEST) each."""
    weights, n_jobs = np.rint(found.weights * _UNIT).astype(np.int64), int(found.jobs.max(initial=-1)) + 1
    highest = np.full((n_jobs, LONGEST), np.iinfo(np.int64).min)
    first = np.zeros((n_jobs, LONGEST), np.int64)
    compiled, n_heads = kernels.compiled(), found.jobs.shape[1]
    if compiled is not None:
        room = np.empty(int(lengths_of(found.offsets).max(initial=0)) + 1, np.int64)
        texts = found.offsets, len(found.offsets) - 1, found.jobs, n_heads
        compiled.best_runs(weights, *texts, LONGEST, room, highest, first)
        return highest, first
    for text, head in np.argwhere(found.jobs >= 0).tolist():
        job = found.jobs[text, head]
        before = offsets_of(weights[found.offsets[text] : found.offsets[text + 1], head])
        for size in range(1, min(LONGEST, len(before) - 1) + 1):
            sums = before[size:] - before[:-size]
            first[job, size - 1] = sums.argmax()
            highest[job, size - 1] = sums.max()
    return highest, first


def _trimmed(
    chunked: ChunkedTexts, first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where in the bytes runs of chunks begin and end, without punctuation there, unless a chunk has nothing else."""
    inside = np.flatnonzero(~np.isin(chunked.data, _OUTSIDE))
    closed = np.r_[-1, inside, len(chunked.data)]  # so that there is one before and one behind every place
    begin = closed[np.searchsorted(inside, chunked.start[first]) + 1]
    end = closed[np.searchsorted(inside, chunked.end[last])] + 1
    return (
        np.where(begin < chunked.end[first], begin, chunked.start[first]),
        np.where(end > chunked.start[last], end, chunked.end[last]),
    )

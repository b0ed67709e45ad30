"""Sentences and contrasts: where in a text one remark stops and the next begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A remark after one of these words usually turns the one before it around.
CONTRAST_WORDS = {
    "nl": {"maar", "echter", "doch", "helaas"},
    "da": {"men", "dog", "desværre"},
    "sv": {"men", "dock", "tyvärr"},
    "en": {"but", "however", "unfortunately", "although", "though"},
}


@dataclass(frozen=True)
class Segments:
    """How the chunks of a batch of texts fall into segments.

    Attributes:
        start: offset of each segment in the chunks of the batch, closed by their number, shape (n_segments + 1,).
        text_start: offset of each text in the segments, closed by their number, shape (n_texts + 1,).
        of_chunk: the segment of each chunk, shape (n_chunks,).
    """

    start: NDArray[np.int64]
    text_start: NDArray[np.int64]
    of_chunk: NDArray[np.int64]


def find_segments(offsets: NDArray[np.int64], ends: NDArray[np.bool_], contrasts: NDArray[np.bool_]) -> Segments:
    """Begin a segment with each text, after the end of a sentence, and at a word of contrast.

    Args:
        offsets: where each text begins in the chunks, shape (n_texts + 1,).
        ends, contrasts: whether each chunk ends a sentence, or is a word of contrast, shape (n_chunks,).
    """
    n_chunks = len(ends)
    begins = contrasts.copy()
    begins[1:] |= ends[:-1]
    begins[offsets[:-1][np.diff(offsets) > 0]] = True
    start = np.r_[np.flatnonzero(begins), n_chunks]
    return Segments(start, np.searchsorted(start, offsets), np.cumsum(begins) - 1)


def whole_texts(offsets: NDArray[np.int64]) -> Segments:
    """Each text that has chunks as one segment."""
    lengths = np.diff(offsets)
    filled = lengths > 0
    start = np.r_[offsets[:-1][filled], offsets[-1]]
    return Segments(start, np.searchsorted(start, offsets), np.repeat(np.cumsum(filled) - 1, lengths))


def is_contrast(chunk: str, language: str) -> bool:
    """Whether a chunk is a word of contrast, whatever its case and punctuation."""
    return chunk.strip(".,;:!?-–—").lower() in CONTRAST_WORDS.get(language, ())

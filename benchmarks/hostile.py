"""Files that are unlike any feedback: what they may cost is bounded, too."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reviews import reviews, write_texts

BASE = 26
LETTERS = 6
STRIDE = 118_062_361
"""Has no divisor in common with 26, so that its multiples modulo 26⁶ are all different, and look like chance."""


def distinct_words(rows: int, words: int = 50) -> Iterator[str]:
    """Texts in which every word is another one; there are at most 26⁶."""
    numbers = itertools.count()
    for _ in range(rows):
        yield " ".join(spelled(next(numbers) * STRIDE % BASE**LETTERS) for _ in range(words))


def spelled(number: int) -> str:
    """A number as six letters."""
    word = ""
    for _ in range(LETTERS):
        number, letter = divmod(number, BASE)
        word += string.ascii_lowercase[letter]
    return word


def long_text(size: int) -> str:
    """One text of at least `size` bytes, made of reviews."""
    parts = []
    for review in reviews(size):
        parts.append(review)
        size -= len(review.encode()) + 1
        if size <= 0:
            break
    return " ".join(parts)


def ordinary(path: Path, size: int) -> int:
    """Write reviews of `size` bytes altogether, as many as an unusual file has; return how many reviews."""
    texts = []
    for review in reviews(size):
        texts.append(review)
        size -= len(review.encode())
        if size <= 0:
            break
    write_texts(path, texts)
    return len(texts)

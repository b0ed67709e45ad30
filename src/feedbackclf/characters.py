"""Properties of characters, for whole arrays of code points at a time."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from feedbackclf.arrays import offsets_of, positions

LETTER, LETTER_OR_DIGIT, CAPITAL = 1, 2, 4
"""Bits of `kinds`."""

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_POWERS = np.cumprod(np.full(4096, _PRIME, dtype=np.uint64), dtype=np.uint64)


def code_points(text: str) -> NDArray[np.uint32]:
    """The code points of a text, with accents composed (NFC)."""
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def text_of(codes: NDArray[np.uint32]) -> str:
    """The text that has these code points."""
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


class CharacterTable:
    """A property of every character, computed when it is seen first.

    Args:
        of_character: gives the property, a number below 2³² - 1.
    """

    def __init__(self, of_character: Callable[[str], int]) -> None:
        self._of_character = of_character
        self.table = np.zeros(sys.maxunicode + 1, np.uint32)
        """A number more than the property, by code point; 0 where it is not known yet."""

    def __call__(self, codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
        found = self.table[codes]
        if not found.all():
            for code in set(codes[found == 0].tolist()):
                self.table[code] = self._of_character(chr(code)) + 1
            found = self.table[codes]
        return found - np.uint32(1)


def _fold(character: str) -> int:
    if character.isdigit():
        return ord("0")
    if character in "’‘`´":
        return ord("'")
    lower = character.lower()
    return ord(lower) if len(lower) == 1 else ord(character)


def _kinds(character: str) -> int:
    bits = (LETTER, character.isalpha()), (LETTER_OR_DIGIT, character.isalnum()), (CAPITAL, character.isupper())
    return sum(bit for bit, holds in bits if holds)


fold = CharacterTable(_fold)
"""Lower-case code points, all digits made 0, so that prices and order numbers do not count as words."""
kinds = CharacterTable(_kinds)
"""The sum of the bits above."""


def are(kind: int, codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Whether code points are of a kind: `LETTER`, `LETTER_OR_DIGIT` or `CAPITAL`."""
    return np.asarray(kinds(codes) & np.uint32(kind), dtype=bool)


def hash_runs(codes: NDArray[np.uint32], start: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A polynomial hash of each run of code points, none of them empty, shape (n_runs,)."""
    if len(start) == 0:
        return np.zeros(0, np.uint64)
    position, owner = positions(length)
    terms = (codes[start[owner] + position] + _PRIME) * _POWERS[position % len(_POWERS)]
    return np.add.reduceat(terms, offsets_of(length)[:-1])

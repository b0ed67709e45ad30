"""Making spaCy's regular expressions small, so that they compile and match quickly, and mean the same."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby

import numpy as np

_SET = re.compile(r"\[(?:\\.|[^\]\\])+\]", re.DOTALL)
"""A set of characters, such as [a-z]."""


class Alike(dict[int, int]):
    """A table for `str.translate` that puts one character for all that are alike; see `reduce_characters`."""

    def __init__(self, runs: Sequence[tuple[int, int, int]]) -> None:
        super().__init__()
        self._runs = runs
        self._firsts = [first for first, _, _ in runs]

    def __missing__(self, code: int) -> int:
        place = bisect_right(self._firsts, code) - 1
        alike = self._runs[place][2] if place >= 0 and code <= self._runs[place][1] else code
        self[code] = alike
        return alike

    def in_text(self, text: str) -> str:
        """The text with every character exchanged; ASCII never is."""
        return text if text.isascii() else text.translate(self)


def any_of(patterns: Sequence[str]) -> str:
    """One regular expression for several; single characters in a row become one set, which is found in one step."""
    filled = [pattern for pattern in patterns if pattern.strip()]  # spaCy leaves out empty ones as well
    runs = groupby(filled, lambda pattern: re.fullmatch(r"\w|\\?[\W_]", pattern) is not None)
    return "|".join(f"[{''.join(map(_in_set, run))}]" if single else "|".join(run) for single, run in runs)


def reduce_characters(patterns: Sequence[str]) -> tuple[list[str], list[tuple[int, int, int]]]:
    """Leave in sets only the first of all characters that none of the patterns can tell apart.

    Returns:
        The patterns, for text in which every character is exchanged for the one that stands for it; and runs of
        characters (first, last), by code point, with what stands for them. ASCII stands for itself.
    """
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    sets = sorted({found for pattern in patterns for found in _SET.findall(pattern)})
    kind = np.zeros(len(everything), np.uint64)
    for bit, tested in enumerate([*sets, r"\w", r"\d", r"\s"]):
        for run in re.finditer(f"{tested}+", everything):
            kind[run.start() : run.end()] |= np.uint64(1 << bit)
    named = {ord(character) for pattern in patterns for character in _SET.sub("", pattern) if ord(character) > 127}
    for code in (*range(128), *sorted(named)):
        kind[code] = np.uint64((1 << 63) + code)
    _, first, which = np.unique(kind, return_index=True, return_inverse=True)
    alike = first[which]
    kept = [everything[i] for i in np.sort(first)]
    alone = {tested: [character for character in kept if re.fullmatch(tested, character)] for tested in sets}
    reduced = [_SET.sub(lambda found: f"[{_as_set(alone[found[0]])}]", pattern) for pattern in patterns]
    changes = np.flatnonzero(np.diff(alike)) + 1
    begins, ends = [0, *changes.tolist()], [*changes.tolist(), len(alike)]
    runs = [(a, b - 1, int(alike[a])) for a, b in zip(begins, ends, strict=True)]
    return reduced, [run for run in runs if run[0] > 127 and run[:2] != (run[2], run[2])]


def _as_set(characters: Sequence[str]) -> str:
    """The inside of a set, with ranges for more than two characters in a row: Python compiles these quicker."""
    codes = np.array([ord(character) for character in characters])
    rows = [list(map(_in_set, map(chr, row))) for row in np.split(codes, np.flatnonzero(np.diff(codes) != 1) + 1)]
    return "".join(f"{row[0]}-{row[-1]}" if len(row) > 2 else "".join(row) for row in rows)


def _in_set(pattern: str) -> str:
    return pattern if pattern.startswith("\\") and len(pattern) > 1 else "\\" * (pattern in "[]^-&~|\\") + pattern

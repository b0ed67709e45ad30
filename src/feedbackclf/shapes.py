"""Tokens of many chunks at a time, from their shapes.

To spaCy's rules most letters are alike: they see whether a character is a small letter, a capital or a digit, but not
which. So "Leuk," and "Fijn," are cut alike, and it is enough to cut one chunk of each shape. The shape of a chunk has
`q` for each small letter, `Q` for each capital and `5` for each digit, and of a longer row of these only the first
two. Chunks in which the rules look closer are cut one by one: those with a part of a special case ("can't",
"bl.a.") and what follows it there, and a few others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from feedbackclf import kernels
from feedbackclf.arrays import lengths_of, offsets_of, positions
from feedbackclf.characters import CharacterTable, hash_runs, text_of
from feedbackclf.hash_index import HashIndex, are_among
from feedbackclf.tokenizer import ChunkTokenizer

_LINE_END = ord("\n")
_SMALL, _CAPITAL, _DIGIT = ord("q"), ord("Q"), ord("5")
_LETTERS = "A-Za-zÀ-ÖØ-öø-ſ"
_BEFORE_QUOTE = np.array([ord(letter) for letter in "sxzSXZ"], np.uint32)
"""Danish and Swedish rules leave "s'" whole; these are kept as they are before an apostrophe."""
_LONGEST_UNIT = 4
"""Letters behind a digit may be a unit (kg, mbar); these few are kept as they are."""
_LONGEST_CHUNK = 60
"""Web addresses have limits of their own."""
_MAX_SHAPES = 50_000


def _shape_of(character: str) -> int:
    if re.fullmatch(f"[{_LETTERS}]", character):
        return _CAPITAL if character.isupper() else _SMALL
    return _DIGIT if character in "0123456789" else ord(character)


_shape = CharacterTable(_shape_of)


class ShapeTokenizer:
    """Cuts chunks as `ChunkTokenizer` does, and remembers how each shape is cut."""

    def __init__(self, tokenizer: ChunkTokenizer) -> None:
        self._tokenizer = tokenizer
        parts = re.findall(f"(?:[{_LETTERS}]+|[0-9]{{2,}})(?s:.)", "\n".join([*tokenizer.special_cases, ""]))
        self._at_end = _hashes_of({part[:-1] for part in parts if part[-1] == "\n"})
        self._inside = _hashes_of({part for part in parts if part[-1] != "\n"})
        self._forget()

    def _forget(self) -> None:
        self._index = HashIndex(1024)
        self._offsets = np.zeros(1, np.int64)  # of the shapes in `_starts`
        self._starts = np.zeros(0, np.int64)  # of tokens in a shape

    def starts(self, codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Where tokens begin in chunks, parted by line ends, shape (n_characters,) as their code points."""
        is_start = np.zeros(len(codes), bool)
        start, end = _lines(codes)
        if not len(start):
            return is_start
        shape, keep, look_closer, hashes = self._shapes(codes, start, end)
        by_shape = (~look_closer).nonzero()[0]
        if len(self._index) > _MAX_SHAPES:
            self._forget()
        numbers, first = self._index.number(hashes[by_shape])
        if len(first):
            new = by_shape[first].tolist()
            self._learn([text_of(shape[start[i] : end[i]][keep[start[i] : end[i]]]) for i in new])
        compiled = kernels.compiled()
        if compiled is not None:
            chunks = start, end, by_shape, len(by_shape)
            compiled.mark_starts(keep, *chunks, numbers, self._offsets, self._starts, is_start)
        else:
            kept = np.flatnonzero(keep)
            nth, owner = positions(lengths_of(self._offsets)[numbers])
            within = self._starts[self._offsets[numbers][owner] + nth]
            is_start[kept[np.searchsorted(kept, start[by_shape])[owner] + within]] = True
        for place in look_closer.nonzero()[0].tolist():
            at = int(start[place])
            for length in self._tokenizer.cut(text_of(codes[at : end[place]])):
                is_start[at] = True
                at += length
        return is_start

    def _shapes(
        self, codes: NDArray[np.uint32], start: NDArray[np.int64], end: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint32], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.uint64]]:
        """The shape of every character, whether it is kept, which chunks need a closer look, and hashes of shapes."""
        compiled = kernels.compiled()
        if compiled is not None:
            shape, keep = np.empty(len(codes), np.uint32), np.zeros(len(codes), bool)
            look_closer, hashes = np.empty(len(start), bool), np.empty(len(start), np.uint64)
            parts = self._at_end, len(self._at_end), self._inside, len(self._inside)
            rest = _BEFORE_QUOTE, len(_BEFORE_QUOTE), _LONGEST_CHUNK, _LONGEST_UNIT
            ask = codes, _shape.table, len(codes), shape, start, end, len(start), *parts, *rest
            while compiled.shapes(*ask, keep, look_closer, hashes) < 0:
                _shape(codes)  # there is a character that the table does not know yet
            return shape, keep, look_closer, hashes
        shape = _shape(codes)
        digit, letter = shape == _DIGIT, (shape == _SMALL) | (shape == _CAPITAL)
        kind = digit.astype(np.int8) + 2 * letter
        edges = np.flatnonzero(np.diff(kind, prepend=0, append=0))
        of_kind = kind[edges[:-1]]
        run, run_end = edges[:-1][of_kind > 0], edges[1:][of_kind > 0]
        closed = np.append(codes, np.uint32(_LINE_END))
        special = are_among(hash_runs(codes, run, run_end - run), self._at_end)
        special |= are_among(hash_runs(closed, run, run_end - run + 1), self._inside)
        behind_digit = letter[run] & (run > 0) & digit[run - 1] & (run_end - run <= _LONGEST_UNIT)
        for place, stop in zip(run[behind_digit].tolist(), run_end[behind_digit].tolist(), strict=True):
            shape[place:stop] = codes[place:stop]
        alone = run[run_end - run == 1]  # may be part of an emoticon, as in 8) or :D
        shape[alone] = codes[alone]
        quoted = np.flatnonzero(np.isin(codes[:-1], _BEFORE_QUOTE) & (codes[1:] == ord("'")))
        shape[quoted] = codes[quoted]
        look_closer = end - start > _LONGEST_CHUNK
        priced = np.flatnonzero((codes[1:] == ord("$")) & letter[:-1]) + 1  # US$
        where = np.concatenate([run[special], priced])
        look_closer[np.searchsorted(start, where, side="right") - 1] = True
        dotted = np.flatnonzero((codes[:-1] == ord(".")) & digit[1:])  # three may be an address such as 10.0.0.1
        look_closer |= np.bincount(np.searchsorted(start, dotted, side="right") - 1, minlength=len(start)) >= 3
        keep = _keep(shape)
        kept = np.flatnonzero(keep)
        begin, stop = np.searchsorted(kept, np.stack([start, end]))
        return shape, keep, look_closer, hash_runs(shape[kept], begin, stop - begin)

    def _learn(self, shapes: Sequence[str]) -> None:
        """Cut shapes that were given the next numbers."""
        try:
            starts = [offsets_of(np.array(self._tokenizer.cut(shape)))[:-1] for shape in shapes]
        except BaseException:  # an interrupt, say: no shape may have a number and no cut
            self._forget()
            raise
        self._starts = np.concatenate([self._starts, *starts])
        more = offsets_of(np.array([len(of_shape) for of_shape in starts]))[1:]
        self._offsets = np.concatenate([self._offsets, self._offsets[-1] + more])


def _lines(codes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end of the lines that are not empty."""
    compiled = kernels.compiled()
    if compiled is not None:
        most = len(codes) // 2 + 1
        start, end = np.empty(most, np.int64), np.empty(most, np.int64)
        n = compiled.split_lines(codes, len(codes), start, end)
        return start[:n], end[:n]
    line_ends = np.flatnonzero(codes == _LINE_END)
    start, end = np.r_[0, line_ends + 1], np.r_[line_ends, len(codes)]
    filled = np.flatnonzero(end > start)
    return start[filled], end[filled]


def _hashes_of(parts: set[str]) -> NDArray[np.uint64]:
    """The hashes of some strings, ascending."""
    codes = np.array([ord(c) for c in "".join(sorted(parts))], np.uint32)
    length = np.array([len(part) for part in sorted(parts)], np.int64)
    return np.sort(hash_runs(codes, offsets_of(length)[:-1], length))


def _keep(shape: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """All characters but those behind two of the same letter or digit."""
    keep = np.ones(len(shape), bool)
    same = shape[1:] == shape[:-1]
    like = (shape == _SMALL) | (shape == _CAPITAL) | (shape == _DIGIT)
    keep[2:] = ~(like[2:] & same[1:] & same[:-1])
    return keep

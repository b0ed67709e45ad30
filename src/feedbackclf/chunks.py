"""Texts cut at white space: the unit that the engine remembers.

The cuts are found in the bytes of a whole batch at once. Arrow's `utf8_split_whitespace` and `dictionary_encode` do
the same in four times the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feedbackclf import kernels
from feedbackclf.arrays import lengths_of, offsets_of, places_of, positions
from feedbackclf.characters import code_points

STRING, LARGE_STRING = pa.string(), pa.large_string()
MAX_CHARACTERS = 1 << 20
"""What a text has beyond this is not looked at."""
MAX_CHUNK = 256
"""Bytes; what has more of them without white space is no word, and is cut."""

_FIRST_BYTES = np.array([(1 << (8 * n)) - 1 for n in range(8)] + [(1 << 64) - 1], np.uint64)
_FACTORS = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC4CEB9FE1A85EC53)


@dataclass(frozen=True)
class ChunkedTexts:
    """A batch of texts and where their chunks are.

    Attributes:
        data: the texts in UTF-8, one after the other, and 8 bytes more.
        start, end: places of the chunks in `data`, in order, shape (n_chunks,).
        hashes: the same for chunks with the same bytes, shape (n_chunks,).
        offsets: where each text begins in the chunks, shape (n_texts + 1,).
        begin: where each text begins in `data`, shape (n_texts,).
    """

    data: NDArray[np.uint8]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    offsets: NDArray[np.int64]
    begin: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def characters(self) -> NDArray[np.int64]:
        """How many characters come before each byte of `data`, and how many there are."""
        return offsets_of((self.data & 0xC0) != 0x80)

    def joined(self, which: NDArray[np.int64]) -> str:
        """Some of the chunks, parted by line ends."""
        if not len(which):
            return ""
        size = self.end[which] - self.start[which] + 1
        letters = self.data[places_of(self.start[which], size)]
        letters[offsets_of(size)[1:-1] - 1] = ord("\n")
        text: str = letters[:-1].tobytes().decode()
        return text

    def codes(self, which: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Code points of some of the chunks, parted by line ends, with accents composed."""
        compiled = kernels.compiled()
        if compiled is not None:
            codes = np.empty(len(which) * (MAX_CHUNK + 1), np.uint32)
            size = compiled.join_codes(self.data, self.start, self.end, which, len(which), codes)
            if size >= 0:
                return codes[:size]
        return code_points(self.joined(which))

    def distinct(self) -> tuple[list[str], NDArray[np.int64]]:
        """The different chunks as they first come, and for each chunk of each text its place among them."""
        _, first, ids = np.unique(self.hashes, return_index=True, return_inverse=True)
        order = np.argsort(first)
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        return (self.joined(first[order]).split("\n") if len(first) else []), rank[ids]

    def take(self, texts: NDArray[np.int64]) -> ChunkedTexts:
        """Only the given texts."""
        lengths = lengths_of(self.offsets)[texts]
        where = places_of(self.offsets[texts], lengths)
        chunks = self.start[where], self.end[where], self.hashes[where]
        return ChunkedTexts(self.data, *chunks, offsets_of(lengths), self.begin[texts])


def chunk_texts(texts: pa.Array | Sequence[str | None]) -> ChunkedTexts:
    """Cut texts at white space, and between sentences that lack it ("slow.Never"); a null is an empty text."""
    data, bounds = _bytes_of_array(texts) if isinstance(texts, pa.Array) else _bytes_of_strings(texts)
    if kernels.compiled() is not None:
        return _cut(data, bounds)
    cut = np.zeros(len(data) - 7, bool)  # before each byte, and at the end
    cut[bounds] = True
    cut[_glued(data, bounds)] = True
    black = ~_white_space(data)[:-8]
    start, end = _between(black, cut)
    if len(start) and (end - start).max() > MAX_CHUNK:
        cut[_inside_long(data, start, end)] = True
        start, end = _between(black, cut)
    return ChunkedTexts(data, start, end, _hashes(data, start, end), np.searchsorted(start, bounds), bounds[:-1])


def _cut(data: NDArray[np.uint8], bounds: NDArray[np.int64]) -> ChunkedTexts:
    most = len(data) // 2 + len(bounds)  # behind a chunk of one byte is white space or the end
    start, end, hashes = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.uint64)
    offsets = np.empty(len(bounds), np.int64)
    n = kernels.compiled().cut_texts(data, bounds, len(bounds) - 1, MAX_CHUNK, start, end, hashes, offsets)
    return ChunkedTexts(data, start[:n], end[:n], hashes[:n], offsets, bounds[:-1])


def _bytes_of_array(texts: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Texts laid end to end, with 8 bytes more; and where each begins, and the last one ends."""
    if texts.type not in (STRING, LARGE_STRING):
        texts = texts.cast(LARGE_STRING)
    if texts.null_count:
        texts = texts.fill_null("")
    if not len(texts):
        return np.zeros(8, np.uint8), np.zeros(1, np.int64)
    bounds = bounds_of(texts)
    begin, size = int(bounds[0]), int(bounds[-1] - bounds[0])
    if size > MAX_CHARACTERS and lengths_of(bounds).max() > MAX_CHARACTERS:
        return _bytes_of_strings(texts.to_pylist())
    data = np.zeros(size + 8, np.uint8)
    if size:
        data[:-8] = np.frombuffer(texts.buffers()[2], np.uint8, size, begin)
    return data, bounds - begin


def bounds_of(texts: pa.Array) -> NDArray[np.int64]:
    """Where the strings of an array that is not empty begin in its bytes, and where the last one ends."""
    kind = np.dtype(np.int32 if texts.type == STRING else np.int64)
    offsets = np.frombuffer(texts.buffers()[1], kind, len(texts) + 1, kind.itemsize * texts.offset)
    return offsets.astype(np.int64)


def _bytes_of_strings(texts: Sequence[str | None]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The same; for few strings it takes less time than to make an Arrow array of them."""
    encoded = [(text or "")[:MAX_CHARACTERS].encode() for text in texts]
    data = np.frombuffer(b"".join([*encoded, bytes(8)]), np.uint8)
    return data, offsets_of(np.array([len(text) for text in encoded], np.int64))


def _between(black: NDArray[np.bool_], cut: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end of each run of bytes that are no white space, cut before the bytes where `cut` says so."""
    before, after = cut[:-1].copy(), cut[1:].copy()
    before[1:] |= ~black[:-1]
    after[:-1] |= ~black[1:]
    return np.flatnonzero(black & before), np.flatnonzero(black & after) + 1


@cache
def _wide_spaces() -> list[bytes]:
    """White space of more than one byte."""
    return [space.encode() for space in map(chr, range(0x80, 0x3001)) if space.isspace()]


def _white_space(data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    white: NDArray[np.bool_] = (data == 32) | ((data >= 9) & (data <= 13)) | ((data >= 28) & (data <= 31))
    lead = np.zeros(len(data), bool)
    for byte in {space[0] for space in _wide_spaces()}:
        lead |= data == byte
    at = np.flatnonzero(lead)
    for space in _wide_spaces() if len(at) else ():
        found = at[data[at] == space[0]]
        for place, byte in enumerate(space[1:], start=1):
            found = found[data[found + place] == byte]
        for place in range(len(space)):
            white[found + place] = True
    return white


def _glued(data: NDArray[np.uint8], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where people forget the blank between sentences: before a capital after . ! ? after a small letter.

    Letters are those of Latin-1, which has all that these languages use.
    """
    stop = (data == ord(".")) | (data == ord("!")) | (data == ord("?"))
    places = np.flatnonzero(stop)
    if not len(places):
        return places
    after, second = data[places + 1], data[np.minimum(places + 2, len(data) - 1)]
    wide = (after == 0xC3) & (second >= 0x80) & (second <= 0x9E) & (second != 0x97)
    behind = ((after >= ord("A")) & (after <= ord("Z"))) | wide
    row_start = np.maximum.accumulate(np.where(stop[places - 1], 0, places))  # of the row of stops that each is in
    places, last = places[behind], row_start[behind] - 1  # the last byte before the stops
    before, lead = data[last], data[last - 1]
    wide = (lead == 0xC3) & (before >= 0x9F) & (before <= 0xBF) & (before != 0xB7)
    small = ((before >= ord("a")) & (before <= ord("z"))) | wide
    same_text = np.searchsorted(bounds, last, "right") == np.searchsorted(bounds, places, "right")
    return np.asarray(places[small & same_text] + 1)


def _inside_long(data: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where to cut chunks that are too long, never inside a character."""
    long = np.flatnonzero(end - start > MAX_CHUNK)
    pieces = (end[long] - start[long] - 1) // MAX_CHUNK
    nth, owner = positions(pieces)
    places: NDArray[np.int64] = start[long][owner] + (nth + 1) * MAX_CHUNK
    for _ in range(3):
        places -= (data[places] & 0xC0) == 0x80
    return places


def _hashes(data: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.uint64]:
    eight = np.lib.stride_tricks.as_strided(
        np.frombuffer(data, "<u8", count=1), (len(data) - 7,), (1,), writeable=False
    )  # the 8 bytes from each place on, as one number
    length = end - start
    hashes = _mix((eight[start] & _FIRST_BYTES[np.minimum(length, 8)]) ^ (length.view(np.uint64) * _FACTORS[0]))
    longer, at = np.flatnonzero(length > 8), 8
    while len(longer):
        left = length[longer] - at
        piece = eight[start[longer] + at] & _FIRST_BYTES[np.minimum(left, 8)]
        hashes[longer] = _mix(hashes[longer] ^ piece)
        longer, at = longer[left > 8], at + 8
    return hashes


def _mix(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for factor in _FACTORS:
        hashes *= factor
        hashes ^= hashes >> np.uint64(32)
    return hashes

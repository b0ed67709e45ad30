"""`weights.npz` out of the hands of strangers: nothing is unpacked or evaluated, and nothing is bigger than the file.

`np.load` would unpack what is compressed, evaluate headers as Python literals, and allocate what a header says.
"""

from __future__ import annotations

import io
import math
import re
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf.features import N_BUCKETS
from feedbackclf.phrases import MAX_DIMS

PHRASE = "phrase_"
_HALF = "<f2"
_TABLE = {"buckets": ("<i4", 1), "weights": (_HALF, 2), "norm2": ("<f4", 1), "intercepts": ("<f4", 1)}
_FIRST = {
    "head_coefficients": ("<f4", 2),
    "head_intercepts": ("<f4", 1),
    **{f"{table}_{name}": kind for table in ("feedback", "language") for name, kind in _TABLE.items()},
}
_PHRASES = {
    "buckets": ("<i4", 1),
    "embeddings": ("|i1", 2),
    "filters": ("|i1", 2),
    "units": ("<f4", 1),
    "bias": ("<i2", 1),
    "weights": ("<f4", 2),
    "intercepts": ("<f4", 1),
}
KINDS: Mapping[int, Mapping[str, tuple[str, int]]] = {
    1: _FIRST,
    2: _FIRST | {PHRASE + name: kind for name, kind in _PHRASES.items()},
}
"""Type and number of dimensions of each array, by format version."""

_ANY_ORDER = {PHRASE + "weights"}
"""NumPy writes an array in the order that it has in memory, and only this one may have any."""
_LARGEST_FILE, _LARGEST_REST = 1 << 30, 64 << 20
"""Bytes: of all, and of what is not by bucket."""
_END, _END_MARK = struct.Struct("<4s4H2LH"), b"PK\x05\x06"
_ZIP64_SIZE, _ZIP64_MARK = 20, b"PK\x06\x07"
_LOCAL, _LOCAL_MARK = struct.Struct("<4s5H3L2H"), b"PK\x03\x04"
_ENTRY_ROOM = 256
"""More than the list of contents needs for an array."""
_MARK, _BEFORE_HEADER = b"\x93NUMPY\x01\x00", 10
_HEADER = re.compile(
    rb"{'descr': '([<>|][a-z]\d{1,2})', 'fortran_order': (True|False), 'shape': \((\d{1,10}(?:,|, \d{1,10}))\), } *\n"
)


def most_bytes(n_columns: int, n_classes: int) -> int:
    """How many bytes the file of a model with so many columns and language classes may have."""
    per_bucket = sum((8 + 2 * n_columns, 8 + 2 * n_classes, 4 + MAX_DIMS + 1))
    return min(N_BUCKETS * per_bucket + _LARGEST_REST, _LARGEST_FILE)


def read_arrays(content: bytes, kinds: Mapping[str, tuple[str, int]]) -> dict[str, NDArray[Any]]:
    """Arrays by name. Those in half precision are views of the content where they can be, and not to be written to.

    Args:
        content: an archive as `np.savez` writes it.
        kinds: what it is to hold, see `KINDS`.

    Raises:
        ValueError: it is not exactly that.
    """
    entries = _entries(content, len(kinds))
    missing = sorted(name for name in kinds if f"{name}.npy" not in entries)
    if missing:
        raise ValueError(f"{missing[0]} is missing")
    files = {name: _file(name, content, entries[f"{name}.npy"]) for name in kinds}
    if sum(map(len, files.values())) > len(content):
        raise ValueError("arrays that lie upon each other")
    return {name: _array(name, files[name], *kind) for name, kind in kinds.items()}


def _entries(content: bytes, n: int) -> dict[str, zipfile.ZipInfo]:
    """What the contents of an archive list, by name; n things are to be there."""
    end = len(content) - _END.size
    if end < 0 or content[max(end - _ZIP64_SIZE, 0) : end].startswith(_ZIP64_MARK):
        raise ValueError("no archive as NumPy writes it")
    # Looked at first, since `zipfile` makes an object of whatever is listed.
    mark, _, _, _, n_listed, size, begin, comment = _END.unpack_from(content, end)
    if mark != _END_MARK or begin + size != end or comment:
        raise ValueError("no archive as NumPy writes it")
    if n_listed != n or size > n * _ENTRY_ROOM:
        raise ValueError(f"an archive of {n_listed} arrays, not of {n}")
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        raise ValueError("no archive as NumPy writes it") from None
    if len(entries) != n:
        raise ValueError(f"an archive of {len(entries)} arrays, not of {n}")
    return {entry.filename: entry for entry in entries}


def _file(name: str, content: bytes, entry: zipfile.ZipInfo) -> memoryview:
    """The bytes of one file in an archive. Their checksum is left out: that of all of the content was right."""
    begin = entry.header_offset
    if entry.flag_bits or entry.compress_type or not 0 <= begin <= len(content) - _LOCAL.size:
        raise ValueError(f"{name} is compressed, encrypted or out of place")
    mark, _, flags, method, _, _, _, _, _, *lengths = _LOCAL.unpack_from(content, begin)
    data = begin + _LOCAL.size + sum(lengths)
    if mark != _LOCAL_MARK or flags or method or data + entry.file_size > len(content):
        raise ValueError(f"{name} is compressed, encrypted or out of place")
    return memoryview(content)[data : data + entry.file_size]


def _array(name: str, file: memoryview, kind: str, n_dims: int) -> NDArray[Any]:
    if bytes(file[: len(_MARK)]) != _MARK or len(file) < _BEFORE_HEADER:
        raise ValueError(f"{name} is no array as NumPy writes it")
    begin = _BEFORE_HEADER + int.from_bytes(file[len(_MARK) : _BEFORE_HEADER], "little")
    header = _HEADER.fullmatch(file[_BEFORE_HEADER:begin])
    if header is None:
        raise ValueError(f"{name} is no array as NumPy writes it")
    found, by_columns = header[1].decode(), header[2] == b"True"
    shape = tuple(int(number) for number in header[3].replace(b",", b" ").split())
    if found != kind or len(shape) != n_dims or (by_columns and name not in _ANY_ORDER):
        raise ValueError(f"{name} of type {found} and shape {shape}{' by columns' if by_columns else ''}")
    if math.prod(shape) * np.dtype(kind).itemsize != len(file) - begin:
        raise ValueError(f"{name} of shape {shape} in {len(file) - begin} bytes")
    array: NDArray[Any] = np.ndarray(shape, kind, file[begin:], order="F" if by_columns else "C")
    # Tables make rows of what is in half precision. The rest is copied, so that the content need not stay for it.
    return array if kind == _HALF and array.flags.aligned else array.copy(order="K")

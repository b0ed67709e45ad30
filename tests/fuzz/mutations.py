"""What happens to the files of a model folder on bad days: random edits of bytes, arrays and JSON."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.damage import Entry

Arrays = dict[str, NDArray[Any]]

ODD_NUMBERS = [0, -1, 1, 2, 127, -128, 255, 601, 65504, 2**21, 2**31 - 1, -(2**31), 2**63, 2**64, 10**30, -(10**400)]
ODD_FLOATS = [
    0.0,
    -0.0,
    0.5,
    1.5,
    -1e-9,
    1e-45,
    1e9,
    1.1e9,
    3e38,
    -3e38,
    1e308,
    float("nan"),
    float("inf"),
    -float("inf"),
]
ODD_TEXTS = [
    "",
    "x",
    "nl",
    "zz",
    "und",
    "../x",
    "/etc/passwd",
    "a\nb",
    "\x1b[2J",
    "\x00",
    "\ud800",
    "²",
    "x" * 300,
    "🇳🇱",
]
ODD_BYTES = [
    b"",
    b"\0",
    b"\xff" * 4,
    b"\0" * 8,
    b"PK\3\4",
    b"PK\1\2",
    b"PK\5\6",
    b"PK\6\7",
    b"\x93NUMPY\1\0",
    b"(9999999999,)",
]
ODD_JSON = [
    b"NaN",
    b"1e999",
    b"-",
    b"[" * 5000,
    b'{"a":' * 5000,
    b"\xff",
    b'"\\ud800"',
    b"9" * 5000,
    b"true",
    b"null",
    b"}",
]
DTYPES = [
    "<f2",
    "<f4",
    "<f8",
    ">f4",
    "<i4",
    ">i4",
    "<i8",
    "|i1",
    "|u1",
    "<i2",
    "<u4",
    "<c8",
    "|b1",
    "<U2",
    "|S3",
    "<M8[s]",
]

ODD_VALUES = st.sampled_from([None, True, False, [], {}, [[]], {"a": 1}, *ODD_NUMBERS, *ODD_FLOATS, *ODD_TEXTS])
LETTERS = st.text("ab.0\n\0²é👍\ud800", max_size=5)  # few, since it takes Hypothesis seconds to learn of all there are
VALUES = ODD_VALUES | st.recursive(
    ODD_VALUES | LETTERS,
    lambda x: st.lists(x, max_size=3) | st.dictionaries(LETTERS, x, max_size=3),
)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "over", "insert", "cut", "delete"]),
        st.integers(0, 2**20),
        st.integers(0, 80),
        st.booleans(),
        st.sampled_from(ODD_BYTES) | st.binary(max_size=8),
    ),
    min_size=1,
    max_size=4,
)


def edited(content: bytes, edits: list[tuple[str, int, int, bool, bytes]]) -> bytes:
    """Content with some of its bytes changed, either anywhere or near where a record of the archive begins."""
    for how, place, behind, anywhere, new in edits:
        marks = [found.start() for found in re.finditer(rb"PK|\x93NUMPY|[{}:]", content)]
        at = place % max(len(content), 1) if anywhere or not marks else marks[place % len(marks)] + behind
        if how == "flip" and at < len(content):
            content = content[:at] + bytes([content[at] ^ (1 << place % 8)]) + content[at + 1 :]
        elif how == "over":
            content = content[:at] + new + content[at + len(new) :]
        elif how == "insert":
            content = content[:at] + new + content[at:]
        elif how == "cut":
            content = content[:at]
        elif how == "delete":
            content = content[:at] + content[at + len(new) :]
    return content


RESHAPED: list[Callable[[NDArray[Any]], NDArray[Any]]] = [
    lambda found: found[1:],
    lambda found: found[:0],
    lambda found: found[..., 1:],
    lambda found: found.T,
    lambda found: found[None],
    lambda found: found.reshape(-1),
    lambda found: found[..., None],
    lambda found: np.concatenate([found, found]),
    np.asfortranarray,
]
# All is drawn before anything is changed: what comes of a cast that cannot be may be this or that.
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["fill", "fill", "fill", "cast", "view", "shape", "swap", "rename"]),
        st.integers(0, 99),
        st.integers(0, 2**20),
        st.sampled_from([*ODD_NUMBERS, *ODD_FLOATS]),
        st.sampled_from(DTYPES),
        st.sampled_from(RESHAPED),
    ),
    min_size=1,
    max_size=3,
)
Change = tuple[str, int, int, float, str, Callable[[NDArray[Any]], NDArray[Any]]]


def changed_arrays(arrays: Arrays, changes: list[Change]) -> Arrays:
    """Arrays of which some have other numbers, types, shapes or names."""
    arrays = dict(arrays)
    for how, which, place, value, kind, reshape in changes:
        name, other = (sorted(arrays)[at % len(arrays)] for at in (which, place))
        # Not everything can be had of an array that was changed before.
        with (
            suppress(IndexError, OverflowError, RuntimeError, RuntimeWarning, TypeError, ValueError),
            np.errstate(all="ignore"),
        ):
            if how == "fill" and arrays[name].size:
                found = arrays[name].copy()
                found.flat[place % found.size] = np.array(value).astype(found.dtype)
                arrays[name] = found
            elif how == "cast":
                arrays[name] = arrays[name].astype(kind)
            elif how == "view":
                arrays[name] = arrays[name].view(kind)
            elif how == "shape":
                arrays[name] = reshape(arrays[name])
            elif how == "swap":
                arrays[name], arrays[other] = arrays[other], arrays[name]
            elif how == "rename":
                arrays[f"{other}_more"] = arrays.pop(name)
    return arrays


@st.composite
def changed_entries(draw: Callable[..., Any], entries: list[Entry]) -> list[Entry]:
    """Files of an archive, some of them compressed, doubled, left out, renamed or in another place."""
    entries = list(entries)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(entries) - 1))
        name, content, how = entries[at]
        ways = [
            [(name, content, zipfile.ZIP_DEFLATED)],
            [(name, content, how)] * 2,
            [],
            [(draw(st.sampled_from([t for t in ODD_TEXTS if t and t.isprintable()])), content, how)],
            [(name, edited(content, draw(EDITS)), how)],
        ]
        entries[at : at + 1] = draw(st.sampled_from(ways))
        if not entries:
            break
        entries.append(entries.pop(draw(st.integers(0, len(entries) - 1))))
    return entries


@st.composite
def changed_json(draw: Callable[..., Any], description: dict[str, Any]) -> bytes:
    """A description with other values, fewer keys or more of them anywhere."""
    description = deepcopy(description)
    for _ in range(draw(st.integers(1, 3))):
        at: Any = description
        while True:
            if not at:
                break
            key = draw(st.sampled_from(sorted(at))) if isinstance(at, dict) else draw(st.integers(0, len(at) - 1))
            if isinstance(at[key], dict | list) and at[key] and draw(st.integers(0, 3)):
                at = at[key]
                continue
            how = draw(st.sampled_from(["replace", "replace", "drop", "add"]))
            if how == "replace":
                at[key] = deepcopy(draw(VALUES))
            elif how == "drop":
                del at[key]
            elif isinstance(at, dict):
                at[draw(st.sampled_from(ODD_TEXTS) | LETTERS)] = deepcopy(draw(VALUES))
            else:
                at.append(deepcopy(draw(VALUES)) if draw(st.booleans()) else at[key])
            break
    text = json.dumps(description, ensure_ascii=draw(st.booleans()))
    return text.encode("utf-8", "surrogatepass")


@st.composite
def changed_text(draw: Callable[..., Any], content: bytes) -> bytes:
    """A description with bytes that are none of JSON, or of other JSON."""
    content = edited(content, draw(EDITS))
    at = draw(st.integers(0, len(content)))
    return content[:at] + draw(st.sampled_from([b"", *ODD_JSON])) + content[at:]

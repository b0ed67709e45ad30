"""Whatever a file holds, it is read whole or told of in one line: no traceback, no text in a message, no hang.

How many of each kind could be read shows with `pytest -s`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.checks import check_found, check_line, check_written, read
from tests.fuzz.edits import ODD_BYTES, ODD_TEXT, ODD_XML, Edit, edited, edits, soups
from tests.fuzz.rounds import in_rounds, scratch
from tests.fuzz.valid import ARCHIVES, PACKERS, PARQUETS, TEXTS, WORKBOOKS, Parts, packed

FUZZ = in_rounds(6, seconds=5)

FORMATS = ["csv", "tsv", "jsonl", "parquet", "xlsx"]
ENCODINGS = [
    *["utf-8", "utf-8-sig", "ascii", "cp1252", "latin-1", "utf-16", "utf-16-be", "utf-32", "cp850", "mac-roman"],
    *["shift_jis", "gb18030", "big5", "euc_kr", "hz", "iso2022_jp", "cp037", "utf-7", "rot13", "idna", "klingon"],
    *["", "\0", "a\nb", "undefined", "unicode_escape", "zip"],
]
DELIMITERS = [",", ";", "tab", "|", " ", "'", "\\", ".", "\x1f", "[", "^", "-", "::", "x", "", '"', "\n", "é"]


@dataclass(frozen=True)
class How:
    """The way a file is read.

    Attributes:
        said: what says the format: `extension`, `option`, or an option that names this one whatever the file is.
        options: others of `open_reader`.
        limits: sizes in the readers that are smaller than usual, so that small files reach them.
        is_written: whether what is read is also written, and read again.
    """

    said: str
    options: dict[str, Any]
    limits: dict[str, int]
    is_written: bool


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([*[None] * 4 * len(values), *values])


LIMITS = [
    *[{}] * 4,
    *({"_BLOCK_BYTES": size} for size in [1, 2, 3, 7, 50]),
    *({"BATCH_ROWS": rows} for rows in [1, 2, 3]),
    *({"_BLOCK_BYTES": size, "LONGEST_ROW": size + 5, "_KEPT_BYTES": 4, "_SKIPPED_BYTES": 3} for size in [1, 9, 50]),
    *({"_BATCH_CELLS": cells} for cells in [1, 5, 20]),
    *({"_HEADER_BYTES": size, "_SAMPLE_BYTES": size} for size in [4, 40, 100]),
]
HOWS = st.builds(
    How,
    said=st.sampled_from(["extension"] * 30 + ["option"] * 15 + FORMATS),
    options=st.fixed_dictionaries(
        {
            "encoding": maybe(*ENCODINGS),
            "delimiter": maybe(*DELIMITERS),
            "all_columns": st.booleans(),
            "sheet": maybe("blad 2", "a\nb"),
        }
    ),
    limits=st.sampled_from(LIMITS),
    is_written=st.sampled_from([True, False, False, False]),
)
USUAL = How("extension", {"all_columns": True}, {}, True)
TEXT_FILES = st.sampled_from([(format, file) for format, files in TEXTS.items() for file in files])
PACKINGS = st.sampled_from(["", "", *PACKERS])
Check = Callable[[bytes, str, How], None]
"""Reads a file with these bytes and this extension."""


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    """Reads a file and looks at what comes of it."""
    tried: Counter[str] = Counter()
    with scratch() as folder:

        def checked(data: bytes, extension: str, how: How) -> None:
            _, format, *packing = extension.split(".")
            path = Path(folder, "a" + ("." + "".join(packing) if how.said == "option" else extension))
            path.write_bytes(data)
            kind = {"extension": None, "option": format}.get(how.said, how.said)
            found = read(path, how.limits, format=kind, **how.options)
            tried[f"{extension} {'told' if isinstance(found, str) else 'read'}"] += 1
            if isinstance(found, str):
                check_line(found)
                return
            check_found(found, path)
            if how.is_written:
                check_written(found, Path(folder))

        for format, files in {**TEXTS, "parquet": PARQUETS, "xlsx": WORKBOOKS}.items():
            for file in files:
                checked(file, f".{format}", USUAL)
        assert not any("told" in what for what in tried)
        tried.clear()
        yield checked
        print(f"\n{dict(sorted(tried.items()))}")


@FUZZ
@given(file=TEXT_FILES, other=TEXT_FILES, changes=edits(ODD_TEXT), packing=PACKINGS, how=HOWS)
def test_edited_text(
    nth: int,
    check: Check,
    file: tuple[str, bytes],
    other: tuple[str, bytes],
    changes: list[Edit],
    packing: str,
    how: How,
) -> None:
    check(PACKERS[packing](edited(file[1], changes, other[1])), f".{file[0]}{packing}", how)


@FUZZ
@given(format=st.sampled_from([*TEXTS]), data=soups(), packing=PACKINGS, how=HOWS)
def test_soup(nth: int, check: Check, format: str, data: bytes, packing: str, how: How) -> None:
    check(PACKERS[packing](data), f".{format}{packing}", how)


@FUZZ
@given(file=TEXT_FILES, changes=edits(ODD_BYTES), packing=st.sampled_from([".gz", ".zst"]), how=HOWS)
def test_edited_packing(
    nth: int, check: Check, file: tuple[str, bytes], changes: list[Edit], packing: str, how: How
) -> None:
    data = PACKERS[packing](file[1])
    check(edited(data, changes, data), f".{file[0]}{packing}", how)


@FUZZ
@given(file=st.sampled_from(PARQUETS), other=st.sampled_from(PARQUETS), changes=edits(ODD_BYTES), how=HOWS)
def test_edited_parquet(nth: int, check: Check, file: bytes, other: bytes, changes: list[Edit], how: How) -> None:
    check(edited(file, changes, other), ".parquet", how)


@FUZZ
@given(file=st.sampled_from(WORKBOOKS), other=st.sampled_from(WORKBOOKS), changes=edits(ODD_BYTES), how=HOWS)
def test_edited_workbook(nth: int, check: Check, file: bytes, other: bytes, changes: list[Edit], how: How) -> None:
    check(edited(file, changes, other), ".xlsx", how)


@FUZZ
@given(
    parts=st.sampled_from(ARCHIVES),
    where=st.sampled_from(["sheet1", "sheet1", "sheet1", "Strings", "styles", "workbook", "rels", ""]),
    changes=edits(ODD_XML),
    moved=st.none() | st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()),
    how=HOWS,
)
def test_edited_parts_of_a_workbook(
    nth: int,
    check: Check,
    parts: Parts,
    where: str,
    changes: list[Edit],
    moved: tuple[int, int, bool] | None,
    how: How,
) -> None:
    """The archive is sound, and what is in it is not."""
    parts = list(parts)
    at = max(at for at, (name, _) in enumerate(parts) if where in name or name.endswith("sheet1.xml"))
    parts[at] = parts[at][0], edited(parts[at][1], changes, parts[at - 1][1])
    if moved is not None:
        at, to, is_dropped = moved
        parts[at : at + 1] = [] if is_dropped else [(parts[to][0], parts[at][1])]
    check(packed(parts), ".xlsx", how)

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedbackclf.characters import (
    CAPITAL,
    LETTER,
    LETTER_OR_DIGIT,
    CharacterTable,
    are,
    fold,
    hash_runs,
)

MANY = np.r_[:0x3100, 0xA640:0xABFF, 0xF900:0x20000, sys.maxunicode].astype(np.uint32)


@pytest.mark.parametrize(
    ("kind", "method"), [(LETTER, str.isalpha), (LETTER_OR_DIGIT, str.isalnum), (CAPITAL, str.isupper)]
)
def test_kinds_are_pythons(kind: int, method: object) -> None:
    found = are(kind, MANY)
    assert found.dtype == bool
    assert found.tolist() == [method(chr(code)) for code in MANY.tolist()]  # type: ignore[operator]


def test_folding_lowers_and_hides_digits() -> None:
    codes = np.array([ord(c) for c in "ÉzZß’‘`´'7²٣İ日"], np.uint32)
    assert "".join(map(chr, fold(codes))) == "ézzß'''''000İ日"
    assert fold(np.zeros(0, np.uint32)).tolist() == []


def test_a_property_is_computed_once() -> None:
    seen: list[str] = []
    table = CharacterTable(lambda character: seen.append(character) or 7)  # type: ignore[func-returns-value]
    for _ in range(2):
        assert table(np.array([0, 5, 0, sys.maxunicode], np.uint32)).tolist() == [7] * 4
    assert seen == ["\0", "\5", chr(sys.maxunicode)]


@given(st.lists(st.text(min_size=1, max_size=6), max_size=8))
def test_hashes_of_runs_are_equal_where_runs_are(runs: list[str]) -> None:
    codes = np.array([ord(c) for c in "".join(runs)], np.uint32)
    length = np.array([len(run) for run in runs], np.int64)
    hashes = hash_runs(codes, np.cumsum(length) - length, length)
    assert len(set(hashes.tolist())) == len(set(runs))
    assert len(set(zip(hashes.tolist(), runs, strict=True))) == len(set(runs))


def test_hashes_of_runs_do_not_depend_on_where_they_stand() -> None:
    codes = np.array([ord(c) for c in "abcab" + "x" * 10_000], np.uint32)
    found = hash_runs(codes, np.array([0, 3, 5, 5_000]), np.array([2, 2, 5_000, 5_000]))
    assert found[0] == found[1]
    assert found[2] == found[3]
    assert 0 not in found

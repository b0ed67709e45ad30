"""The small regular expressions find what the large ones do."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedbackclf.regexes import Alike, any_of, reduce_characters
from tests.messy import ANY_TEXT, MESSY

PATTERNS = [r"[a-zà-öα-ω]+", r"(?<=[0-9×])[^\W\d_]", r"[А-Яа-я]|№|\w-[日-本]", r"[\]\[^-]\d", r"[😀-🙏]{2}"]
TEXT = MESSY | ANY_TEXT | st.text(st.sampled_from("aZéàωΩ×÷яЯ№日本語5٣_-^[]😀🙏👍 "), max_size=30)


@pytest.fixture(scope="module")
def reduced() -> tuple[list[re.Pattern[str]], Alike]:
    patterns, runs = reduce_characters(PATTERNS)
    return list(map(re.compile, patterns)), Alike(runs)


@given(text=TEXT)
@settings(max_examples=300, deadline=None)
def test_reduced_patterns_match_in_the_same_places(text: str, reduced: tuple[list[re.Pattern[str]], Alike]) -> None:
    patterns, alike = reduced
    seen = alike.in_text(text)
    assert len(seen) == len(text)
    assert alike.in_text(seen) == seen
    for pattern, original in zip(patterns, PATTERNS, strict=True):
        places = [match.span() for match in re.finditer(original, text)]
        assert [match.span() for match in pattern.finditer(seen)] == places


def test_what_stands_for_a_character_is_the_first_that_is_like_it() -> None:
    patterns, runs = reduce_characters(["[α-ω]x", "é"])
    alike = Alike(runs)
    assert patterns == ["[α]x", "é"]
    assert alike.in_text("ωxαx") == "αxαx"
    assert alike.in_text("é") == "é"
    assert alike.in_text("plain ASCII {}[]") == "plain ASCII {}[]"
    assert [run for run in runs if run[0] <= 127] == []
    assert runs == sorted(runs)


def test_everything_is_alike_what_it_is_in_a_run_with() -> None:
    runs = [(0xE0, 0xE5, 0xE0), (0x3B1, 0x3C9, 0xE0)]
    alike = Alike(runs)
    exchanged = {chr(code): alike.in_text(chr(code)) for code in (0xDF, 0xE0, 0xE5, 0xE6, 0x3B0, 0x3C9, sys.maxunicode)}
    assert {a: b for a, b in exchanged.items() if a != b} == {"å": "à", "ω": "à"}


@given(text=st.text(st.sampled_from("ab.^]\\-[&x$*"), max_size=12))
def test_one_pattern_for_several(text: str) -> None:
    patterns = [r"\.\.+", "a", r"\^", r"\]", r"\\", "-", "", " ", r"\[", "&", "&&", "x$", r"\*"]
    plain = "|".join(pattern for pattern in patterns if pattern.strip())
    assert [x.span() for x in re.finditer(any_of(patterns), text)] == [x.span() for x in re.finditer(plain, text)]


def test_single_characters_in_a_row_become_one_set() -> None:
    assert any_of(["a", r"\.", "]", "bc", "d"]) == r"[a\.\]]|bc|[d]"

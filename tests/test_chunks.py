"""Chunks found in bytes are those that Python's own `str.split` and a regular expression give."""

from __future__ import annotations

import re
import sys
import time
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedbackclf.chunks import MAX_CHARACTERS, MAX_CHUNK, ChunkedTexts, chunk_texts
from tests.messy import BLANKS, MESSY, TEXTS

GLUED = re.compile(r"([a-zß-öø-ÿ][.!?]+)(?=[A-ZÀ-ÖØ-Þ])")
STOPS = st.text(st.sampled_from("aZéÉ×÷ßÞÿ.!?,x"), max_size=15)


def strings(chunked: ChunkedTexts) -> list[list[str]]:
    """The chunks of each text, from the bytes themselves."""
    data = chunked.data.tobytes()
    chunks = [data[a:b].decode() for a, b in zip(chunked.start.tolist(), chunked.end.tolist(), strict=True)]
    return [chunks[a:b] for a, b in pairwise(chunked.offsets.tolist())]


def chunks_of(*texts: str | None) -> list[list[str]]:
    return strings(chunk_texts(pa.array(texts, pa.string())))


def expected(text: str) -> list[str]:
    """The same, written so that it is plain to see."""
    return [piece for word in GLUED.sub(r"\1 ", text).split() for piece in pieces(word.encode())]


def pieces(word: bytes) -> list[str]:
    places = [0]
    for place in range(MAX_CHUNK, len(word), MAX_CHUNK):
        while word[place] & 0xC0 == 0x80:
            place -= 1
        places.append(place)
    return [word[a:b].decode() for a, b in pairwise([*places, len(word)])]


@given(texts=st.lists(MESSY | st.none(), max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_list_of_strings_is_cut_as_an_array(texts: list[str | None]) -> None:
    found, expected = chunk_texts(texts), chunk_texts(pa.array(texts, pa.string()))
    assert found.hashes.tolist() == expected.hashes.tolist()
    assert found.offsets.tolist() == expected.offsets.tolist()


@given(texts=st.lists(MESSY | STOPS | st.lists(STOPS | BLANKS).map("".join), max_size=6) | TEXTS)
@settings(max_examples=300, deadline=None)
def test_chunks_are_what_stands_between_white_space_and_sentences(texts: list[str]) -> None:
    assert chunks_of(*texts) == [expected(text) for text in texts]


def test_every_character_that_python_calls_white_space_parts_chunks_and_no_other() -> None:
    characters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    texts = [f"a{character}b" for character in characters]
    chunked = chunk_texts(pa.array(texts))
    parted = [characters[place] for place in np.flatnonzero(np.diff(chunked.offsets) == 2).tolist()]
    assert parted == [character for character in characters if character.isspace()]
    assert np.diff(chunked.offsets).max() == 2


@pytest.mark.parametrize("space", [chr(code) for code in range(0x3001) if chr(code).isspace()])
def test_white_space_at_the_edges_is_never_a_chunk(space: str) -> None:
    assert chunks_of(space, f"{space}é", f"é{space}", f"{space * 2}a{space}{space}b{space}") == [
        [], ["é"], ["é"], ["a", "b"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "chunks"),
    [
        ("slow.Never", ["slow.", "Never"]),
        ("traag!!!Écht", ["traag!!!", "Écht"]),
        ("café?Ærlig", ["café?", "Ærlig"]),
        ("U.S.A.", ["U.S.A."]),
        ("a.×b a÷.B", ["a.×b", "a÷.B"]),
        ("ж.Ж ę.Ę", ["ж.Ж", "ę.Ę"]),  # not in Latin-1
        (".Ab", [".Ab"]),
        ("1.A", ["1.A"]),
    ],
)
def test_sentences_are_parted_where_the_blank_is_missing(text: str, chunks: list[str]) -> None:
    assert chunks_of(text) == [chunks]


def test_a_sentence_does_not_go_on_in_the_next_text() -> None:
    assert chunks_of("ja.", "..Nee", "a", ".B", "é", "", "!Ü") == [["ja."], ["..Nee"], ["a"], [".B"], ["é"], [], ["!Ü"]]


def test_nothing_and_null_have_no_chunks() -> None:
    assert chunks_of("", None, " \n\t ") == [[], [], []]
    assert chunks_of() == []
    assert strings(chunk_texts(pa.array([None, None]))) == [[], []]
    nothing = chunk_texts(pa.array([], pa.string()))
    assert (len(nothing), nothing.hashes.tolist(), nothing.distinct()[0]) == (0, [], [])
    assert nothing.joined(np.arange(0)) == ""


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_chunks_of_sliced_arrays_of_any_kind(kind: pa.DataType) -> None:
    texts = pa.array(["weg ermee", " a bé ", None, "bé c", "weg"], pa.string()).cast(kind)
    assert strings(chunk_texts(texts[1:4])) == [["a", "bé"], [], ["bé", "c"]]


@pytest.mark.parametrize("letter", ["x", "é", "日", "👍"])
@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_long_chunks_are_cut_between_characters(letter: str, before: str) -> None:
    word = before + letter * 700
    (found,) = chunks_of(f"ja {word} nee")
    assert found == ["ja", *pieces(word.encode()), "nee"]
    assert "".join(found[1:-1]) == word
    assert max(len(chunk.encode()) for chunk in found) < MAX_CHUNK + 4
    assert chunks_of("x" * MAX_CHUNK) == [["x" * MAX_CHUNK]]


def test_of_a_very_long_text_only_the_beginning_is_looked_at() -> None:
    longest = "é " * (MAX_CHARACTERS // 2)
    found = chunks_of(f"{longest}niet meer", "wel", longest)
    assert [len(chunks) for chunks in found] == [MAX_CHARACTERS // 2, 1, MAX_CHARACTERS // 2]
    assert found[0] == found[2]


@pytest.mark.parametrize("text", ["a" + "." * 500_000 + "B", "a.B" * 150_000, "é" * 300_000, "\u3000.é" * 100_000])
def test_no_text_takes_long(text: str) -> None:
    started = time.perf_counter()
    chunk_texts(pa.array([text] * 2)).hashes  # noqa: B018
    assert time.perf_counter() - started < 2


@given(texts=TEXTS | st.lists(st.text(st.sampled_from("ab\0é"), max_size=20), max_size=8))
@settings(max_examples=200, deadline=None)
def test_hashes_are_equal_where_chunks_are(texts: list[str]) -> None:
    chunked = chunk_texts(pa.array(texts, pa.string()))
    chunks = [chunk for of_text in strings(chunked) for chunk in of_text]
    by_hash = dict(zip(chunked.hashes.tolist(), chunks, strict=True))
    assert [by_hash[number] for number in chunked.hashes.tolist()] == chunks
    assert len(by_hash) == len(set(chunks))


def test_hashes_differ_for_chunks_that_differ_little() -> None:
    words = [a * n + b + c for n in range(30) for a in "ab\0" for b in ("", "x", "\0", "é") for c in ("", "\0", "\1")]
    distinct = sorted({word for word in words if word})
    hashes = chunk_texts(pa.array(distinct)).hashes
    assert len(np.unique(hashes)) == len(hashes) == len(distinct)
    assert len(np.unique(hashes >> np.uint64(32))) > len(hashes) * 0.999  # well spread


@given(texts=TEXTS, data=st.data())
@settings(max_examples=100, deadline=None)
def test_parts_of_a_batch(texts: list[str], data: st.DataObject) -> None:
    chunked = chunk_texts(pa.array(texts, pa.string()))
    whole = strings(chunked)
    distinct, ids = chunked.distinct()
    assert [distinct[i] for i in ids.tolist()] == [chunk for chunks in whole for chunk in chunks]
    assert len(set(distinct)) == len(distinct)
    places = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=6) if texts else st.just([]))
    taken = chunked.take(np.array(places, np.int64))
    assert strings(taken) == [whole[place] for place in places]
    assert taken.distinct()[0] == chunk_texts(pa.array([texts[place] for place in places], pa.string())).distinct()[0]
    which = data.draw(st.lists(st.integers(0, len(ids) - 1), max_size=6) if len(ids) else st.just([]))
    assert chunked.joined(np.array(which, np.int64)) == "\n".join(distinct[ids[place]] for place in which)

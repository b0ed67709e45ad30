"""The compiled functions do what the NumPy code beside them does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import fields
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedbackclf import kernels
from feedbackclf.characters import code_points
from feedbackclf.chunks import chunk_texts
from feedbackclf.engine import BatchAnswers, Engine
from feedbackclf.features import Words, chunk_edges
from feedbackclf.model import Model
from feedbackclf.table import ScoreTable
from feedbackclf.tables.cells import csv_lines
from feedbackclf.tables.rows import last_row_end
from feedbackclf.tokens import letter_runs, tokenize_chunks
from tests.messy import MESSY

T = TypeVar("T")


def test_without_the_compiled_module_there_are_no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    uncached = kernels.compiled.__wrapped__
    monkeypatch.setitem(sys.modules, "feedbackclf.kernels._compiled", None)  # as if it were not there
    assert uncached() is None


def test_a_compiled_function_takes_arrays_and_numbers(compiled: None) -> None:
    codes, start, end = code_points("ja\n\nnee"), np.zeros(4, np.int64), np.zeros(4, np.int64)
    assert kernels.compiled().split_lines(codes, len(codes), start, end) == 2
    assert (start.tolist(), end.tolist()) == ([0, 4, 0, 0], [2, 7, 0, 0])


def test_what_a_compiled_function_cannot_take_is_an_error(compiled: None) -> None:
    split, codes, places = kernels.compiled().split_lines, np.zeros(4, np.uint32), np.zeros(4, np.int64)
    with pytest.raises(TypeError, match="4 arguments, not 2"):
        split(codes, 4)
    with pytest.raises(TypeError, match="NoneType"):
        split(codes, 4, None, places)
    with pytest.raises(ValueError, match="contiguous"):
        split(codes[::2], 2, places, places)
    with pytest.raises(OverflowError):
        split(codes, 1 << 70, places, places)


def numpy_instead(work: Callable[[], T]) -> T:
    """What the work gives without the compiled functions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "compiled", lambda: None)
        return work()


def assert_same(found: object, expected: object) -> None:
    """The arrays of two dataclasses are equal to the last bit."""
    for field in fields(found):  # type: ignore[arg-type]
        one, other = getattr(found, field.name), getattr(expected, field.name)
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes()), field.name


TEXTS = st.lists(MESSY | st.none(), max_size=8)


@given(texts=TEXTS, more=st.lists(st.text("aÉé.!?B \xa0\u2003\u3000\x1f\u200b中", max_size=700), max_size=3))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_chunks_are_numpys(compiled: None, texts: list[str | None], more: list[str]) -> None:
    array = pa.array([*texts, *more], pa.string())
    assert_same(chunk_texts(array), numpy_instead(lambda: chunk_texts(array)))


def test_characters_that_are_left_as_they_are_need_not_be_composed(compiled: None) -> None:
    for code in (*range(0x21, 0x2D00), 0xFE0F, *range(0x1F000, 0x1FC00)):
        text = "e" + chr(code)
        if len(text.split()) == 1:
            chunks = chunk_texts(pa.array([text.strip()]))
            assert chunks.codes(np.arange(len(chunks.start))).tolist() == code_points(text.strip()).tolist(), hex(code)


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xf7\xbf\xbf\xbf", b"\xe2\x82", b"\xc0\xaf", b"\x80"])
def test_bytes_that_are_no_utf8_are_an_error(kernels_or_not: None, bad: bytes) -> None:
    text = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.array([0, len(bad)], np.int32)), pa.py_buffer(bad)]
    )
    with pytest.raises(UnicodeDecodeError):
        chunk_texts(text).codes(np.array([0]))


@given(
    block=st.lists(st.sampled_from([b'"', b'""', b"a", b",", b"\n", b"\r\n", b";"]), max_size=30).map(b"".join),
    delimiter=st.sampled_from([",", ";"]),
)
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_end_where_they_do_without(compiled: None, block: bytes, delimiter: str) -> None:
    expected = numpy_instead(lambda: last_row_end(block, delimiter))
    assert last_row_end(block, delimiter) == expected


@given(texts=TEXTS, letters=st.booleans())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_are_numpys(compiled: None, texts: list[str | None], letters: bool) -> None:
    chunks = "\n".join(" ".join(filter(None, texts)).split())

    def words() -> Words:
        return Words.of(letter_runs(code_points(chunks)) if letters else tokenize_chunks(code_points(chunks), "en"))

    found, expected = words(), numpy_instead(words)
    for name in ("length", "chunk", "hashes", "is_word", "shouted"):
        assert getattr(found, name).tobytes() == getattr(expected, name).tobytes(), name
    for one, other in zip(strings(found), strings(expected), strict=True):
        assert one.tobytes() == other.tobytes()
    n_chunks = chunks.count("\n") + 1
    assert_same(chunk_edges(found, n_chunks), numpy_instead(lambda: chunk_edges(expected, n_chunks)))


def strings(words: Words) -> list[np.ndarray]:
    return [words.codes[at : at + n] for at, n in zip(words.start.tolist(), words.length.tolist(), strict=True)]


@given(texts=st.lists(MESSY | st.sampled_from(["Goed! Maar duur.", "SNEL EN GOED", "niet snel, wel goed"]), max_size=6))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_answers_are_numpys(compiled: None, texts: list[str], small_model: Model) -> None:
    array = pa.array(texts, pa.string())

    def answers() -> BatchAnswers:
        return Engine(small_model).answer(array)

    found, expected = answers(), numpy_instead(answers)
    assert found.language.tolist() == expected.language.tolist()
    assert found.language_confidence.tobytes() == expected.language_confidence.tobytes()
    for name in found.heads.places:
        assert_same(found.heads.of(name), expected.heads.of(name))


def test_half_precision_is_numpys(compiled: None) -> None:
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16).reshape(-1, 64)
    buckets, zeros = np.arange(len(every), dtype=np.int32), np.zeros(len(every), np.float32)

    def rows() -> np.ndarray:
        return ScoreTable.of(buckets, every, zeros, zeros[:64]).rows

    found, expected = rows(), numpy_instead(rows)
    assert (np.isnan(found) == np.isnan(expected)).all()
    numbers = ~np.isnan(expected)
    assert found[numbers].tobytes() == expected[numbers].tobytes()  # zeros have their signs


CELLS = st.sampled_from(["", "a", 'say "no"', "a,b", "a;b", "two\nlines", "\r", '"', "ø\tå"]) | st.text(max_size=5)
VALUES = {
    pa.string(): CELLS,
    pa.dictionary(pa.int32(), pa.string()): CELLS,
    pa.int64(): st.integers(-5, 10**9),
    pa.float64(): st.floats() | st.integers(0, 10_000).map(lambda step: step / 10_000),
}


@st.composite
def columns(draw: st.DrawFn) -> list[pa.Array]:
    rows = draw(st.integers(0, 6))
    kinds = draw(st.lists(st.sampled_from(sorted(VALUES, key=str)), min_size=1, max_size=5))
    return [pa.array(draw(st.lists(st.none() | VALUES[kind], min_size=rows, max_size=rows)), kind) for kind in kinds]


@given(columns=columns(), delimiter=st.sampled_from([",", "\t"]), begin=st.integers(0, 3))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_are_arrows(compiled: None, columns: list[pa.Array], delimiter: str, begin: int) -> None:
    parts = [column[begin:] for column in columns]  # slices begin in the middle of what they are cut from
    expected = numpy_instead(lambda: bytes(csv_lines(parts, delimiter)))
    assert bytes(csv_lines(parts, delimiter)) == expected

"""What a memory says of a chunk depends on nothing but the chunk."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from feedbackclf import kernels, memory
from feedbackclf.characters import code_points, text_of
from feedbackclf.chunks import ChunkedTexts, chunk_texts
from feedbackclf.corpus import Example
from feedbackclf.features import FEEDBACK_NGRAMS, LANGUAGE_NGRAMS, Words
from feedbackclf.language import LANGUAGE_CHUNKS
from feedbackclf.memory import ChunkMemory, WordMemory
from feedbackclf.model import Model
from feedbackclf.scoring import ColumnScores, feedback_scores, normalise
from feedbackclf.table import Rows, ScoreTable
from feedbackclf.tokens import Tokens, tokenize_chunks
from tests.messy import MESSY

RULES = ("nl", "en", "und")
CHUNKS = ["goed", "slecht", "maar", "snel.", "duur!", "SERVICE", "don't", "👍", "heel,", "Maar", "niet", "but", "?"]
TEXTS = st.lists(st.lists(st.sampled_from(CHUNKS), max_size=8).map(" ".join) | MESSY, min_size=1, max_size=6)


def new(model: Model, capacity: int = 1_000) -> ChunkMemory:
    return ChunkMemory(model.language.table, model.table, RULES, capacity)


def chunked(texts: list[str]) -> ChunkedTexts:
    return chunk_texts(pa.array(texts, pa.string()))


def ask(texts: list[str], rules: list[int], model: Model, using: ChunkMemory) -> tuple[np.ndarray, ColumnScores]:
    """Language scores and column scores of some texts."""
    batch = chunked(texts)
    numbers = using.numbers(batch)
    language = normalise(using.language_sums(batch, numbers, LANGUAGE_CHUNKS), model.language.table.intercepts)
    places = using.places(batch, numbers, np.array(rules, np.int64))
    return language, feedback_scores(places, batch.offsets, model.table, using)


def one_by_one(texts: list[str], rules: list[int], model: Model) -> tuple[np.ndarray, ColumnScores]:
    """The same, each text by a memory of its own."""
    found = [ask([text], [rule], model, new(model)) for text, rule in zip(texts, rules, strict=True)]
    return np.concatenate([language for language, _ in found]), ColumnScores.joined([scores for _, scores in found])


def assert_same(found: tuple[np.ndarray, ColumnScores], expected: tuple[np.ndarray, ColumnScores]) -> None:
    """To the last bit, so that no label ever hangs on what was seen before."""
    np.testing.assert_array_equal(found[0], expected[0])
    for field in fields(ColumnScores):
        np.testing.assert_array_equal(getattr(found[1], field.name), getattr(expected[1], field.name), field.name)


@given(batches=st.lists(TEXTS, min_size=1, max_size=6), capacity=st.sampled_from([1, 3, 10, 40]), data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_scores_depend_on_nothing_but_the_text(
    batches: list[list[str]], capacity: int, data: st.DataObject, small_model: Model, kernels_or_not: None
) -> None:
    using = new(small_model, capacity)
    for texts in batches:
        rules = data.draw(st.lists(st.integers(0, 2), min_size=len(texts), max_size=len(texts)))
        assert_same(ask(texts, rules, small_model, using), one_by_one(texts, rules, small_model))


@pytest.mark.parametrize(("capacity", "block"), [(7, 3), (100, 3), (100, 8192), (2_000, 50), (2_000, 8192)])
def test_a_memory_that_forgets_gives_the_same_scores(
    capacity: int,
    block: int,
    small_model: Model,
    corpus: tuple[Example, ...],
    kernels_or_not: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts, rules = [example.text for example in corpus[::30]], [place % 3 for place in range(len(corpus[::30]))]
    expected = ask(texts, rules, small_model, new(small_model, 100_000))
    monkeypatch.setattr(memory, "_BLOCK", block)
    using = new(small_model, capacity)
    bounds = [0, *np.cumsum([1, 5, 60, 2, 17] * len(texts)).tolist()]
    parts = [ask(texts[a:b], rules[a:b], small_model, using) for a, b in pairwise(bounds) if a < len(texts)]
    assert_same((np.concatenate([a for a, _ in parts]), ColumnScores.joined([b for _, b in parts])), expected)


def test_many_chunks_are_worked_out_in_blocks(
    small_model: Model, corpus: tuple[Example, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, rules = [example.text for example in corpus[::200]], [place % 3 for place in range(len(corpus[::200]))]
    expected = ask(texts, rules, small_model, new(small_model))
    monkeypatch.setattr(memory, "_BLOCK", 5)
    assert_same(ask(texts, rules, small_model, new(small_model)), expected)


def test_chunks_have_numbers_and_keep_them(small_model: Model) -> None:
    using = new(small_model)
    first = using.numbers(chunked(["goed en snel en goed"]))
    assert len(set(first.tolist())) == 3
    assert first[0] == first[4]
    again = using.numbers(chunked(["snel", "nieuw goed"]))
    assert [again[0], again[2]] == [first[2], first[0]]
    assert again[1] not in first


def test_places_are_by_rules(small_model: Model) -> None:
    using, batch = new(small_model), chunked(["don't but", "don't but", "don't but", ""])
    places = using.places(batch, using.numbers(batch), np.array([0, 1, 0, 2]))
    assert places.tolist()[:2] == places.tolist()[4:]
    assert len(set(places.tolist())) == 4
    assert using.contrasts[places].tolist() == [False, False, False, True, False, False]
    words = [Words.of(tokenize_chunks(code_points("don't"), language)).hashes for language in ("nl", "en")]
    assert using.first[places[[0, 2]]].tolist() == [of_rule[0] for of_rule in words]
    assert using.last[places[[0, 2]]].tolist() == [of_rule[-1] for of_rule in words]


def test_what_comes_back_is_kept(small_model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    learned: list[str] = []

    def tokenize(codes: NDArray[np.uint32], language: str) -> Tokens:
        learned.extend(text_of(codes).split("\n"))
        return tokenize_chunks(codes, language)

    monkeypatch.setattr(memory, "tokenize_chunks", tokenize)
    using = new(small_model, 10)
    for rare in range(40):
        ask(["vaak", f"zelden{rare}x"], [0, 0], small_model, using)
    assert learned.count("vaak") == 1
    assert len(learned) == 41


def test_an_interrupted_batch_leaves_nothing_half_known(
    small_model: Model, monkeypatch: pytest.MonkeyPatch, kernels_or_not: None
) -> None:
    """As when somebody presses Ctrl-C in a notebook, and goes on."""
    texts, rules = ["Heel goed geholpen!", "Wat een slechte service, 10 dagen"], [0, 0]
    expected, using = ask(texts, rules, small_model, new(small_model)), new(small_model)
    for owner, name in (
        (ScoreTable, "word_rows"), (ScoreTable, "chunk_rows"), (memory, "tokenize_chunks"), (memory, "chunk_edges"),
    ):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, interrupt)
            with pytest.raises(KeyboardInterrupt):
                ask(texts, rules, small_model, using)
        assert_same(ask(texts, rules, small_model, using), expected)
        using = new(small_model)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_memory_is_bounded(small_model: Model) -> None:
    using = new(small_model, 50)
    for start in range(0, 5_000, 10):
        ask([f"woord{n}x woord{n}y" for n in range(start, start + 10)], [0, 1] * 5, small_model, using)
    assert max(len(using.rows), len(using.language), len(using.first), len(using._index)) < 200


def test_only_the_chunks_that_tell_the_language_have_a_language_row(small_model: Model, kernels_or_not: None) -> None:
    using, batch = new(small_model), chunked(["een twee drie vier", "", "vijf"])
    numbers = using.numbers(batch)
    total = using.language_sums(batch, numbers, 2)
    assert using.language[numbers].any(axis=1).tolist() == [True, True, False, False, True]
    np.testing.assert_array_equal(total[0], using.language[numbers[0]] + using.language[numbers[1]])
    assert not total[1].any()


def words_of(texts: list[str]) -> Words:
    return Words.of(tokenize_chunks(code_points("\n".join(" ".join(texts).split())), "nl"))


def word_rows(table: ScoreTable, words: Words, which: NDArray[np.int64], ngrams: tuple[int, int]) -> NDArray[Any]:
    into = Rows.room(len(which), table)
    into.scores[:], into.embedded[:] = np.nan, 7  # whatever stood there before
    table.word_rows(words, which, ngrams, into)
    return np.hstack([into.scores, into.embedded])


@pytest.mark.parametrize("ngrams", [FEEDBACK_NGRAMS, LANGUAGE_NGRAMS])
@given(texts=TEXTS)
@settings(max_examples=60, deadline=None)
def test_compiled_rows_of_words_are_numpys_to_the_last_bit(
    ngrams: tuple[int, int], texts: list[str], small_model: Model
) -> None:
    if kernels.compiled() is None:
        pytest.skip("the kernels are not compiled here")
    table = small_model.table if ngrams == FEEDBACK_NGRAMS else small_model.language.table
    words = words_of([*texts, "x" * 259, "aé" * 100])
    which = np.arange(len(words.start))[::-1].copy()
    compiled = word_rows(table, words, which, ngrams)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "compiled", lambda: None)
        assert compiled.tobytes() == word_rows(table, words, which, ngrams).tobytes()


def test_words_are_forgotten_all_at_once_and_score_the_same(small_model: Model, kernels_or_not: None) -> None:
    using = WordMemory(small_model.table, FEEDBACK_NGRAMS, 5)
    for texts in (["goed snel"], ["slecht en traag en duur en lelijk en naar"], ["goed snel"], ["ja"]):
        words = words_of(texts)
        expected = word_rows(small_model.table, words, np.arange(len(words.start)), FEEDBACK_NGRAMS)
        numbers = using._numbers(words)
        found = np.hstack([using._rows.scores[numbers], using._rows.embedded[numbers]])
        np.testing.assert_array_equal(found, expected)


def test_rows_of_a_table_are_found_by_bucket(small_model: Model) -> None:
    table = small_model.table
    row = table.row_of_bucket
    assert (row[table.buckets] == np.arange(len(table.buckets))).all()
    assert (row < len(table.buckets)).sum() == len(table.buckets)
    bits, before = table.bits
    for bucket in (*table.buckets[:: len(table.buckets) // 50].tolist(), int(table.buckets[-1])):
        below = int(bits[bucket // 64]) & ((1 << bucket % 64) - 1)
        assert before[bucket // 64] + below.bit_count() == row[bucket]
        assert int(bits[bucket // 64]) >> bucket % 64 & 1
    assert sum(int(number).bit_count() for number in bits) == len(table.buckets)


def test_an_empty_table_has_no_rows(kernels_or_not: None) -> None:
    table, words = ScoreTable.empty(), words_of(["goed"])
    assert word_rows(table, words, np.array([0]), FEEDBACK_NGRAMS).tolist() == [[0]]
    assert (table.weights.shape, table.norm2.shape, table.in_half_precision().rows.shape) == ((0, 0), (0,), (1, 1))

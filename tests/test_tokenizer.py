"""Tokens are spaCy's, cut by its rules without it, by shapes, or by itself."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

import pyarrow as pa
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.util import get_lang_class

from feedbackclf import shapes
from feedbackclf.characters import code_points
from feedbackclf.chunks import chunk_texts
from feedbackclf.corpus import Example
from feedbackclf.shapes import ShapeTokenizer
from feedbackclf.spacy_tokenizer import SpacyTokenizer
from feedbackclf.taxonomy import default_taxonomy
from feedbackclf.tokenizer import RULES, ChunkTokenizer, TokenizerRules, packaged_tokenizer, rules_path
from feedbackclf.tokens import _tokenizer, tokenize_chunks
from tests.messy import CHUNK, CHUNKS, by_chunk

PACKAGED = (*default_taxonomy().languages, "xx")
BY_SPACY = ("de", "fr")
LANGUAGES = (*PACKAGED, *BY_SPACY)
PER_LANGUAGE = 2_000
MARKS = [*".,;:!?…'’‘`´\"“”«»()[]<>-–—~/*&%$€+=_°", "...", "--", "US$", "'s", "’s", "n't", "kg", "°C", ":)", ":-("]
LETTERS = [*"abqQAZéÉßſāяЯبक日²½ªᴬ", "Ab", "abc", "ABC", "qqqq", "QQQQ", "hoer", "e\u0301", "👍🏽", "\0", "ﬁ×"]
NUMBERS = ["1", "5", "12", "2024", "1.000", "12,50", "10:30", "1e5", "١"]
ADDRESSES = ["http://", "www.", "example.com", ".nl", "/a", "?b=c", ":8080", "user@", "10.0.0.1", "e.g.", "i.e."]


@cache
def blank(language: str) -> Any:
    """spaCy's own tokenizer."""
    return spacy.blank(language).tokenizer


def by_spacy(chunks: Iterable[str], language: str) -> list[list[str]]:
    return [[token.text for token in blank(language)(unicodedata.normalize("NFC", chunk))] for chunk in chunks]


def ours(chunks: list[str], language: str) -> list[list[str]]:
    return by_chunk(tokenize_chunks(code_points("\n".join(chunks)), language), len(chunks))


def special_cases(language: str) -> list[str]:
    cases = get_lang_class(language).Defaults.tokenizer_exceptions
    return sorted(case for case in cases if case.split() == [case])


@pytest.mark.parametrize("language", PACKAGED)
def test_packaged_rules_are_those_of_the_installed_spacy(language: str) -> None:
    text, rules = rules_path(language).read_text(encoding="ascii"), TokenizerRules.from_spacy(language)
    assert text == rules.to_json() + "\n", "run tools/tokenizer_rules.py"
    assert TokenizerRules.from_json(text) == rules


def test_there_are_rules_for_each_of_our_languages_and_for_none() -> None:
    assert {path.stem for path in RULES.iterdir()} == set(PACKAGED)


def test_rules_that_are_not_written_out_are_refused() -> None:
    with pytest.raises(ValueError, match="token_match for 'fr'"):
        TokenizerRules.from_spacy("fr")


@pytest.mark.parametrize("language", LANGUAGES)
@given(chunks=CHUNKS)
@settings(max_examples=150, deadline=None)
def test_tokens_are_spacys(language: str, chunks: list[str]) -> None:
    assert ours(chunks, language) == by_spacy(chunks, language)


def made_up(language: str, n_chunks: int) -> list[str]:
    """Chunks that put special cases, and parts of them, beside all that the rules look at."""
    chance = random.Random(language)
    cases = special_cases(language)
    parts = [case[place:] for case in cases for place in (1, 2)] + [case[:-1] for case in cases]
    kinds = [cases, cases, parts, MARKS, MARKS, LETTERS, LETTERS, NUMBERS, ADDRESSES]
    parted = [[chance.choice(chance.choice(kinds)) for _ in range(chance.randint(1, 5))] for _ in range(n_chunks)]
    chunks = ["".join(parts) for parts in parted]
    chunks = [chunk.swapcase() if chance.random() < 0.1 else chunk for chunk in chunks]
    return [chunk for chunk in chunks if chunk.split() == [chunk]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_tokens_of_special_cases_among_marks_are_spacys(language: str) -> None:
    chunks = made_up(language, PER_LANGUAGE)
    assert len(chunks) > PER_LANGUAGE * 0.9
    assert ours(chunks, language) == by_spacy(chunks, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_special_cases_are_cut_as_spacy_cuts_them(language: str) -> None:
    cases = special_cases(language)[: PER_LANGUAGE * 2]
    assert ours(cases, language) == by_spacy(cases, language)


@pytest.fixture(scope="module")
def chunks_of_the_corpus(corpus: tuple[Example, ...]) -> list[str]:
    return chunk_texts(pa.array([example.text for example in corpus])).distinct()[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_tokens_of_the_corpus_are_spacys(language: str, chunks_of_the_corpus: list[str]) -> None:
    place = LANGUAGES.index(language)  # each language looks at others, and at all that is not plain letters
    some = [x for i, x in enumerate(chunks_of_the_corpus) if i % 10 == place or not x.rstrip(".,!?").isalpha()]
    sample = random.Random(language).sample(some, min(len(some), 2 * PER_LANGUAGE))
    assert ours(sample, language) == by_spacy(sample, language)


@pytest.mark.parametrize("language", PACKAGED)
def test_shapes_cut_the_whole_corpus_as_the_rules_do(language: str, chunks_of_the_corpus: list[str]) -> None:
    chunks, cut = chunks_of_the_corpus, packaged_tokenizer(language).cut
    found = ours(chunks, language)
    for chunk, tokens in zip(chunks[::3], found[::3], strict=True):
        assert tuple(map(len, tokens)) == cut(unicodedata.normalize("NFC", chunk)), chunk


@pytest.mark.parametrize("language", [*PACKAGED, "fr"])
@given(chunks=CHUNKS, data=st.data())
@settings(max_examples=60, deadline=None)
def test_tokens_of_a_chunk_do_not_depend_on_its_neighbours(
    language: str, chunks: list[str], data: st.DataObject
) -> None:
    alone = {chunk: ours([chunk], language)[0] for chunk in chunks}
    order = [*data.draw(st.permutations(chunks)), "", *chunks]
    assert ours(order, language) == [alone.get(chunk, []) for chunk in order]


def test_shapes_that_are_forgotten_are_cut_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_MAX_SHAPES", 3)
    tokenizer, chunks = ShapeTokenizer(packaged_tokenizer("nl")), made_up("nl", 300)
    for place in range(0, len(chunks), 4):
        some = [unicodedata.normalize("NFC", chunk) for chunk in chunks[place : place + 4]]
        text = "\n".join(some)
        starts = tokenizer.starts(code_points(text))
        begin = 0
        for chunk, tokens in zip(some, by_spacy(some, "nl"), strict=True):
            assert starts[begin : begin + len(chunk)].sum() == len(tokens), chunk
            begin += len(chunk) + 1


def test_an_interrupted_batch_leaves_no_shape_half_known(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer, chunks = ShapeTokenizer(packaged_tokenizer("nl")), ["goed,", "(nee)", "12,50", "wat?!"]
    codes = code_points("\n".join(chunks))
    cut = ChunkTokenizer.cut
    seen: list[str] = []

    def interrupted(self: ChunkTokenizer, chunk: str) -> tuple[int, ...]:
        seen.append(chunk)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return cut(self, chunk)

    monkeypatch.setattr(ChunkTokenizer, "cut", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tokenizer.starts(codes)
    fresh = ShapeTokenizer(packaged_tokenizer("nl"))
    assert tokenizer.starts(codes).tolist() == fresh.starts(codes).tolist()


@pytest.mark.parametrize(
    ("language", "kind"),
    [("nl", ShapeTokenizer), ("und", ShapeTokenizer), ("zz", ShapeTokenizer), ("de", SpacyTokenizer)],
)
def test_what_cuts_a_language(language: str, kind: type) -> None:
    assert isinstance(_tokenizer(language), kind)


@pytest.mark.parametrize("language", ["und", "zz"])
@given(chunk=CHUNK)
@settings(max_examples=60, deadline=None)
def test_unknown_languages_get_the_rules_of_no_language(language: str, chunk: str) -> None:
    assert _tokenizer(language) is _tokenizer("xx")
    assert ours([chunk], language) == by_spacy([chunk], "xx")


def test_languages_differ() -> None:
    assert ours(["don't"], "en") == [["do", "n't"]]
    assert ours(["don't"], "nl") == [["don't"]]
    assert ours(["bl.a."], "da") == [["bl.a."]]
    assert ours(["aujourd'hui", "l'été"], "fr") == [["aujourd'hui"], ["l'", "été"]]
    assert ours(["z.B.", "bl.a."], "de") == [["z.B."], ["bl.a", "."]]


def test_emoticons_side_by_side_stay_whole() -> None:
    assert ours(["top:)", ":)hoor", ":)"], "nl") == [["top", ":)"], [":)", "hoor"], [":)"]]
    assert ours([":)", ":)"], "de") == [[":)"], [":)"]]


@pytest.mark.parametrize("chunk", ["." * 259, "(" * 259, "a." * 120, "9" * 259, "'" * 200, "é'" * 100, "www." * 60])
@pytest.mark.parametrize("language", ["en", "sv"])
def test_long_chunks(chunk: str, language: str) -> None:
    assert ours([chunk], language) == by_spacy([chunk], language)

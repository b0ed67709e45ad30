from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedbackclf.characters import code_points
from feedbackclf.tokenizer import packaged_languages
from feedbackclf.tokens import letter_runs, tokenize_chunks
from tests.messy import CHUNKS, by_chunk, strings


@pytest.mark.parametrize("language", ["nl", "de"])
@given(chunks=st.lists(st.just("") | CHUNKS.map("".join), max_size=6))
@settings(max_examples=100, deadline=None)
def test_tokens_fill_their_chunks(language: str, chunks: list[str]) -> None:
    tokens = tokenize_chunks(code_points("\n".join(chunks)), language)
    found = by_chunk(tokens, max(len(chunks), 1))
    assert ["".join(of_chunk) for of_chunk in found] == [unicodedata.normalize("NFC", x) for x in chunks or [""]]
    assert (tokens.length > 0).all()
    assert (tokens.chunk[1:] >= tokens.chunk[:-1]).all()
    assert len(tokens.codes) == sum(map(sum, [[len(t) for t in x] for x in found])) + max(len(chunks) - 1, 0)


@given(chunks=CHUNKS)
@settings(max_examples=100, deadline=None)
def test_letter_runs_are_the_letters_of_a_chunk(chunks: list[str]) -> None:
    expected = []
    for chunk in chunks:
        letters = [c if c.isalpha() else " " for c in unicodedata.normalize("NFC", chunk)]
        expected.append("".join(letters).split())
    assert by_chunk(letter_runs(code_points("\n".join(chunks))), len(chunks)) == expected


def test_letter_runs_by_hand() -> None:
    tokens = letter_runs(code_points("snel!2x\n👍\nl'été"))
    assert strings(tokens) == ["snel", "x", "l", "été"]
    assert tokens.chunk.tolist() == [0, 0, 2, 2]


@pytest.mark.parametrize("language", ["sv", "de"])
def test_decomposed_and_composed_accents_are_the_same(language: str) -> None:
    composed = "café\npå\ngården"
    assert strings(tokenize_chunks(code_points(unicodedata.normalize("NFD", composed)), language)) == composed.split()
    assert strings(letter_runs(code_points(unicodedata.normalize("NFD", composed)))) == composed.split()


@pytest.mark.parametrize("text", ["", "\n\n"])
@pytest.mark.parametrize("language", ["nl", "de"])
def test_nothing_has_no_tokens(text: str, language: str) -> None:
    assert strings(tokenize_chunks(code_points(text), language)) == []
    assert strings(letter_runs(code_points(text))) == []


def test_a_code_that_is_a_path_leads_to_no_rules_elsewhere() -> None:
    found = [tokenize_chunks(code_points("o.a.\nd.w.z."), language) for language in ("../tokenizer_rules/nl", "zz")]
    assert found[0].length.tolist() == found[1].length.tolist()
    assert packaged_languages() == {"nl", "da", "sv", "en", "xx"}

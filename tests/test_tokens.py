from __future__ import annotations

import unicodedata
from functools import cache
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from feedbackclf.chunks import GLUED, chunk_texts
from feedbackclf.features import chunk_features, fold
from feedbackclf.tokens import Tokens, letter_runs, tokenize_chunks

LANGUAGES = ("nl", "da", "sv", "en")
PIECES = st.sampled_from(
    [
        "bl.a.", "f.eks.", "don't", "t.ex.", "d.w.z.", "m.a.o.", "a.s.a.p.", "z'n", "'s", "it's", "can't!", "o.s.v.",
        "café", "café", "å", "Å", "Økologisk", "smörgås", "€12,50", "12.30", "kl.", "50%", "10kg", "t/m", "e-mail",
        "www.example.com/a?b=c", "info@example.com", "#fail", "@home", ":)", ":-(", "<3", "👍", "👍🏽", "👩‍👩‍👧", "🇳🇱!",
        "(ok)", "\"ja\"", "“nee”", "«nej»", "...", "?!", "wacht...", "super!!!", "HUH????", "(((", "-", "—",
        "either/or", "U.S.", "Mr.", "dr.",
        "x" * 70, "\u200b", "\u0301", "ﬁjn", "İ", "ß", "نعم", "日本語",
    ]
)  # fmt: skip
BLANKS = st.sampled_from([" ", "  ", "\n", "\t", " ", "\r\n"])
MESSY = st.lists(st.tuples(PIECES, BLANKS | st.just("")), max_size=12).map(lambda x: "".join(a + b for a, b in x))


@cache
def blank(language: str) -> Language:
    return spacy.blank(language)


def strings(tokens: Tokens) -> list[str]:
    text = tokens.codes.astype("<u4").tobytes().decode("utf-32-le")
    return [text[a : a + n] for a, n in zip(tokens.start.tolist(), tokens.length.tolist(), strict=True)]


def by_chunk(text: str, language: str) -> list[str]:
    chunked = chunk_texts(pa.array([text]))
    tokens = tokenize_chunks(chunked.distinct, language)
    of_chunk: list[list[str]] = [[] for _ in chunked.distinct]
    for chunk, token in zip(tokens.chunk.tolist(), strings(tokens), strict=True):
        of_chunk[chunk].append(token)
    return [token for chunk in chunked.ids.tolist() for token in of_chunk[chunk]]


def by_spacy(text: str, language: str) -> list[str]:
    """Line ends between the pieces, since spaCy cuts the second of two emoticons with a blank between them."""
    spaced = pc.replace_substring_regex(pa.array([text]), GLUED, r"\1 \2")[0].as_py()
    lines = "\n".join(unicodedata.normalize("NFC", spaced).split())
    return [token.text for token in blank(language)(lines) if not token.is_space]


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=MESSY | st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=120, deadline=None)
def test_tokens_of_chunks_are_spacys_tokens_of_the_text(language: str, text: str) -> None:
    assert by_chunk(text, language) == by_spacy(text, language)


@pytest.mark.parametrize("language", LANGUAGES)
@given(pieces=st.lists(PIECES, max_size=6), data=st.data())
@settings(max_examples=60, deadline=None)
def test_tokens_of_a_chunk_do_not_depend_on_its_neighbours(
    language: str, pieces: list[str], data: st.DataObject
) -> None:
    chunks = ["".join(pieces[i : i + 2]) for i in range(0, len(pieces), 2)]
    alone = [strings(tokenize_chunks([chunk], language)) for chunk in chunks]
    order = data.draw(st.permutations(range(len(chunks))))
    together = tokenize_chunks([*(chunks[i] for i in order), ""], language)
    assert strings(together) == [token for i in order for token in alone[i]]
    assert together.chunk.tolist() == [place for place, i in enumerate(order) for _ in alone[i]]


@given(texts=st.lists(MESSY, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_chunks_are_what_stands_between_white_space(texts: list[str]) -> None:
    padded = [blanks + text + blanks for text in texts for blanks in ("", " ", "  ", "\t \r\n")]
    for _ in range(5):  # what is read past the end of a buffer differs from time to time
        found = chunk_texts(pa.array(padded, pa.string()))
        chunks = [found.distinct[i] for i in found.ids.tolist()]
        spaced = pc.replace_substring_regex(pa.array(padded, pa.string()), GLUED, r"\1 \2").to_pylist()
        assert [chunks[a:b] for a, b in pairwise(found.offsets.tolist())] == [text.split() for text in spaced]


def test_blanks_at_the_end_are_never_a_chunk() -> None:
    text = "t/m\td.w.z.50%:)“nee”€12,50 @homez'n\ncafé\r\ncafécafé(((  "
    assert not any(" " in chunk_texts(pa.array([text])).distinct for _ in range(500))  # without care, one in three


def test_emoticons_side_by_side_stay_whole() -> None:
    assert by_chunk("top:) :)hoor", "nl") == ["top", ":)", ":)", "hoor"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_tokens_of_the_corpus_are_spacys(language: str, corpus: tuple) -> None:
    texts = [example.text for example in corpus if example.language == language][:150]
    assert [by_chunk(text, language) for text in texts] == [by_spacy(text, language) for text in texts]


def test_rules_differ_by_language() -> None:
    assert by_chunk("I don't know", "en") == ["I", "do", "n't", "know"]
    assert by_chunk("Vi fik bl.a. kaffe", "da") == ["Vi", "fik", "bl.a.", "kaffe"]


@pytest.mark.parametrize("language", ["und", "zz"])
def test_unknown_language_gets_neutral_rules(language: str) -> None:
    assert by_chunk("Ja, graag!", language) == ["Ja", ",", "graag", "!"]


def test_sentences_are_parted_where_the_blank_is_missing() -> None:
    assert by_chunk("Goed geholpen.Snel ook", "nl") == ["Goed", "geholpen", ".", "Snel", "ook"]


def test_decomposed_and_composed_accents_are_the_same() -> None:
    assert by_chunk("café på gården".replace("å", "a\u030a").replace("é", "e\u0301"), "sv") == ["café", "på", "gården"]


def test_nothing_and_null_have_no_tokens() -> None:
    chunked = chunk_texts(pa.array(["", None, " \n\t "], pa.string()))
    assert len(chunked.ids) == 0
    assert chunked.offsets.tolist() == [0, 0, 0, 0]
    assert strings(tokenize_chunks([], "nl")) == []
    assert strings(letter_runs([])) == []


def test_chunks_of_sliced_arrays() -> None:
    chunked = chunk_texts(pa.array(["weg ermee", " a b ", "b c"])[1:])
    assert [chunked.distinct[i] for i in chunked.ids.tolist()] == ["a", "b", "b", "c"]
    assert chunked.offsets.tolist() == [0, 2, 4]


def test_letter_runs_are_letters_only() -> None:
    tokens = letter_runs(["snel!2x", "👍", "l'été"])
    assert strings(tokens) == ["snel", "x", "l", "été"]
    assert tokens.chunk.tolist() == [0, 0, 2, 2]


@given(chunks=st.lists(PIECES, min_size=1, max_size=6, unique=True), language=st.sampled_from(LANGUAGES))
@settings(max_examples=60, deadline=None)
def test_features_of_a_chunk_do_not_depend_on_its_neighbours(chunks: list[str], language: str) -> None:
    together = chunk_features(tokenize_chunks(chunks, language), len(chunks), (2, 5))
    for place, chunk in enumerate(chunks):
        alone = chunk_features(tokenize_chunks([chunk], language), 1, (2, 5))
        assert sorted(together.bucket[together.chunk == place].tolist()) == sorted(alone.bucket.tolist())
        assert together.first[place] == alone.first[0]
        assert together.last[place] == alone.last[0]
        assert together.ends[place] == alone.ends[0]


def test_case_digits_and_long_runs_are_folded() -> None:
    def buckets(text: str) -> set[int]:
        return set(chunk_features(tokenize_chunks([text], "nl"), 1, (2, 5)).bucket.tolist())

    assert buckets("Zooooo") == buckets("zooo")
    assert buckets("12,95") == buckets("34,10")
    assert buckets("snel") < buckets("SNEL")  # shouting is a feature of its own
    assert [chr(code) for code in fold(tokenize_chunks(["É7’"], "nl").codes)] == ["é", "0", "'"]


@pytest.mark.parametrize("text", ["!!!", "top!!!", "Wat???? Nee!!!", "-----", "((((ok))))"])
def test_long_runs_of_marks_leave_no_empty_token(text: str) -> None:
    chunks = text.split()
    last = chunk_features(tokenize_chunks(chunks, "nl"), len(chunks), (2, 5))
    first = chunk_features(tokenize_chunks([*chunks, "zo"], "nl"), len(chunks) + 1, (2, 5))
    assert last.bucket.tolist() == first.bucket[first.chunk < len(chunks)].tolist()

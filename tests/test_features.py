"""Features computed for many tokens at once are those that plain Python would compute for one."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedbackclf.characters import code_points
from feedbackclf.features import (
    FEEDBACK_NGRAMS,
    LANGUAGE_NGRAMS,
    N_BUCKETS,
    NO_BUCKET,
    Words,
    chunk_edges,
    chunk_features,
    is_ngram,
    pair_buckets,
    word_features,
)
from feedbackclf.tokens import letter_runs, tokenize_chunks
from tests.messy import CHUNKS, strings

PRIME, WIDTH = 0x9E3779B97F4A7C15, 1 << 64
SALT = {"word": PRIME, "ngram": 2 * PRIME, "pair": 3 * PRIME, "capitals": 0x78DDE6E5FD29F054}


def bucket(number: int, kind: str) -> int:
    h = (number + SALT[kind]) % WIDTH
    h = (h ^ h >> 33) * 0xFF51AFD7ED558CCD % WIDTH
    h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53 % WIDTH
    return (h ^ h >> 33) % N_BUCKETS // 2 * 2 + (kind == "ngram")


def hash_of(word: str) -> int:
    return sum((ord(c) + PRIME) * pow(PRIME, place, WIDTH) for place, c in enumerate(word, start=1)) % WIDTH


def ngrams(word: str, shortest: int, longest: int) -> list[int]:
    found, padded = [], f" {word} "
    for begin in range(len(padded)):
        h = 0
        for n, character in enumerate(padded[begin : begin + longest], start=1):
            h = (h * PRIME if n > 1 else 0) % WIDTH ^ ord(character)
            found += [bucket(h + n, "ngram")] if n >= shortest else []
    return found


def folded(word: str) -> str:
    letters: list[str] = []
    for character in word:
        low = "0" if character.isdigit() else character.lower() if len(character.lower()) == 1 else character
        low = "'" if low in "’‘`´" else low
        if letters[-2:] != [low, low]:
            letters.append(low)
    return "".join(letters)


def words_of(chunks: list[str]) -> Words:
    return Words.of(tokenize_chunks(code_points("\n".join(chunks)), "nl"))


def features_of(*chunks: str) -> set[int]:
    words = words_of(list(chunks))
    buckets = word_features(words, np.arange(len(words.start))).take(FEEDBACK_NGRAMS)
    return {*buckets[buckets != NO_BUCKET].tolist(), *chunk_features(words).bucket.tolist()}


@given(chunks=CHUNKS, letters=st.booleans())
@settings(max_examples=200, deadline=None)
def test_words_are_folded_one_by_one(chunks: list[str], letters: bool) -> None:
    codes = code_points("\n".join(chunks))
    tokens = letter_runs(codes) if letters else tokenize_chunks(codes, "en")
    words = Words.of(tokens)
    plain = strings(tokens)
    if not any(a[-1:] == b[:1] for a, b in pairwise(plain)):  # "!!!" are three tokens of a chunk
        assert words.hashes.tolist() == [hash_of(folded(word)) for word in plain]
    assert words.is_word.tolist() == [any(c.isalnum() for c in word) for word in plain]
    shouted = [len(word) > 1 and all(c.isupper() for c in word) for word in plain]
    assert words.shouted.tolist() == shouted
    assert (words.length > 0).all()
    assert words.chunk is tokens.chunk


@given(chunks=CHUNKS, data=st.data())
@settings(max_examples=100, deadline=None)
def test_features_of_words(chunks: list[str], data: st.DataObject) -> None:
    words = words_of(chunks)
    places = st.lists(st.integers(0, max(len(words.start) - 1, 0)), max_size=5 * bool(len(words.start)))
    which = data.draw(places)
    found = word_features(words, np.array(which, np.int64))
    text = "".join(map(chr, words.codes.tolist()))
    for limits in (FEEDBACK_NGRAMS, LANGUAGE_NGRAMS):
        columns = found.take(limits)
        for row, place in enumerate(which):
            word = text[words.start[place] : words.start[place] + words.length[place]]
            expected = [bucket(hash_of(word), "word"), *(ngrams(word, *limits) if words.is_word[place] else ())]
            buckets = columns[found.start[row] : found.start[row + 1]]
            assert buckets.dtype == np.int32
            assert Counter(buckets[buckets != NO_BUCKET].tolist()) == Counter(expected)


@given(chunks=CHUNKS)
@settings(max_examples=100, deadline=None)
def test_features_of_a_chunk_besides_its_words(chunks: list[str]) -> None:
    words = words_of(chunks)
    together, edges = chunk_features(words), chunk_edges(words, len(chunks))
    text = "".join(map(chr, words.codes.tolist()))
    for place in range(len(chunks)):
        own = np.flatnonzero(words.chunk == place)
        tokens = [text[a : a + n] for a, n in zip(words.start[own].tolist(), words.length[own].tolist(), strict=True)]
        lettered = [hash_of(token) for token in tokens if any(c.isalnum() for c in token)]
        capitals = [bucket(hash_of(tokens[i]), "capitals") for i in np.flatnonzero(words.shouted[own]).tolist()]
        pairs = [bucket(a * PRIME + b, "pair") for a, b in pairwise(lettered)]
        assert Counter(together.bucket[together.chunk == place].tolist()) == Counter(capitals + pairs)
        assert [edges.first[place], edges.last[place]] == (lettered[:1] + lettered[-1:] or [0, 0])
        after = tokens[max([-1, *np.flatnonzero(words.is_word[own]).tolist()]) + 1 :]
        assert edges.ends[place] == any(token[0] in ".!?…;" for token in after)


@given(chunks=CHUNKS, data=st.data())
@settings(max_examples=100, deadline=None)
def test_features_of_a_chunk_do_not_depend_on_its_neighbours(chunks: list[str], data: st.DataObject) -> None:
    order = data.draw(st.permutations(chunks))
    together = words_of(order)
    more, edges = chunk_features(together), chunk_edges(together, len(order))
    for place, chunk in enumerate(order):
        alone = words_of([chunk])
        assert together.hashes[together.chunk == place].tolist() == alone.hashes.tolist()
        one, edge = chunk_features(alone), chunk_edges(alone, 1)
        assert sorted(more.bucket[more.chunk == place].tolist()) == sorted(one.bucket.tolist())
        assert (edges.first[place], edges.last[place], edges.ends[place]) == (edge.first[0], edge.last[0], edge.ends[0])


def test_pairs_know_left_from_right() -> None:
    a, b = words_of(["ja", "nee"]).hashes
    assert pair_buckets(np.array([a, b]), np.array([b, a])).tolist() == [
        bucket(int(a) * PRIME + int(b), "pair"),
        bucket(int(b) * PRIME + int(a), "pair"),
    ]


def test_case_digits_and_long_runs_are_folded() -> None:
    assert features_of("Zooooo") == features_of("zooo")
    assert features_of("12,95") == features_of("34,10")
    assert features_of("snel") < features_of("SNEL")  # shouting is a feature of its own
    assert features_of("X") == features_of("x")  # one letter is no shouting


def test_ngrams_have_the_odd_buckets() -> None:
    words = words_of(["geweldig!"])
    buckets = word_features(words, np.array([0])).buckets
    assert not is_ngram(buckets[:, 0][buckets[:, 0] != NO_BUCKET]).any()
    assert is_ngram(buckets[:, 1:][buckets[:, 1:] != NO_BUCKET]).all()
    assert (buckets[:, 5] != NO_BUCKET).sum() == len("geweldig") + 2 - 4
    assert (word_features(words, np.array([1])).buckets[:, 1:] == NO_BUCKET).all()  # the mark


@pytest.mark.parametrize("text", ["!!!", "top!!!", "Wat???? Nee!!!", "-----", "((((ok))))"])
def test_long_runs_of_marks_leave_no_empty_token(text: str) -> None:
    words, more = words_of(text.split()), words_of([*text.split(), "zo"])
    assert (words.length > 0).all()
    assert words.hashes.tolist() == more.hashes[: len(words.hashes)].tolist()


def test_nothing_has_no_features() -> None:
    words = words_of([""])
    assert word_features(words, np.zeros(0, np.int64)).start.tolist() == [0]
    edges = chunk_edges(words, 1)
    assert (chunk_features(words).bucket.tolist(), edges.first.tolist(), edges.ends.tolist()) == ([], [0], [False])

"""Hashed features of tokens: words, character n-grams inside words, and pairs of neighbouring words.

A feature is only a number (its *bucket*), so that no word of a customer ever stands in a model file.
Everything is computed for many tokens at once over arrays of code points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf import kernels
from feedbackclf.arrays import offsets_of, positions
from feedbackclf.characters import CAPITAL, LETTER_OR_DIGIT, are, fold, hash_runs, kinds
from feedbackclf.tokens import Tokens

N_BUCKETS = 1 << 21
NO_BUCKET = N_BUCKETS
FEEDBACK_NGRAMS, LANGUAGE_NGRAMS = (2, 5), (1, 5)
"""Shortest and longest character n-gram; the blank before and after a word counts as a character."""

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SALT = {  # keeps the word "ab", the n-gram "ab" and a pair apart
    "word": np.uint64(0x9E3779B97F4A7C15),
    "ngram": np.uint64(0x3C6EF372FE94F82A),
    "pair": np.uint64(0xDAA66D2C7DDF743F),
    "capitals": np.uint64(0x78DDE6E5FD29F054),
}
_EDGE = np.uint64(0x20)


@dataclass(frozen=True)
class Words:
    """Tokens in the form that features are made of: lower case, every digit 0, no character more than twice in a row.

    Attributes:
        codes: code points, shape (n_characters,).
        start, length: place of each token in `codes`, shape (n_tokens,).
        chunk: the chunk that each token is from, ascending, shape (n_tokens,).
        hashes: equal for equal tokens, shape (n_tokens,).
        is_word: whether it has a letter or digit, shape (n_tokens,).
        shouted: whether it was all in capitals, shape (n_tokens,).
    """

    codes: NDArray[np.uint32]
    start: NDArray[np.int64]
    length: NDArray[np.int64]
    chunk: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    is_word: NDArray[np.bool_]
    shouted: NDArray[np.bool_]

    @classmethod
    def of(cls, tokens: Tokens) -> Words:
        """Fold tokens: "SOOOO" and "sooo" are one word, and so are "12" and "34"."""
        if kernels.compiled() is not None:
            return _compiled_words(tokens)
        codes, start, length = _squeeze(fold(tokens.codes), tokens.start, tokens.length)
        is_word = _how_many(are(LETTER_OR_DIGIT, codes), start, length) > 0
        capitals = _how_many(are(CAPITAL, tokens.codes), tokens.start, tokens.length)
        shouted = is_word & (capitals == tokens.length) & (tokens.length > 1)
        return cls(codes, start, length, tokens.chunk, hash_runs(codes, start, length), is_word, shouted)


@dataclass(frozen=True)
class ChunkFeatures:
    """What chunks have besides the features of their words: words in capitals, and pairs inside a chunk.

    Attributes:
        chunk, bucket: the features and their chunks, shape (n_features,).
    """

    chunk: NDArray[np.int64]
    bucket: NDArray[np.int64]


@dataclass(frozen=True)
class ChunkEdges:
    """What chunks show to their neighbours.

    Attributes:
        first, last: hashes of the outermost words of each chunk, 0 where it has none, shape (n_chunks,).
        ends: whether a sentence ends with the chunk, shape (n_chunks,).
    """

    first: NDArray[np.uint64]
    last: NDArray[np.uint64]
    ends: NDArray[np.bool_]


@dataclass(frozen=True)
class WordFeatures:
    """The features of words, a row of `buckets` for each place at which an n-gram may begin.

    Attributes:
        start: first row of each word, closed by the number of rows, shape (n_words + 1,).
        buckets: in column n the n-gram of n characters that begins here, and in column 0 of a word's first row the
            word itself; `NO_BUCKET` where there is none, shape (n_rows, 6).
    """

    start: NDArray[np.int64]
    buckets: NDArray[np.int32]

    def take(self, ngrams: tuple[int, int]) -> NDArray[np.int32]:
        """The columns of the words themselves and of n-grams from the shortest to the longest."""
        return self.buckets[:, [0, *range(ngrams[0], ngrams[1] + 1)]]


def word_features(words: Words, which: NDArray[np.int64]) -> WordFeatures:
    """Features of some of the tokens: each itself and, of those that are words, its n-grams of 1 to 5 characters.

    Args:
        words: folded tokens.
        which: places of some of them; the result is in their order.
    """
    length = np.where(words.is_word[which], words.length[which] + 2, 1)
    position, owner = positions(length)
    start = offsets_of(length)
    room = length[owner] - position
    padded = np.full(len(position), _EDGE)
    inner = np.flatnonzero((position > 0) & (room > 1))
    padded[inner] = words.codes[words.start[which][owner[inner]] + position[inner] - 1]
    buckets = np.full((len(position), LANGUAGE_NGRAMS[1] + 1), NO_BUCKET, np.int32)
    buckets[start[:-1], 0] = bucket_of(words.hashes[which], "word")
    room[start[:-1][length == 1]] = 0  # a token that is no word has no n-grams
    h = padded
    for n in range(1, min(LANGUAGE_NGRAMS[1], len(padded)) + 1):
        if n > 1:
            h = (h[:-1] * _PRIME) ^ padded[n - 1 :]
        buckets[: len(h), n] = np.where(room[: len(h)] >= n, bucket_of(h + np.uint64(n), "ngram"), NO_BUCKET)
    return WordFeatures(start, buckets)


def chunk_features(words: Words) -> ChunkFeatures:
    """What chunks have besides the features of their words, but for pairs that reach across two chunks."""
    lettered = np.flatnonzero(words.is_word)
    chunk, hashes = words.chunk[lettered], words.hashes[lettered]
    inside = np.flatnonzero(chunk[1:] == chunk[:-1])
    pairs = pair_buckets(hashes[inside], hashes[inside + 1])
    return ChunkFeatures(
        chunk=np.concatenate([words.chunk[words.shouted], chunk[inside]]),
        bucket=np.concatenate([bucket_of(words.hashes[words.shouted], "capitals"), pairs]),
    )


def chunk_edges(words: Words, n_chunks: int) -> ChunkEdges:
    """The outermost words of `n_chunks` chunks, and which of them end a sentence."""
    first, last, ends = np.zeros(n_chunks, np.uint64), np.zeros(n_chunks, np.uint64), np.zeros(n_chunks, bool)
    compiled = kernels.compiled()
    if compiled is not None:
        of_words = words.chunk, words.hashes, words.is_word, words.codes, words.start, len(words.start)
        compiled.chunk_edges(*of_words, first, last, ends)
        return ChunkEdges(first, last, ends)
    lettered = np.flatnonzero(words.is_word)
    chunk, hashes = words.chunk[lettered], words.hashes[lettered]
    last[chunk] = hashes
    first[chunk[::-1]] = hashes[::-1]
    return ChunkEdges(first, last, _ends_sentence(words, lettered, n_chunks))


def pair_buckets(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The feature of two neighbouring words, from the hashes of both."""
    return bucket_of(left * _PRIME + right, "pair")


def is_ngram(buckets: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Whether features are character n-grams: they have the odd buckets to themselves."""
    return np.asarray(buckets & 1, dtype=bool)


def bucket_of(hashes: NDArray[np.uint64], kind: str) -> NDArray[np.int64]:
    """Spread 64-bit hashes over the buckets (the finalizer of MurmurHash3), n-grams over the odd ones."""
    h = hashes + _SALT[kind]
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        h ^= h >> np.uint64(33)
        h *= np.uint64(factor)
    h ^= h >> np.uint64(33)
    h &= np.uint64(N_BUCKETS - 2)
    return h.view(np.int64) + (kind == "ngram")


def _compiled_words(tokens: Tokens) -> Words:
    n = len(tokens.start)
    codes, start, length = np.empty(len(tokens.codes), np.uint32), np.empty(n, np.int64), np.empty(n, np.int64)
    hashes, is_word, shouted = np.empty(n, np.uint64), np.empty(n, bool), np.empty(n, bool)
    of_tokens = tokens.codes, fold.table, kinds.table, tokens.start, tokens.length, n
    while (size := kernels.compiled().fold_words(*of_tokens, codes, start, length, hashes, is_word, shouted)) < 0:
        fold(tokens.codes)  # there is a character that the tables do not know yet
        kinds(tokens.codes)
    return Words(codes[:size], start, length, tokens.chunk, hashes, is_word, shouted)


def _squeeze(
    codes: NDArray[np.uint32], start: NDArray[np.int64], length: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """Keep two of three or more equal characters in a row: "sooooo" is "soo" is "sooo"."""
    more = np.flatnonzero((codes[2:] == codes[1:-1]) & (codes[2:] == codes[:-2])) + 2
    if not len(more):
        return codes, start, length
    keep = np.ones(len(codes), bool)
    keep[more] = False
    keep[start] = True  # spaCy makes three tokens of "!!!", and none may become empty
    kept_before = offsets_of(keep)
    return codes[keep], kept_before[start], kept_before[start + length] - kept_before[start]


def _how_many(holds: NDArray[np.bool_], start: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.int64]:
    """In each token, of how many characters something holds."""
    before = offsets_of(holds)
    return np.asarray(before[start + length] - before[start])


def _ends_sentence(words: Words, lettered: NDArray[np.int64], n_chunks: int) -> NDArray[np.bool_]:
    """A chunk ends a sentence if a token after its last word begins with . ! ? …."""
    stops = np.isin(words.codes[words.start], np.array([ord(c) for c in ".!?…;"], np.uint32))
    last_word = np.full(n_chunks, -1)
    last_word[words.chunk[lettered]] = lettered
    closing = stops & (np.arange(len(stops)) > last_word[words.chunk])
    ends = np.zeros(n_chunks, bool)
    ends[words.chunk[closing]] = True
    return ends

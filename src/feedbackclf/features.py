"""Hashed features of tokens: words, character n-grams inside words, and pairs of neighbouring words.

A feature is only a number (its *bucket*), so that no word of a customer ever stands in a model file.
Everything is computed for many tokens at once over arrays of code points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf.tokens import Tokens

N_BUCKETS = 1 << 21

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SALT = {  # keeps the word "ab", the n-gram "ab" and a pair apart
    "word": np.uint64(0x9E3779B97F4A7C15),
    "ngram": np.uint64(0x3C6EF372FE94F82A),
    "pair": np.uint64(0xDAA66D2C7DDF743F),
    "capitals": np.uint64(0x78DDE6E5FD29F054),
}
_EDGE = np.uint64(0x20)
_POWERS = np.cumprod(np.full(4096, _PRIME, dtype=np.uint64), dtype=np.uint64)


@dataclass(frozen=True)
class ChunkFeatures:
    """The features of a list of chunks.

    Attributes:
        chunk: the chunk that each feature belongs to, ascending, shape (n_features,).
        bucket: which feature, in [0, N_BUCKETS), shape (n_features,).
        first, last: hashes of the outermost words of each chunk, 0 where it has none, shape (n_chunks,).
        ends: whether a sentence ends with the chunk, shape (n_chunks,).
    """

    chunk: NDArray[np.int64]
    bucket: NDArray[np.int64]
    first: NDArray[np.uint64]
    last: NDArray[np.uint64]
    ends: NDArray[np.bool_]


def chunk_features(tokens: Tokens, n_chunks: int, ngrams: tuple[int, int]) -> ChunkFeatures:
    """All features of chunks but the pairs that reach across two of them (see `pair_buckets`).

    Args:
        tokens: the tokens of `n_chunks` chunks.
        ngrams: shortest and longest character n-gram; the blank before and after a word counts as a character.
    """
    capitals = _all_capitals(tokens)
    tokens = _squeeze(replace(tokens, codes=fold(tokens.codes)))
    codes = tokens.codes
    word = _token_hashes(codes, tokens)
    letters = _is_word_character(codes)
    counts = np.r_[0, np.cumsum(letters)]
    is_word = counts[tokens.start + tokens.length] > counts[tokens.start]

    chunks, buckets = [tokens.chunk], [bucket_of(word, "word")]
    capitals &= is_word
    chunks.append(tokens.chunk[capitals])
    buckets.append(bucket_of(word[capitals], "capitals"))

    gram_token, gram = _ngrams(codes, tokens, is_word, ngrams)
    chunks.append(tokens.chunk[gram_token])
    buckets.append(bucket_of(gram, "ngram"))

    words = np.flatnonzero(is_word)
    inside = tokens.chunk[words[1:]] == tokens.chunk[words[:-1]]
    chunks.append(tokens.chunk[words[1:]][inside])
    buckets.append(pair_buckets(word[words[:-1]][inside], word[words[1:]][inside]))

    chunk, bucket = np.concatenate(chunks), np.concatenate(buckets)
    order = np.argsort(chunk, kind="stable")
    first, last = np.zeros(n_chunks, np.uint64), np.zeros(n_chunks, np.uint64)
    last[tokens.chunk[words]] = word[words]
    first[tokens.chunk[words[::-1]]] = word[words[::-1]]
    return ChunkFeatures(chunk[order], bucket[order], first, last, _ends_sentence(codes, tokens, is_word, n_chunks))


def pair_buckets(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The feature of two neighbouring words, from the hashes of both."""
    return bucket_of(left * _PRIME + right, "pair")


def is_ngram(buckets: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Whether features are character n-grams: they have the odd buckets to themselves."""
    return np.asarray(buckets & 1, dtype=bool)


def bucket_of(hashes: NDArray[np.uint64], kind: str) -> NDArray[np.int64]:
    """Spread 64-bit hashes over the buckets (the finalizer of MurmurHash3), n-grams over the odd ones."""
    h = hashes + _SALT[kind]
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    even = ((h ^ (h >> np.uint64(33))) & np.uint64(N_BUCKETS - 2)).astype(np.int64)
    return even + (kind == "ngram")


def fold(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Lower-case code points and make all digits 0, so that prices and order numbers do not count as words."""
    distinct, where = np.unique(codes, return_inverse=True)
    folded = [_fold_character(chr(code)) for code in distinct.tolist()]
    return np.array(folded, dtype=np.uint32)[where]


def _squeeze(tokens: Tokens) -> Tokens:
    """Keep two of three or more equal characters in a row: "sooooo" is "soo" is "sooo"."""
    codes = tokens.codes
    keep = np.ones(len(codes), bool)
    keep[2:] = (codes[2:] != codes[1:-1]) | (codes[2:] != codes[:-2])
    keep[tokens.start] = True  # spaCy makes three tokens of "!!!", and none may become empty
    kept_before = np.r_[0, np.cumsum(keep)]
    start = kept_before[tokens.start]
    return Tokens(codes[keep], start, kept_before[tokens.start + tokens.length] - start, tokens.chunk)


def _fold_character(character: str) -> int:
    if character.isdigit():
        return ord("0")
    if character in "’‘`´":
        return ord("'")
    lower = character.lower()
    return ord(lower) if len(lower) == 1 else ord(character)


def _is_word_character(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    distinct, where = np.unique(codes, return_inverse=True)
    return np.array([chr(code).isalnum() for code in distinct.tolist()], dtype=bool)[where]


def _all_capitals(tokens: Tokens) -> NDArray[np.bool_]:
    distinct, where = np.unique(tokens.codes, return_inverse=True)
    upper = np.array([chr(code).isupper() for code in distinct.tolist()], dtype=bool)[where]
    counts = np.r_[0, np.cumsum(upper)]
    n_upper = counts[tokens.start + tokens.length] - counts[tokens.start]
    return np.asarray((n_upper == tokens.length) & (tokens.length > 1), dtype=bool)


def _token_hashes(codes: NDArray[np.uint32], tokens: Tokens) -> NDArray[np.uint64]:
    """A polynomial hash of each token."""
    if len(tokens.start) == 0:
        return np.zeros(0, np.uint64)
    position, _ = _positions(tokens.length)
    where = np.repeat(tokens.start, tokens.length) + position
    terms = (codes[where] + _PRIME) * _POWERS[position % len(_POWERS)]
    return np.add.reduceat(terms, np.r_[0, np.cumsum(tokens.length)[:-1]])


def _ngrams(
    codes: NDArray[np.uint32], tokens: Tokens, is_word: NDArray[np.bool_], sizes: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Token and hash of every n-gram of the words, a blank added on either side."""
    words = np.flatnonzero(is_word)
    length = tokens.length[words] + 2
    position, owner = _positions(length)
    padded = np.full(len(position), _EDGE)
    inner = (position > 0) & (position < length[owner] - 1)
    padded[inner] = codes[(tokens.start[words][owner] + position - 1)[inner]]
    room = length[owner] - position
    token, grams, h = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)], padded
    for n in range(1, min(sizes[1], len(padded)) + 1):
        if n > 1:
            h = (h[:-1] * _PRIME) ^ padded[n - 1 :]
        if n >= sizes[0]:
            fits = room[: len(h)] >= n
            token.append(words[owner[: len(h)][fits]])
            grams.append(h[fits] + np.uint64(n))
    return np.concatenate(token), np.concatenate(grams)


def _positions(length: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For runs of the given lengths laid end to end: the position inside its run, and the run, of each place."""
    owner = np.repeat(np.arange(len(length)), length)
    return np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length), owner


def _ends_sentence(
    codes: NDArray[np.uint32], tokens: Tokens, is_word: NDArray[np.bool_], n_chunks: int
) -> NDArray[np.bool_]:
    """A chunk ends a sentence if a token after its last word begins with . ! ? …."""
    stops = np.isin(codes[tokens.start], np.array([ord(c) for c in ".!?…;"], np.uint32))
    last_word = np.full(n_chunks, -1)
    words = np.flatnonzero(is_word)
    last_word[tokens.chunk[words]] = words
    closing = np.flatnonzero(stops & (np.arange(len(stops)) > last_word[tokens.chunk]))
    ends = np.zeros(n_chunks, bool)
    ends[tokens.chunk[closing]] = True
    return ends

"""Tokens of many chunks at a time, as places in one array of code points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from feedbackclf import kernels
from feedbackclf.characters import LETTER, are, kinds
from feedbackclf.shapes import ShapeTokenizer
from feedbackclf.spacy_tokenizer import SpacyTokenizer
from feedbackclf.taxonomy import UNDETERMINED
from feedbackclf.tokenizer import MULTI_LANGUAGE, packaged_languages, packaged_tokenizer

_BETWEEN = ord("\n")


@dataclass(frozen=True)
class Tokens:
    """The tokens of a list of chunks, in order.

    Attributes:
        codes: code points of all the chunks, joined by single line ends, shape (n_characters,).
        start: offset of each token in `codes`, shape (n_tokens,).
        length: its number of code points, shape (n_tokens,).
        chunk: index of the chunk it is from, ascending, shape (n_tokens,).
    """

    codes: NDArray[np.uint32]
    start: NDArray[np.int64]
    length: NDArray[np.int64]
    chunk: NDArray[np.int64]


def tokenize_chunks(codes: NDArray[np.uint32], language: str) -> Tokens:
    """Tokenize chunks (texts without white space) by the rules of a language.

    spaCy splits on white space before it applies a language's rules, so the tokens of a text are
    the tokens of its chunks. An unknown language or `und` gets spaCy's rules for no language in particular.

    Args:
        codes: code points of the chunks, parted by line ends, see `feedbackclf.characters.code_points`.
        language: its code.
    """
    is_start = _tokenizer(language).starts(codes)
    compiled = kernels.compiled()
    if compiled is not None:
        start, length, chunk = _room(len(codes))
        n = compiled.find_tokens(codes, is_start, len(codes), start, length, chunk)
        return Tokens(codes, start[:n], length[:n], chunk[:n])
    start = np.flatnonzero(is_start)
    line_ends = np.flatnonzero(codes == _BETWEEN)
    chunk = np.searchsorted(line_ends, start)
    end = np.minimum(np.r_[start[1:], len(codes)], np.r_[line_ends, len(codes)][chunk])
    return Tokens(codes, start, end - start, chunk)


def letter_runs(codes: NDArray[np.uint32]) -> Tokens:
    """Cut chunks into runs of letters, for when the language, and so its rules, is not known yet."""
    compiled = kernels.compiled()
    if compiled is not None:
        start, length, chunk = _room(len(codes) // 2 + 1)
        while (n := compiled.find_letters(codes, kinds.table, len(codes), start, length, chunk)) < 0:
            kinds(codes)  # there is a character that the table does not know yet
        return Tokens(codes, start[:n], length[:n], chunk[:n])
    steps = np.diff(are(LETTER, codes).astype(np.int8), prepend=0, append=0)
    start, end = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return Tokens(codes, start, end - start, np.searchsorted(np.flatnonzero(codes == _BETWEEN), start))


def _room(most: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Arrays for the start, length and chunk of tokens."""
    return np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)


@cache
def _tokenizer(language: str) -> ShapeTokenizer | SpacyTokenizer:
    """What cuts chunks of a language: its packaged rules or, for a language without them, spaCy if it knows it."""
    if language in packaged_languages():
        return ShapeTokenizer(packaged_tokenizer(language))
    if language != UNDETERMINED:
        try:
            return SpacyTokenizer(language)
        except ImportError:  # spaCy does not know this language either
            pass
    return _tokenizer(MULTI_LANGUAGE)

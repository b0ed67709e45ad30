"""spaCy's tokens of whitespace-separated chunks, many chunks at a time, without a Python object per token."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from feedbackclf.taxonomy import UNDETERMINED

if TYPE_CHECKING:
    from spacy.tokenizer import Tokenizer

MULTI_LANGUAGE = "xx"
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


def tokenize_chunks(chunks: Sequence[str], language: str) -> Tokens:
    """Tokenize chunks (texts without white space) by the rules of a language.

    spaCy splits on white space before it applies a language's rules, so the tokens of a text are
    the tokens of its chunks. An unknown language or `und` gets spaCy's rules for no language in particular.
    """
    text, codes = _joined(chunks)
    tokenizer = _rules(language)
    with tokenizer.vocab.memory_zone():  # or every string ever seen would be kept
        spans = tokenizer(text).to_array(["IDX", "LENGTH"])
    start, length = spans.astype(np.int64).reshape(-1, 2).T
    is_token = codes[start] != _BETWEEN
    return _of_chunks(codes, start[is_token], length[is_token])


def letter_runs(chunks: Sequence[str]) -> Tokens:
    """Cut chunks into runs of letters, for when the language, and so its rules, is not known yet."""
    _, codes = _joined(chunks)
    distinct, where = np.unique(codes, return_inverse=True)
    letter = np.array([chr(code).isalpha() for code in distinct.tolist()], dtype=bool)[where]
    steps = np.diff(np.r_[False, letter, False].astype(np.int8))
    start, end = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return _of_chunks(codes, start, end - start)


def _joined(chunks: Sequence[str]) -> tuple[str, NDArray[np.uint32]]:
    """All chunks as one text and its code points.

    Line ends part them, which are tokens for spaCy. Across a blank, neighbours would change each other's tokens: of
    ":) :)" spaCy leaves the first whole and cuts the second.
    """
    text = chr(_BETWEEN).join(unicodedata.normalize("NFC", chunk) for chunk in chunks)
    return text, np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _of_chunks(codes: NDArray[np.uint32], start: NDArray[np.int64], length: NDArray[np.int64]) -> Tokens:
    return Tokens(codes, start, length, np.searchsorted(np.flatnonzero(codes == _BETWEEN), start))


@cache
def _rules(language: str) -> Tokenizer:
    """The tokenizer that `spacy.blank(language)` would have, over a vocabulary that computes no word attributes.

    Only the cuts are used; the attributes (is it a stop word, a number, …) are Python calls for each new word.
    """
    from spacy.tokenizer import Tokenizer
    from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex, get_lang_class
    from spacy.vocab import Vocab

    try:
        rules = get_lang_class(MULTI_LANGUAGE if language == UNDETERMINED else language).Defaults
    except ImportError:  # spaCy has no rules for this language
        rules = get_lang_class(MULTI_LANGUAGE).Defaults
    return Tokenizer(
        Vocab(),
        rules=rules.tokenizer_exceptions,
        prefix_search=compile_prefix_regex(rules.prefixes or ()).search,
        suffix_search=compile_suffix_regex(rules.suffixes or ()).search,
        infix_finditer=compile_infix_regex(rules.infixes or ()).finditer,
        token_match=rules.token_match,
        url_match=rules.url_match,
    )

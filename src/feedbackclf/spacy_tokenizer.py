"""spaCy's own tokenizer, for the languages whose rules do not come along as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf.characters import text_of

if TYPE_CHECKING:
    from spacy.tokenizer import Tokenizer

_LINE_END = ord("\n")


class SpacyTokenizer:
    """Cuts chunks as `spacy.blank(language)` does, over a vocabulary that computes no word attributes.

    Only the cuts are used; the attributes (is it a stop word, a number, …) are Python calls for each new word.
    """

    def __init__(self, language: str) -> None:
        from spacy.util import get_lang_class

        self._tokenizer = _tokenizer(get_lang_class(language).Defaults)

    def starts(self, codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Where tokens begin in chunks, parted by line ends, shape (n_characters,) as their code points.

        Line ends part the chunks, which are tokens for spaCy. Across a blank, neighbours would change each other's
        tokens: of ":) :)" spaCy leaves the first whole and cuts the second.
        """
        with self._tokenizer.vocab.memory_zone():  # or every string ever seen would be kept
            start = self._tokenizer(text_of(codes)).to_array(["IDX"]).astype(np.int64).reshape(-1)
        is_start = np.zeros(len(codes), bool)
        is_start[start[codes[start] != _LINE_END]] = True
        return is_start


def _tokenizer(rules: Any) -> Tokenizer:
    from spacy.tokenizer import Tokenizer
    from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex
    from spacy.vocab import Vocab

    return Tokenizer(
        Vocab(),
        rules=rules.tokenizer_exceptions,
        prefix_search=compile_prefix_regex(rules.prefixes or ()).search,
        suffix_search=compile_suffix_regex(rules.suffixes or ()).search,
        infix_finditer=compile_infix_regex(rules.infixes or ()).finditer,
        token_match=rules.token_match,
        url_match=rules.url_match,
    )

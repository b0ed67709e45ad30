"""spaCy's rules for cutting a chunk into tokens, applied without spaCy.

Importing spaCy takes longer than tagging ten thousand reviews. So its rules of the languages here come along as data
(`tokenizer_rules/`, written by `tools/tokenizer_rules.py`), and what spaCy does with them is written out below. Any
other language is left to spaCy itself, see `feedbackclf.spacy_tokenizer`. Tests hold the tokens against spaCy's.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from feedbackclf.regexes import Alike, any_of, reduce_characters

MULTI_LANGUAGE = "xx"
RULES = Path(__file__).with_name("tokenizer_rules")

_LONGEST_SUFFIX = 16

Cut = tuple[int, ...]
"""Lengths of the tokens of a chunk, in code points."""


@dataclass(frozen=True)
class TokenizerRules:
    """The rules of one language.

    spaCy's sets of characters are long, since they name the letters of many scripts one by one, and take Python a
    tenth of a second to compile. So of all characters that the rules cannot tell apart only the first is left in them.

    Attributes:
        prefixes, suffixes, infixes, urls: regular expressions for text in which `alike` has been applied.
        special_cases: chunks that are cut in a way of their own.
        alike: runs of characters (first, last, by code point) and the one that stands for each of them.
        joined: what would be cut from special cases that have affixes, so that they are put together again.
    """

    prefixes: str
    suffixes: str
    infixes: str
    urls: str
    special_cases: Mapping[str, Cut]
    alike: Sequence[tuple[int, int, int]]
    joined: Sequence[Sequence[str]] = ()

    @classmethod
    def from_spacy(cls, language: str) -> TokenizerRules:
        """The rules of the installed spaCy.

        Raises:
            ValueError: the language has a rule of a kind that `ChunkTokenizer` does not apply.
        """
        from spacy.symbols import ORTH
        from spacy.util import get_lang_class

        rules: Any = get_lang_class(language).Defaults
        if rules.token_match is not None:
            raise ValueError(f"spaCy has a token_match for {language!r}, which is not written out here")
        lists = rules.prefixes or (), rules.suffixes or (), rules.infixes or ()
        (prefixes, suffixes, infixes, urls), alike = reduce_characters(
            [*map(any_of, lists), rules.url_match.__self__.pattern]
        )
        special_cases = {
            chunk: tuple(len(token[ORTH]) for token in tokens)
            for chunk, tokens in sorted(rules.tokenizer_exceptions.items())
            if chunk.split() == [chunk]
        }
        plain = cls(prefixes, suffixes, infixes, urls, special_cases, alike)
        return replace(plain, joined=ChunkTokenizer(plain).cut_apart())

    @classmethod
    def from_json(cls, text: str) -> TokenizerRules:
        """What `to_json` wrote."""
        data: dict[str, Any] = json.loads(text)
        cases = {chunk: tuple(cut) for chunk, cut in data.pop("special_cases").items()}
        alike = [(first, last, other) for first, last, other in data.pop("alike")]
        return cls(**data, special_cases=cases, alike=alike)

    def to_json(self) -> str:
        """The rules as one JSON object, the same text for the same rules."""
        return json.dumps(asdict(self), ensure_ascii=True, separators=(",", ":"))


class ChunkTokenizer:
    """Cuts chunks, texts without white space, as spaCy does.

    The method is spaCy's: strip prefixes and suffixes one by one until a special case is left or nothing more
    can be stripped, split what is left at infixes, and last join tokens that together are a special case.
    """

    def __init__(self, rules: TokenizerRules) -> None:
        self._prefix = re.compile(rules.prefixes).match
        self._suffixes = re.compile(f"(?:{rules.suffixes})$")
        self._infixes = re.compile(rules.infixes).finditer
        self._is_url = re.compile(rules.urls).match
        self._alike = Alike(rules.alike)
        self.special_cases = rules.special_cases
        self._joined: dict[str, list[Sequence[str]]] = defaultdict(list)
        for tokens in rules.joined:
            self._joined[tokens[0]].append(tokens)

    def cut_apart(self) -> list[list[str]]:
        """The tokens of those special cases that have an affix, if they were no special cases."""
        cases = self.special_cases
        seen = {case: self._alike.in_text(case) for case in cases}
        affixed = [c for c, s in seen.items() if self._prefix(s) or self._suffix(s) or next(self._infixes(s), None)]
        return [self._cut_apart(case, {}) for case in affixed]

    def cut(self, chunk: str) -> Cut:
        """The lengths of the tokens of a chunk that is not empty."""
        return tuple(map(len, self._join_special(self._cut_apart(chunk, self.special_cases))))

    def _cut_apart(self, chunk: str, special: Mapping[str, Cut]) -> list[str]:
        if chunk in special:
            return _pieces(chunk, special[chunk])
        prefixes, middle, suffixes = self._strip(chunk, special)
        return [*prefixes, *self._cut_middle(middle, special), *reversed(suffixes)]

    def _strip(self, chunk: str, special: Mapping[str, Cut]) -> tuple[list[str], str, list[str]]:
        prefixes: list[str] = []
        suffixes: list[str] = []
        while chunk not in special and not chunk.isalpha():
            size, seen = len(chunk), self._alike.in_text(chunk)
            found = self._prefix(seen)
            before = found.end() if found else 0
            if before and chunk[before:] in special:
                prefixes.append(chunk[:before])
                return prefixes, chunk[before:], suffixes
            found = self._suffix(seen[before:])
            after = found.end() - found.start() if found else 0
            if after and chunk[:-after] in special:
                suffixes.append(chunk[-after:])
                return prefixes, chunk[:-after], suffixes
            if before:
                prefixes.append(chunk[:before])
                chunk = chunk[before:]
            if after and (not before or after <= len(chunk)):
                suffixes.append(chunk[-after:])
                chunk = chunk[:-after]
            if not chunk or len(chunk) == size:
                break
        return prefixes, chunk, suffixes

    def _suffix(self, chunk: str) -> re.Match[str] | None:
        """The first match, looked for only as far from the end as suffixes reach; rows of dots can be of any length."""
        return self._suffixes.search(chunk, 0 if chunk[-2:] == ".." else max(0, len(chunk) - _LONGEST_SUFFIX))

    def _cut_middle(self, middle: str, special: Mapping[str, Cut]) -> list[str]:
        if not middle:
            return []
        if middle in special:
            return _pieces(middle, special[middle])
        seen = self._alike.in_text(middle)
        if middle.isalnum() or ("." in middle and self._is_url(seen)):
            return [middle]
        tokens, start = [], 0
        for infix in self._infixes(seen):
            if infix.start() == 0:
                continue
            tokens += [middle[start : infix.start()], middle[infix.start() : infix.end()]]
            start = infix.end()
        return [token for token in (*tokens, middle[start:]) if token]

    def _join_special(self, tokens: list[str]) -> list[str]:
        """Cut runs of tokens that spell a special case in its own way; longer cases go first."""
        found = [
            (len(case), -start, case)
            for start, token in enumerate(tokens)
            for case in self._joined.get(token, ())
            if tokens[start : start + len(case)] == case
        ]
        if not found:
            return tokens
        taken: set[int] = set()
        cases = {}
        for size, negative_start, case in sorted(found, reverse=True):
            start = -negative_start
            if start not in taken and start + size - 1 not in taken:
                cases[start] = case
            taken.update(range(start, start + size))
        joined, place = [], 0
        while place < len(tokens):
            case = cases.get(place, [])
            text = "".join(case)
            joined += _pieces(text, self.special_cases[text]) if case else [tokens[place]]
            place += len(case) or 1
        return joined


def packaged_languages() -> set[str]:
    """The languages whose rules come along. A code in a model is anybody's, and must not lead to other files."""
    return {path.stem for path in RULES.glob("*.json")}


def rules_path(language: str) -> Path:
    """Where the rules of a packaged language are."""
    return RULES / f"{language}.json"


def packaged_tokenizer(language: str) -> ChunkTokenizer:
    """The tokenizer of a language whose rules come along."""
    return ChunkTokenizer(TokenizerRules.from_json(rules_path(language).read_text(encoding="ascii")))


def _pieces(text: str, cut: Cut) -> list[str]:
    pieces, start = [], 0
    for length in cut:
        pieces.append(text[start : start + length])
        start += length
    return pieces

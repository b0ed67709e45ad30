"""The cases of the behavioural tests (after CheckList, Ribeiro et al., 2020), and what a classifier makes of them.

Each language has a TOML file. Its tables are capabilities; a key says what is expected ("speed:negative
sentiment:negative", several labels that would do with | between), and its texts may have blanks such as {thing}, which
are filled with each word listed under [fill]. What is done to the spelling of a text is done to those of [clear].
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.prediction import Prediction

LANGUAGES = ("nl", "da", "sv", "en")
FOLDER = Path(__file__).parent
LEVEL_HEAD = "level"


@dataclass(frozen=True)
class Case:
    """A text and the labels that would be right for it, by head."""

    text: str
    expected: tuple[tuple[str, frozenset[str]], ...]


def typo(text: str) -> str:
    """Two neighbouring letters inside the longest word change places."""
    word = max(text.split(), key=len)
    middle = len(word) // 2
    return text.replace(word, word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :])


def other_numbers(text: str) -> str:
    """Every digit becomes another one."""
    return re.sub(r"\d", lambda digit: str(int(digit[0]) % 9 + 1), text)


VARIANTS: dict[str, Callable[[str], str]] = {
    "typos": typo,
    "lower case": str.lower,
    "upper case": str.upper,
    "no punctuation": lambda text: "".join(c for c in text if c not in ".,!?'"),
    "other numbers": other_numbers,
}
TABLES = ("clear", "negation", "contrast", "emoji", "irony", "charm", "request", "numbers", "dialect", "switching")
CAPABILITIES = (*TABLES, "intensity", *VARIANTS)


def cases(language: str, capability: str) -> list[Case]:
    """The cases of a capability that expects labels (any but intensity)."""
    if capability in VARIANTS:
        change = VARIANTS[capability]
        return [Case(change(case.text), case.expected) for case in cases(language, "clear")]
    table = _read(language)
    return [
        Case(text, _expected(key))
        for key, templates in table[capability].items()
        for template in templates
        for text in _filled(template, table["fill"])
    ]


def outcomes(classifier: FeedbackClassifier, language: str, capability: str) -> list[tuple[str, bool]]:
    """For each case its text and whether the classifier, told the language, was right in every respect."""
    if capability == "intensity":
        return _intensity(classifier, language)
    given = cases(language, capability)
    codes = None if capability == "switching" else [language] * len(given)
    found = classifier.predict([case.text for case in given], codes)
    return [(case.text, _is_right(case, one)) for case, one in zip(given, found, strict=True)]


def ceilings() -> dict[str, dict[str, float]]:
    """The highest failure rate that is allowed, by capability and language."""
    found: dict[str, dict[str, float]] = tomllib.loads((FOLDER / "ceilings.toml").read_text(encoding="utf-8"))
    return found


def failure_rate(found: Sequence[tuple[str, bool]]) -> float:
    """The share of cases that went wrong."""
    return 1 - sum(right for _, right in found) / len(found)


def _intensity(classifier: FeedbackClassifier, language: str) -> list[tuple[str, bool]]:
    """Stronger praise must raise the expected level: the sum of the places of the levels times their probabilities."""
    table = _read(language)["intensity"]
    chances = classifier.predict_proba([*table["plain"], *table["strong"]])[LEVEL_HEAD]
    level = chances @ np.arange(chances.shape[1])
    n = len(table["plain"])
    return [(text, bool(low < high)) for text, low, high in zip(table["strong"], level[:n], level[n:], strict=True)]


def _is_right(case: Case, found: Prediction) -> bool:
    labels = {name: answer.label for name, answer in found.choices.items()}
    labels.update({name: of_dimension.polarity for name, of_dimension in found.dimensions.items()})
    return all(labels[head] in wanted for head, wanted in case.expected)


@cache
def _read(language: str) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def _expected(key: str) -> tuple[tuple[str, frozenset[str]], ...]:
    pairs = (part.split(":") for part in key.split())
    return tuple((head, frozenset(labels.split("|"))) for head, labels in pairs)


def _filled(template: str, words: dict[str, list[str]]) -> Iterator[str]:
    names = [name for name in words if f"{{{name}}}" in template]
    for choice in product(*(words[name] for name in names)):
        yield template.format(**dict(zip(names, choice, strict=True)))

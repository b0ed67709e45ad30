"""Words that nobody wrote: the endless list of rare words that a generated review draws from.

Two thirds of the different words of real feedback occur once: typos, names, compounds, order numbers, amounts, words
with a full stop or a quote attached, sentences without a blank between them. Word number n of a language is always
the same, so the list need not be kept.
"""

from __future__ import annotations

import random
import string
from bisect import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate

CLOSING = (".", ".", ",", ",", "!", "?", "...", "!!", "!!!", ":", ";", ")", "?!", ".)", '"')
OPENING = ("(", '"', "'", "“", "„", "«")
EMOJI = ("👍", "😊", "😡", "❤️", "⭐⭐⭐", "🙏", "😀", "👏", ":)", ":-)", ":(", "!!!", "-", "&", "...")
ENDINGS = {"nl": "nl", "da": "dk", "sv": "se", "en": "com"}
ONSETS = {
    "nl": ("b", "d", "v", "gr", "h", "k", "sch", "m", "n", "w", "z", "tr", "st", "kl", "p", "r"),
    "da": ("b", "d", "f", "gr", "h", "k", "skj", "m", "n", "v", "s", "tr", "st", "kl", "br", "r"),
    "sv": ("b", "d", "f", "gr", "h", "k", "sj", "m", "n", "v", "s", "tr", "st", "kl", "lj", "r"),
    "en": ("b", "d", "f", "gr", "h", "k", "sh", "m", "n", "w", "s", "tr", "st", "cl", "th", "r"),
}
VOWELS = {
    "nl": ("a", "e", "i", "o", "aa", "ie", "oe", "ij", "ui", "ee"),
    "da": ("a", "e", "i", "o", "æ", "ø", "å", "u", "ej", "y"),
    "sv": ("a", "e", "i", "o", "ä", "ö", "å", "u", "ej", "y"),
    "en": ("a", "e", "i", "o", "ea", "oo", "ai", "u", "ou", "y"),
}
CODAS = ("", "", "", "n", "r", "s", "l", "t", "nd", "rt", "k", "m")

Maker = Callable[[random.Random, str, Sequence[str]], str]
"""(random numbers, language, words of that language) → a word."""


def rare_word(language: str, number: int, known: Sequence[str]) -> str:
    """Word `number` of the endless list of a language.

    Args:
        language: `nl`, `da`, `sv` or `en`.
        number: place in the list, from 0.
        known: lower-case words of that language, only letters; most rare words are made from them.
    """
    rng = random.Random(len(ENDINGS) * number + list(ENDINGS).index(language))
    make = MAKERS[bisect(CUMULATED, rng.random() * CUMULATED[-1])]
    return make(rng, language, known)


def letters(rng: random.Random, language: str, known: Sequence[str]) -> str:
    """A misspelt word, a compound, a name, an emphasised word."""
    kind = rng.random()
    if kind < 0.25:
        return name(rng, language)
    word = rng.choice(known)
    if kind < 0.6:
        word = misspelt(rng, word)
    elif kind < 0.9 and language != "en":
        word += rng.choice(("", "", "s", "e")) + rng.choice(known)
    elif kind < 0.9:
        word += rng.choice(("s", "ed", "ing", "er", "ly", "ish", "less", "ness")) + rng.choice(("", "", "s"))
    elif kind < 0.94:
        at = rng.randrange(len(word))
        word = word[:at] + word[at] * rng.randint(3, 9) + word[at + 1 :]
    else:
        return misspelt(rng, word).upper()
    return word.capitalize() if rng.random() < 0.15 else word


def misspelt(rng: random.Random, word: str) -> str:
    """A word with a letter dropped, doubled, changed or swapped."""
    at = rng.randrange(len(word))
    kind = rng.randrange(4)
    if kind == 0 and len(word) > 2:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at] + word[at:]
    if kind == 2:
        return word[:at] + rng.choice(string.ascii_lowercase) + word[at + 1 :]
    return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


def name(rng: random.Random, language: str) -> str:
    """A person, a place or a product that does not exist."""
    syllables = rng.choice((1, 2, 2, 2, 3))
    parts = [rng.choice(ONSETS[language]) + rng.choice(VOWELS[language]) for _ in range(syllables)]
    return ("".join(parts) + rng.choice(CODAS)).capitalize()


def closed(rng: random.Random, language: str, known: Sequence[str]) -> str:
    """A word with punctuation behind it; often an ordinary word."""
    word = rng.choice(known) if rng.random() < 0.4 else letters(rng, language, known)
    return word + rng.choice(CLOSING)


def opened(rng: random.Random, language: str, known: Sequence[str]) -> str:
    """A word with a quote or bracket before it, perhaps behind it as well."""
    return rng.choice(OPENING) + rng.choice(known) + rng.choice(("", "", '"', ")", "'", ","))


def glued(rng: random.Random, language: str, known: Sequence[str]) -> str:
    """Two words without the blank between sentences or clauses."""
    mark = rng.choice((".", ".", ".", ",", ",", "!", "...", "?"))
    follower = rng.choice(known)
    return rng.choice(known) + mark + (follower if mark == "," else follower.capitalize())


def coded(rng: random.Random, language: str, known: Sequence[str]) -> str:
    """Letters and digits: order numbers, sizes, models, times."""
    kind = rng.randrange(4)
    if kind == 0:
        return "".join(rng.choices(string.ascii_uppercase, k=rng.randint(1, 3))) + str(rng.randrange(10, 10**6))
    if kind == 1:
        return str(rng.randrange(1, 3000)) + rng.choice(("kr", "km", "cm", "min", "dgr", "x", "st", "GB", "eur", "kr."))
    if kind == 2:
        return f"kl.{rng.randrange(24)}.{rng.randrange(60):02}"
    return name(rng, language) + str(rng.randrange(1, 2000))


def numeric(rng: random.Random, language: str, known: Sequence[str]) -> str:
    """An amount, a date, a time, a telephone number."""
    kind = rng.randrange(5)
    if kind == 0:
        return f"{rng.randrange(1, 32)}{rng.choice('./-')}{rng.randrange(1, 13)}"
    if kind == 1:
        return f"{rng.randrange(24)}:{rng.randrange(60):02}"
    if kind == 2:
        return str(rng.randrange(10**6, 10**8))
    amount = int(10 ** rng.uniform(0, 5))
    return f"{amount},{rng.randrange(100):02}" if kind == 3 else f"{amount}{rng.choice(('', ',-', '%', '.', '€'))}"


def wordless(rng: random.Random, language: str, known: Sequence[str]) -> str:
    """No letter and no digit but for a price: emoji, emoticons, marks."""
    if rng.random() < 0.5:
        return f"{rng.choice('$€£')}{rng.randrange(1, 3000)}"
    return "".join(rng.choices(EMOJI, k=rng.randint(1, 3)))


def hyphenated(rng: random.Random, language: str, known: Sequence[str]) -> str:
    """Two words and a hyphen."""
    return f"{rng.choice(known)}-{letters(rng, language, known)}"


def slashed(rng: random.Random, language: str, known: Sequence[str]) -> str:
    """Two words and a slash."""
    return f"{rng.choice(known)}/{rng.choice(known)}"


def apostrophed(rng: random.Random, language: str, known: Sequence[str]) -> str:
    """A word with an apostrophe in it."""
    return f"{name(rng, language) if rng.random() < 0.5 else rng.choice(known)}'{rng.choice(('s', 't', 'er', 'en'))}"


def other(rng: random.Random, language: str, known: Sequence[str]) -> str:
    """Web addresses, marks inside words, pieces of all kinds put together."""
    kind = rng.randrange(3)
    if kind == 0:
        return f"www.{name(rng, language).lower()}.{ENDINGS[language]}"
    if kind == 1:
        return f"{rng.choice(known)}_{rng.choice(known)}"
    return f"*{letters(rng, language, known)}*{rng.choice(CLOSING)}"


SHARES: dict[Maker, float] = {
    letters: 43,
    closed: 31,
    glued: 7,
    coded: 5,
    opened: 3.6,
    numeric: 3,
    other: 3,
    hyphenated: 1.7,
    slashed: 1,
    wordless: 1,
    apostrophed: 0.6,
}
"""How many of 100 different words of 122,016 real reviews are of which kind."""

MAKERS = list(SHARES)
CUMULATED = list(accumulate(SHARES.values()))

"""Write a file of invented reviews, as varied as real ones, for measuring speed.

Usage: python -m benchmarks.reviews ROWS FILE [--seed N]

A review is a string of short pieces of the texts in `corpora/`, all in one language but for a few. A word that is rare
there is exchanged for one of an endless list (`words.py`), whose numbers follow a power law. Its exponent makes the
number of different words grow with the number of reviews as it does in real feedback; both are printed.
The first rows of a long file are those of a short one with the same seed.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from benchmarks.words import rare_word

CORPORA = Path(__file__).parents[1] / "corpora"
LANGUAGES = ("nl", "da", "sv", "en")

WORDS_AT = (
    *((0, 0), (0.007, 0.9), (0.01, 3), (0.1, 6), (0.25, 12), (0.4, 18), (0.5, 23), (0.6, 30), (0.65, 36), (0.7, 44)),
    *((0.75, 53), (0.8, 65), (0.85, 82), (0.9, 111), (0.95, 167), (0.99, 340), (0.999, 702), (0.9999, 1229), (1, 3300)),
)
"""(share of the reviews, words that these have at most). Up to 0.99 the figures of 122,016 real reviews."""

LATER = 20_000
"""The number of the first text that was written later. Without those, reviews stay what they were measured as."""

REAL_DISTINCT = {1_000: 11_558, 3_000: 26_178, 10_000: 57_225, 30_000: 119_529, 60_000: 188_653, 100_000: 266_062}
"""Different words (cut at white space) in so many real reviews. In the end ten times the reviews have 4.7 times the
words, which would make 1.2 million words in a million reviews."""

REAL_PAIRS = {1_000: 35_586, 3_000: 95_751, 10_000: 254_042, 30_000: 615_028, 60_000: 1_057_765, 100_000: 1_583_002}
"""Different pairs of neighbouring words in them."""

GROWTH_AT = (*REAL_DISTINCT, 300_000, 1_000_000)

REAL_REVIEWS, MEAN_WORDS = 122_016, 46.8
"""How many real reviews this comes from, and their words on average."""

EXPONENT, FLAT = 0.47, 450
"""Of the power law of rare words. Found by trying, so that the number of different words comes out as in life."""

RARE = 3
"""How often a word may occur in the texts of a language in `corpora/` and still count as rare."""

PIECE = 6
"""About how many words of a text in `corpora/` are taken in one go."""

ENGLISH = 0.03
"""Share of the reviews that fall into English now and then."""


@dataclass(frozen=True)
class Language:
    """What a language's reviews are made of.

    Attributes:
        code: `nl`, `da`, `sv` or `en`.
        running: the words of its texts in `corpora/`, one text after the other; None where there is a rare word.
        rare: the words that occur up to `RARE` times, the more frequent first.
        known: the lower-case words of only letters, for making up others.
    """

    code: str
    running: list[str | None]
    rare: list[str]
    known: list[str]

    @classmethod
    @cache
    def read(cls, code: str) -> Language:
        lines = (CORPORA / f"{code}.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [row for row in map(json.loads, lines) if row["id"] < f"{code}{LATER}"]
        words = [word for row in rows for word in row["text"].split()]
        counts = Counter(words)
        return cls(
            code,
            [word if counts[word] > RARE else None for word in words],
            [word for word, count in counts.most_common() if count <= RARE],
            [word for word in counts if word.isalpha() and word.islower() and len(word) > 2],
        )

    def word(self, number: int) -> str:
        """Rare word `number`: first those of `corpora/`, then invented ones."""
        return self.rare[number] if number < len(self.rare) else rare_word(self.code, number, self.known)


def reviews(rows: int, seed: int = 0) -> Iterator[str]:
    """Texts of so many reviews."""
    rng = random.Random(seed)
    languages = [Language.read(code) for code in LANGUAGES]
    english = languages[LANGUAGES.index("en")]
    words_of = {language.code: lru_cache(maxsize=100_000)(language.word) for language in languages}
    for _ in range(rows):
        language = rng.choice(languages)
        length = words_in_review(rng.random())
        mixed = rng.random() < ENGLISH
        words: list[str] = []
        while len(words) < length:
            source = english if mixed and rng.random() < 0.3 else language
            spell = words_of[source.code]
            words += [word or spell(rare_number(rng.random())) for word in piece(rng, source)]
        yield " ".join(words[:length])


def piece(rng: random.Random, source: Language) -> list[str | None]:
    """A few words that follow each other in a text; their number is geometrically distributed."""
    start = int(rng.random() * len(source.running))
    length = 1 + int(-math.log(1 - rng.random()) * PIECE)
    return source.running[start : start + length]


def rare_number(share: float) -> int:
    """A number with P(number > n) = (1 + n / FLAT) ** -EXPONENT, from a share that is uniform on [0, 1)."""
    return int(FLAT * ((1 - share) ** (-1 / EXPONENT) - 1))


def words_in_review(share: float) -> int:
    """The length of the review that is longer than this share of all."""
    after = bisect_right(WORDS_AT, share, key=lambda point: point[0])
    (low, fewer), (high, more) = WORDS_AT[after - 1 : after + 1]
    return round((fewer + 1) * ((more + 1) / (fewer + 1)) ** ((share - low) / (high - low))) - 1


def write_reviews(path: Path, rows: int, seed: int = 0) -> None:
    """A CSV file with the columns `id` and `text`."""
    write_texts(path, reviews(rows, seed))


def write_texts(path: Path, texts: Iterable[str]) -> None:
    """Texts as a CSV file with the columns `id` and `text`, one after the other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "text"])
        writer.writerows((f"r{number}", text) for number, text in enumerate(texts))
    part.rename(path)


def growth(texts: Iterable[str]) -> Iterator[dict[str, int]]:
    """What stands in the first texts, for the numbers of texts in `GROWTH_AT`: `rows`, `words` (cut at white space),
    different words (`distinct`), and as long as there are real ones to compare with, different `pairs` of neighbours.
    """
    words, distinct, pairs = 0, set[str](), set[tuple[str, str]]()
    last = max(REAL_PAIRS)
    for rows, text in enumerate(texts, start=1):
        cut = text.split()
        words += len(cut)
        distinct.update(cut)
        if rows <= last:
            pairs.update(pairwise(cut))
        if rows in GROWTH_AT:
            counts = {"rows": rows, "words": words, "distinct": len(distinct)}
            yield counts | ({"pairs": len(pairs)} if rows <= last else {})


def main() -> None:
    """Write the file and print how its words grow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    write_reviews(options.file, options.rows, options.seed)
    print(f"{'reviews':>9} {'words':>11} {'different':>10} {'in life':>8} {'pairs':>10} {'in life':>8}")
    for run in growth(reviews(options.rows, options.seed)):
        rows = run["rows"]
        words, pairs = REAL_DISTINCT.get(rows, ""), REAL_PAIRS.get(rows, "")
        print(f"{rows:>9} {run['words']:>11} {run['distinct']:>10} {words:>8} {run.get('pairs', ''):>10} {pairs:>8}")


if __name__ == "__main__":
    main()

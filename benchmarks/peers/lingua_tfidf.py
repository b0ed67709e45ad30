"""lingua for the language, TF-IDF and logistic regression for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lingua import IsoCode639_1, LanguageDetectorBuilder
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.peers import tfidf
from benchmarks.peers.common import LANGUAGES, Label, examples, run


def train(folder: Path) -> None:
    """Learn from the corpora."""
    learned = examples()
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    tfidf.train([example.text for example in learned], learned, folder, words)


def load(folder: Path) -> Label:
    """Read the model; lingua chooses among the four languages only, and has its own in its package."""
    codes = [getattr(IsoCode639_1, code.upper()) for code in LANGUAGES]
    detector = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_preloaded_language_models().build()
    tagger = tfidf.Tagger(folder)

    def label(texts: Sequence[str]) -> list[list[str]]:
        found = [detector.detect_language_of(text) for text in texts]
        codes = [language.iso_code_639_1.name.lower() if language else "und" for language in found]
        return [[code, *answer] for code, answer in zip(codes, tagger(texts), strict=True)]

    return label


if __name__ == "__main__":
    run(train, load)

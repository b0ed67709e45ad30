"""The obvious pipeline: langdetect, spaCy's tokens of that language, TF-IDF, logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import spacy
from langdetect import DetectorFactory, LangDetectException, detect
from sklearn.feature_extraction.text import TfidfVectorizer
from spacy.language import Language

from benchmarks.peers import tfidf
from benchmarks.peers.common import LANGUAGES, Label, examples, run

UNKNOWN = "und"

blank = cache(spacy.blank)


def tokens(text: str, language: str) -> str:
    """The tokens of a text, with blanks between them."""
    nlp: Language = blank(language if language in LANGUAGES else "xx")
    nlp.max_length = max(nlp.max_length, len(text))
    return " ".join(token.text for token in nlp(text))


def language_of(text: str) -> str:
    """What langdetect says."""
    try:
        return detect(text)
    except LangDetectException:
        return UNKNOWN


def train(folder: Path) -> None:
    """Learn from the corpora, whose languages are known."""
    learned = examples()
    words = TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    tfidf.train([tokens(example.text, example.language) for example in learned], learned, folder, words)


def load(folder: Path) -> Label:
    """Read the model."""
    DetectorFactory.seed = 0
    tagger = tfidf.Tagger(folder)

    def label(texts: Sequence[str]) -> list[list[str]]:
        languages = [language_of(text) for text in texts]
        answers = tagger([tokens(text, language) for text, language in zip(texts, languages, strict=True)])
        return [[language, *answer] for language, answer in zip(languages, answers, strict=True)]

    return label


if __name__ == "__main__":
    run(train, load)

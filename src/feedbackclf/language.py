"""Which language a text is in: one of the taxonomy's, or `und` for none of them.

A linear model over character n-grams and words, learned like the other heads, with Norwegian, German and others as
further classes that read as `und`. langdetect is there as the reference and as an option.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feedbackclf.chunks import ChunkedTexts, chunk_texts
from feedbackclf.features import ChunkFeatures, chunk_features
from feedbackclf.scoring import ChunkMemory, ScoreTable, score_texts
from feedbackclf.taxonomy import UNDETERMINED
from feedbackclf.tokens import letter_runs

LANGUAGE_NGRAMS = (1, 5)
DETECTORS = ("model", "langdetect")


@dataclass(frozen=True)
class LanguageModel:
    """Learned language identification.

    Attributes:
        classes: codes of the score table's columns; those outside the taxonomy read as `und`.
        table: scores that a softmax turns into calibrated probabilities.
    """

    classes: tuple[str, ...]
    table: ScoreTable


class LanguageDetector(Protocol):
    """Anything that tells the languages of a batch of texts."""

    def detect(self, texts: pa.Array, chunked: ChunkedTexts) -> tuple[list[str], NDArray[np.float64]]:
        """Codes, and the probability of each, NaN where a text has no letters; both of shape (n_texts,)."""
        ...


class ModelDetector:
    """Detects with a learned `LanguageModel`, and remembers the chunks it has seen."""

    def __init__(self, model: LanguageModel, languages: Sequence[str]) -> None:
        self._table = model.table
        self._memory = ChunkMemory(model.table, language_features)
        self._ours = tuple(code for code in languages if code in model.classes)
        self._columns = [model.classes.index(code) for code in self._ours]

    def detect(self, texts: pa.Array, chunked: ChunkedTexts) -> tuple[list[str], NDArray[np.float64]]:
        scores = score_texts(chunked, self._table, self._memory, by_segment=False)
        return choose_language(softmax(scores.text)[:, self._columns], self._ours, scores.length2 > 0)


class LangdetectDetector:
    """Detects with langdetect, restricted to the profiles of the taxonomy's languages and their look-alikes."""

    LOOK_ALIKES = ("no", "de", "af", "fr", "fi")

    def __init__(self, languages: Sequence[str]) -> None:
        self._languages = set(languages)
        self._factory = _langdetect_factory((*languages, *self.LOOK_ALIKES))

    def detect(self, texts: pa.Array, chunked: ChunkedTexts) -> tuple[list[str], NDArray[np.float64]]:
        found = [self._one(text or "") for text in texts.to_pylist()]
        return [code for code, _ in found], np.array([confidence for _, confidence in found], dtype=np.float64)

    def _one(self, text: str) -> tuple[str, float]:
        from langdetect.lang_detect_exception import LangDetectException

        detector = self._factory.create()
        detector.append(text)
        try:
            best = detector.get_probabilities()[0]
        except (LangDetectException, IndexError):  # nothing to go by
            return UNDETERMINED, float("nan")
        return (best.lang if best.lang in self._languages else UNDETERMINED), best.prob


def language_features(chunks: Sequence[str]) -> tuple[ChunkFeatures, NDArray[np.bool_]]:
    """Features for identification: words and character n-grams, whatever the language; no words of contrast."""
    features = chunk_features(letter_runs(chunks), len(chunks), LANGUAGE_NGRAMS)
    return features, np.zeros(len(chunks), bool)


def choose_language(
    probabilities: NDArray[np.floating[Any]], languages: Sequence[str], has_letters: NDArray[np.bool_]
) -> tuple[list[str], NDArray[np.float64]]:
    """The likeliest language, or `und` if it is likelier that the text is in none of them.

    Args:
        probabilities: of each language, what is missing from one being "none of them", shape (n_texts, n_languages).
        languages: their codes.
        has_letters: whether there is anything to go by, shape (n_texts,).

    Returns:
        Codes and their probabilities (NaN where there is nothing to go by).
    """
    best = probabilities.argmax(axis=1)
    sure = probabilities[np.arange(len(best)), best].astype(np.float64)
    other = np.maximum(1 - probabilities.sum(axis=1), 0)
    chosen = has_letters & (sure >= other)
    codes = [languages[i] if ours else UNDETERMINED for i, ours in zip(best.tolist(), chosen.tolist(), strict=True)]
    return codes, np.where(has_letters, np.where(chosen, sure, other), np.nan)


def detect_languages(texts: Iterable[str], detector: LanguageDetector) -> list[tuple[str, float]]:
    """Code and probability for each text."""
    array = pa.array(list(texts), pa.string())
    codes, confidence = detector.detect(array, chunk_texts(array))
    return list(zip(codes, confidence.tolist(), strict=True))


def softmax(scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Probabilities of each row, shape as given."""
    exponents = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    total: NDArray[np.float64] = exponents / exponents.sum(axis=1, keepdims=True)
    return total


@cache
def _langdetect_factory(languages: tuple[str, ...]) -> Any:
    import langdetect
    from langdetect.detector_factory import DetectorFactory

    profiles = Path(langdetect.__file__).parent / "profiles"
    DetectorFactory.seed = 0  # it draws random numbers
    factory = DetectorFactory()
    wanted = [code for code in dict.fromkeys(languages) if (profiles / code).is_file()]
    factory.load_json_profile([(profiles / code).read_text(encoding="utf-8") for code in wanted])
    return factory

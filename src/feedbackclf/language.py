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

from feedbackclf import kernels
from feedbackclf.chunks import ChunkedTexts, chunk_texts
from feedbackclf.memory import ChunkMemory
from feedbackclf.scoring import normalise
from feedbackclf.table import ScoreTable
from feedbackclf.taxonomy import UNDETERMINED

DETECTORS = ("model", "langdetect")
LANGUAGE_CHUNKS = 30
"""So many chunks from the beginning of a text tell its language; more would tell it no better."""


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
    """Anything that tells which of some languages a batch of texts is in."""

    languages: tuple[str, ...]

    def detect(self, texts: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """For each text its place in `languages` or, for none of them, their number; and how likely that is.

        The probability is NaN where a text has no letters. Both are of shape (n_texts,).
        """
        ...


class ModelDetector:
    """Detects with a learned `LanguageModel`; `memory` is that of the engine, if it has one already."""

    def __init__(self, model: LanguageModel, languages: Sequence[str], memory: ChunkMemory | None = None) -> None:
        self.languages = tuple(languages)
        self._table = model.table
        self._memory = memory or ChunkMemory(model.table, ScoreTable.empty(), ())
        self._column = np.array([model.classes.index(code) if code in model.classes else -1 for code in languages])

    def detect(self, texts: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        chunked = chunk_texts(texts)
        return self.of_chunks(chunked, self._memory.numbers(chunked))

    def of_chunks(
        self, texts: ChunkedTexts, numbers: NDArray[np.int32]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """`detect`, for texts whose chunks are numbered by the memory."""
        total = self._memory.language_sums(texts, numbers, LANGUAGE_CHUNKS)
        n, n_classes = len(total), len(self._table.intercepts)
        compiled = kernels.compiled()
        if compiled is None:
            scores = normalise(total, self._table.intercepts)
            exponents = np.exp(scores.astype(np.float64).T - np.maximum.reduce(scores, axis=1))
            p = (exponents / sum(exponents)).T
            return choose_language(np.where(self._column >= 0, p[:, self._column], 0), total[:, -1] > 0)
        exponents, has_letters = np.empty((n_classes, n)), np.empty(n, bool)
        scores = np.empty(n_classes, np.float32)
        compiled.language_exponents(total, n, n_classes + 1, self._table.intercepts, scores, exponents, has_letters)
        np.exp(exponents, out=exponents)
        language, confidence = np.empty(n, np.int64), np.empty(n)
        columns = self._column, len(self._column)
        compiled.choose_language(exponents, n, n_classes, *columns, has_letters, language, confidence)
        return language, confidence


class LangdetectDetector:
    """Detects with langdetect, restricted to the profiles of the taxonomy's languages and their look-alikes."""

    LOOK_ALIKES = ("no", "de", "af", "fr", "fi")

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)
        self._factory = _langdetect_factory((*languages, *self.LOOK_ALIKES))

    def detect(self, texts: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        found = [self._one(text or "") for text in texts.to_pylist()]
        return language_numbers([code for code, _ in found], self.languages), np.array([p for _, p in found], float)

    def _one(self, text: str) -> tuple[str, float]:
        from langdetect.lang_detect_exception import LangDetectException

        detector = self._factory.create()
        detector.append(text)
        try:
            best = detector.get_probabilities()[0]
        except (LangDetectException, IndexError):  # nothing to go by
            return UNDETERMINED, float("nan")
        return best.lang, best.prob


def language_numbers(codes: Sequence[str], languages: Sequence[str]) -> NDArray[np.int64]:
    """The place of each code in `languages`; their number for `und` and whatever else is not there."""
    number = {code: place for place, code in enumerate(languages)}
    return np.array([number.get(code, len(languages)) for code in codes], np.int64)


def choose_language(
    probabilities: NDArray[np.floating[Any]], has_letters: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The likeliest language, or none if it is likelier that the text is in none of them.

    Args:
        probabilities: of each language, what is missing from one being "none of them", shape (n_texts, n_languages).
        has_letters: whether there is anything to go by, shape (n_texts,).

    Returns:
        Numbers of languages, n_languages for none, and their probabilities (NaN where there is nothing to go by).
    """
    sure = np.maximum.reduce(probabilities, axis=1).astype(np.float64)
    other = np.maximum(1 - sum(probabilities.T), 0)
    language, confidence = probabilities.argmax(axis=1), np.maximum(sure, other)
    language[~has_letters | (sure < other)] = probabilities.shape[1]
    confidence[~has_letters] = np.nan
    return language, confidence


def detect_languages(texts: Iterable[str], detector: LanguageDetector) -> list[tuple[str, float]]:
    """Code and probability for each text."""
    numbers, confidence = detector.detect(pa.array(list(texts), pa.string()))
    codes = (*detector.languages, UNDETERMINED)
    return [(codes[number], p) for number, p in zip(numbers.tolist(), confidence.tolist(), strict=True)]


def softmax(scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Probabilities of each row, shape as given."""
    p: NDArray[np.float64] = np.exp(scores.astype(np.float64) - np.maximum.reduce(scores, axis=1, keepdims=True))
    p /= np.add.reduce(p, axis=1, keepdims=True)
    return p


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

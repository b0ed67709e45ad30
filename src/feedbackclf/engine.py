"""The heart: a batch of texts in, a batch of answers out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feedbackclf.chunks import ChunkedTexts, chunk_texts
from feedbackclf.heads import HeadAnswers, answer, pool
from feedbackclf.language import LangdetectDetector, LanguageDetector, ModelDetector
from feedbackclf.model import Model, feedback_features
from feedbackclf.scoring import ChunkMemory, ColumnScores, score_texts
from feedbackclf.taxonomy import UNDETERMINED


@dataclass(frozen=True)
class BatchAnswers:
    """What the engine says of n texts.

    Attributes:
        languages: code of each, `und` for none of ours.
        language_confidence: its probability, NaN where there are no letters; 1 where the language was given.
        heads: the answers of each head by name.
        has_text: false where there is nothing but white space, so that no answer means anything.
    """

    languages: list[str]
    language_confidence: NDArray[np.float64]
    heads: Mapping[str, HeadAnswers]
    has_text: NDArray[np.bool_]


class Engine:
    """Scores texts with a model. It remembers chunks, so one engine should serve many batches."""

    def __init__(self, model: Model, language_detector: str = "model") -> None:
        self.model = model
        self._memories: dict[str, ChunkMemory] = {}
        self.detector: LanguageDetector = (
            LangdetectDetector(model.taxonomy.languages)
            if language_detector == "langdetect"
            else ModelDetector(model.language, model.taxonomy.languages)
        )

    def answer(self, texts: pa.Array, given: pa.Array | None = None) -> BatchAnswers:
        """Answer every head for texts, shape (n,); `given` holds the languages that are known, null or "" elsewhere.

        A code that is none of the taxonomy's languages is `und`.
        """
        chunked = chunk_texts(texts)
        codes, confidence = self._languages(texts, chunked, given)
        scores = self.column_scores(chunked, codes)
        heads = answer(pool(scores, codes, self.model.taxonomy.languages), self.model.heads)
        return BatchAnswers(codes, confidence, heads, scores.n_chunks > 0)

    def column_scores(self, texts: ChunkedTexts, languages: list[str]) -> ColumnScores:
        """Scores of n texts in every column, each text by the rules of its language."""
        of_text = np.array(languages, dtype=object)
        present = sorted(set(languages))
        if len(present) == 1:
            return self._score(texts, present[0])
        places = [np.flatnonzero(of_text == language) for language in present]
        parts = [self._score(texts.take(where), language) for where, language in zip(places, present, strict=True)]
        back = np.argsort(np.concatenate(places)) if places else np.zeros(0, np.int64)
        return ColumnScores.joined(parts).take(back) if parts else self._score(texts, UNDETERMINED)

    def _score(self, texts: ChunkedTexts, language: str) -> ColumnScores:
        if language not in self._memories:
            self._memories[language] = ChunkMemory(self.model.table, partial(feedback_features, language=language))
        return score_texts(texts, self.model.table, self._memories[language])

    def _languages(
        self, texts: pa.Array, chunked: ChunkedTexts, given: pa.Array | None
    ) -> tuple[list[str], NDArray[np.float64]]:
        if given is None:
            return self.detector.detect(texts, chunked)
        known = pc.fill_null(given.cast(pa.string()), "").to_pylist()
        ours = {"", *self.model.taxonomy.languages}
        codes, confidence = [code if code in ours else UNDETERMINED for code in known], np.ones(len(known))
        unknown = np.flatnonzero([not code for code in known])
        if len(unknown):
            found, sure = self.detector.detect(texts.take(pa.array(unknown)), chunked.take(unknown))
            confidence[unknown] = sure
            for place, code in zip(unknown.tolist(), found, strict=True):
                codes[place] = code
        return codes, confidence

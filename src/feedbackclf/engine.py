"""The heart: a batch of texts in, a batch of answers out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feedbackclf.chunks import LARGE_STRING, STRING, ChunkedTexts, bounds_of, chunk_texts
from feedbackclf.contributions import Contributions, Contributor
from feedbackclf.evidence import Evidence, find_evidence
from feedbackclf.heads import Answers, Layers, pool
from feedbackclf.language import LangdetectDetector, LanguageDetector, ModelDetector, language_numbers
from feedbackclf.memory import ChunkMemory
from feedbackclf.model import Model
from feedbackclf.scoring import ColumnScores, feedback_scores
from feedbackclf.taxonomy import NOT_MENTIONED, UNDETERMINED

PORTION_TEXTS, PORTION_BYTES = 8192, 1 << 19
"""So much of a batch is scored at a time: it bounds the memory that it takes, and small arrays are at hand sooner."""


@dataclass(frozen=True)
class BatchAnswers:
    """What the engine says of n texts.

    Attributes:
        language: number of each among the taxonomy's languages, and how many they are for `und`.
        language_confidence: its probability, NaN where there are no letters; 1 where the language was given.
        heads: the answers of the heads.
        has_text: false where there is nothing but white space, so that no answer means anything.
        evidence: where in the texts each label stands that is not `none`; None unless it was asked for.
    """

    language: NDArray[np.int64]
    language_confidence: NDArray[np.float64]
    heads: Answers
    has_text: NDArray[np.bool_]
    evidence: Evidence | None = None

    @classmethod
    def joined(cls, parts: Sequence[BatchAnswers]) -> BatchAnswers:
        """The answers to several batches, one after the other."""
        return cls(
            np.concatenate([part.language for part in parts]),
            np.concatenate([part.language_confidence for part in parts]),
            Answers.joined([part.heads for part in parts]),
            np.concatenate([part.has_text for part in parts]),
            Evidence.joined([part.evidence for part in parts if part.evidence is not None]),
        )


@dataclass(frozen=True)
class TakenApart:
    """What the engine says of n texts, and what each of their chunks has to do with it.

    Attributes:
        answers: with evidence.
        contributions: of the chunks.
        chunked: where they are.
    """

    answers: BatchAnswers
    contributions: Contributions
    chunked: ChunkedTexts


class Engine:
    """Scores texts with a model. It remembers chunks, so one engine should serve many batches."""

    def __init__(self, model: Model, language_detector: str = "model") -> None:
        self.model = model
        ours = model.taxonomy.languages
        self._layers = Layers(model.heads)
        self._table = model.table.with_embeddings(model.phrases.buckets, model.phrases.embeddings)
        self._contributor = Contributor(model.heads, model.phrases, len(model.columns))
        rules = (*ours, UNDETERMINED)
        self._memory = ChunkMemory(model.language.table, self._table, rules, phrases=model.phrases)
        self.detector: LanguageDetector = (
            LangdetectDetector(ours)
            if language_detector == "langdetect"
            else ModelDetector(model.language, ours, self._memory)
        )

    def answer(
        self, texts: pa.Array | Sequence[str | None], given: pa.Array | None = None, *, evidence: bool = False
    ) -> BatchAnswers:
        """Answer every head for texts, shape (n,); `given` holds the languages that are known, null or "" elsewhere.

        A code that is none of the taxonomy's languages is `und`. Strings in a list are answered all at once, so there
        should be few. `evidence` has it found, which takes longer than the answers.
        """
        answer = self._answer_with_evidence if evidence else self._answer
        if not isinstance(texts, pa.Array):
            return answer(texts, given)
        if texts.type not in (STRING, LARGE_STRING):
            texts = texts.cast(LARGE_STRING)
        portions = [slice(begin, end) for begin, end in pairwise(_portions(texts))]
        if len(portions) <= 1:
            return answer(texts, given)
        return BatchAnswers.joined([answer(texts[part], None if given is None else given[part]) for part in portions])

    def take_apart(self, texts: pa.Array | Sequence[str | None], given: pa.Array | None = None) -> TakenApart:
        """Answer every head for few texts, and say what each chunk has to do with it; takes what `answer` takes."""
        return self._take_apart(texts, given, every=True)

    def _answer(self, texts: pa.Array | Sequence[str | None], given: pa.Array | None) -> BatchAnswers:
        return self._score(texts, given)[2]

    def _answer_with_evidence(self, texts: pa.Array | Sequence[str | None], given: pa.Array | None) -> BatchAnswers:
        return self._take_apart(texts, given, every=False).answers

    def _take_apart(self, texts: pa.Array | Sequence[str | None], given: pa.Array | None, *, every: bool) -> TakenApart:
        """`every` has labels taken apart as well that say that there is nothing, and so have no evidence."""
        chunked, places, answers = self._score(texts, given)
        said = answers.has_text[:, None] & ~self._is_none(answers.heads)
        asked = np.ones_like(said) if every else said
        parts = self._contributor.take_apart(places, chunked.offsets, self._table, self._memory, answers.heads, asked)
        return TakenApart(replace(answers, evidence=find_evidence(parts, chunked, said)), parts, chunked)

    def _score(
        self, texts: pa.Array | Sequence[str | None], given: pa.Array | None
    ) -> tuple[ChunkedTexts, NDArray[np.int32], BatchAnswers]:
        """The chunks of texts, their places in the memory, and the answers."""
        chunked = chunk_texts(texts)
        numbers = self._memory.numbers(chunked)
        language, confidence = self._languages(texts, chunked, numbers, given)
        places = self._memory.places(chunked, numbers, language)
        scores = feedback_scores(places, chunked.offsets, self._table, self._memory)
        phrases = self.model.phrases.scores(places, chunked.offsets, self._memory.taps)
        heads = self._layers.answer(pool(scores, language, len(self.model.taxonomy.languages), phrases))
        return chunked, places, BatchAnswers(language, confidence, heads, scores.n_chunks > 0)

    def _is_none(self, answers: Answers) -> NDArray[np.bool_]:
        """Where the label says that there is nothing, shape (n_texts, n_heads)."""
        labels = [np.array([label == NOT_MENTIONED for label in head.labels]) for head in self.model.taxonomy.heads]
        return np.stack([of[answers.labels[nth]] for nth, of in enumerate(labels)], axis=1)

    def column_scores(self, texts: ChunkedTexts, language: NDArray[np.int64]) -> ColumnScores:
        """Scores of n texts in every column, each text by the rules of its language."""
        places = self._memory.places(texts, self._memory.numbers(texts), language)
        return feedback_scores(places, texts.offsets, self._table, self._memory)

    def _languages(
        self,
        texts: pa.Array | Sequence[str | None],
        chunked: ChunkedTexts,
        numbers: NDArray[np.int32],
        given: pa.Array | None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        codes = None if given is None else [code or "" for code in given.to_pylist()]
        if codes is not None and all(codes):
            return language_numbers(codes, self.model.taxonomy.languages), np.ones(len(codes))
        if isinstance(self.detector, ModelDetector):
            language, confidence = self.detector.of_chunks(chunked, numbers)
        else:
            language, confidence = self.detector.detect(texts if isinstance(texts, pa.Array) else pa.array(texts))
        if codes is not None:
            known = np.flatnonzero([bool(code) for code in codes])
            language[known] = language_numbers([codes[place] for place in known], self.model.taxonomy.languages)
            confidence[known] = 1
        return language, confidence


def _portions(texts: pa.Array) -> list[int]:
    """Bounds of portions of texts, each with at least one text."""
    if len(texts) <= PORTION_TEXTS and texts.nbytes <= PORTION_BYTES:
        return [0, len(texts)]
    bytes_before = bounds_of(texts)
    bounds = [0]
    while bounds[-1] < len(texts):
        fits = int(np.searchsorted(bytes_before, bytes_before[bounds[-1]] + PORTION_BYTES, side="right")) - 1
        bounds.append(min(max(fits, bounds[-1] + 1), bounds[-1] + PORTION_TEXTS, len(texts)))
    return bounds

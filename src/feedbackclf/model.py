"""Everything a trained model is, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf.features import ChunkFeatures, chunk_features
from feedbackclf.heads import HeadModel
from feedbackclf.language import LanguageModel
from feedbackclf.scoring import ScoreTable
from feedbackclf.segments import is_contrast
from feedbackclf.taxonomy import Taxonomy
from feedbackclf.tokens import tokenize_chunks

NGRAMS = (2, 5)


@dataclass(frozen=True)
class Model:
    """A trained model.

    Attributes:
        taxonomy: what it answers.
        language: how it tells the language.
        columns: names of the score columns, such as `speed:positive`.
        table: their weights.
        heads: the layer of each head, in the order of the taxonomy.
        about: how it was made: training data, seed, versions (JSON-ready).
    """

    taxonomy: Taxonomy
    language: LanguageModel
    columns: tuple[str, ...]
    table: ScoreTable
    heads: tuple[HeadModel, ...]
    about: Mapping[str, Any] = field(default_factory=dict)


def feedback_features(chunks: Sequence[str], language: str) -> tuple[ChunkFeatures, NDArray[np.bool_]]:
    """The features of chunks by the rules of a language, and which of them are words of contrast."""
    contrasts = np.array([is_contrast(chunk, language) for chunk in chunks], dtype=bool)
    return chunk_features(tokenize_chunks(chunks, language), len(chunks), NGRAMS), contrasts

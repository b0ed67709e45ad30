"""Everything a trained model is, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feedbackclf.heads import HeadModel
from feedbackclf.language import LanguageModel
from feedbackclf.phrases import PhraseNetwork
from feedbackclf.table import ScoreTable
from feedbackclf.taxonomy import Taxonomy


@dataclass(frozen=True)
class Model:
    """A trained model.

    Attributes:
        taxonomy: what it answers.
        language: how it tells the language.
        columns: names of the score columns, such as `speed:positive`.
        table: their weights.
        heads: the layer of each head, in the order of the taxonomy.
        phrases: the network that reads neighbouring chunks, without columns if there is none.
        about: how it was made: training data, seed, versions (JSON-ready).
    """

    taxonomy: Taxonomy
    language: LanguageModel
    columns: tuple[str, ...]
    table: ScoreTable
    heads: tuple[HeadModel, ...]
    phrases: PhraseNetwork = field(default_factory=PhraseNetwork.empty)
    about: Mapping[str, Any] = field(default_factory=dict)

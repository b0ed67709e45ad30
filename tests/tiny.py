"""A model so small that it is read in a millisecond, with numbers drawn at random: for tests of what is read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from feedbackclf.features import N_BUCKETS
from feedbackclf.heads import HeadModel, n_inputs
from feedbackclf.language import LanguageModel
from feedbackclf.model import Model
from feedbackclf.phrases import N_TAPS, PhraseNetwork
from feedbackclf.table import ScoreTable
from feedbackclf.taxonomy import Head, Taxonomy
from feedbackclf.vectors import feedback_counts, language_counts

TEXTS = ("Fast delivery, but NEVER again!", "Heel netjes", "", "12 x 👍")
COLUMNS = ("tone:good", "tone:bad", "speed:mentioned")
N_DIMS, N_FILTERS = 3, 2


def tiny_model() -> Model:
    """Two languages, a choice and a dimension, and the features of `TEXTS`."""
    rng = np.random.default_rng(0)
    tone = Head("tone", ("good", "bad"), "choice", from_rating={1: "bad", 5: "good"}, balanced=True)
    taxonomy = Taxonomy("tiny", ("nl", "en"), (tone, Head("speed", description="How long it took.")))
    buckets = _buckets(feedback_counts(TEXTS, ["en"] * len(TEXTS)).texts())

    def numbers(*shape: int) -> NDArray[np.float32]:
        return rng.normal(0, 1, shape).astype(np.float32)

    def table(counted: NDArray[np.int32], n_columns: int) -> ScoreTable:
        weights, norm2 = numbers(len(counted), n_columns), np.abs(numbers(len(counted)))
        return ScoreTable.of(counted, weights.astype(np.float16), norm2, numbers(n_columns))

    network = {
        "buckets": buckets,
        "embeddings": rng.integers(-9, 9, (len(buckets), N_DIMS + 1)).astype(np.int8),
        "filters": rng.integers(-99, 99, (N_DIMS, N_TAPS * N_FILTERS)).astype(np.int8),
        "units": np.abs(numbers(N_TAPS * N_FILTERS)),
        "bias": np.array([-5, 30], np.int16),
        "weights": numbers(2 * N_FILTERS, 1),
        "intercepts": numbers(1),
    }
    factors, n = {"tone": np.array([1.0, 1.5]), "speed": np.ones(4)}, n_inputs(len(COLUMNS), 1, 2)
    layers = [
        HeadModel(head, numbers(n, len(head.labels)), numbers(len(head.labels)), 0.5, factors[head.name])
        for head in taxonomy.heads
    ]
    return Model(
        taxonomy=taxonomy,
        language=LanguageModel(("de", "en", "nl"), table(_buckets(language_counts(TEXTS)), 3)),
        columns=COLUMNS,
        table=table(buckets, len(COLUMNS)),
        heads=tuple(layers),
        phrases=PhraseNetwork.of(("speed:positive",), 40.0, network),
        about={"seed": 0, "rows": {"examples": 4}, "remarks": ["Made up."]},
    )


def _buckets(counts: object) -> NDArray[np.int32]:
    """Every fourth feature there is, and the last one that there can be."""
    return np.append(np.unique(counts.indices)[::4], N_BUCKETS - 1).astype(np.int32)  # type: ignore[attr-defined]

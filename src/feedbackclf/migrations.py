"""Older versions of the model folder: each step makes what the next version would have written of the same model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from numpy.typing import NDArray

from feedbackclf.model_schema import Description, Description1, HeadSettings, Phrases
from feedbackclf.phrases import PhraseNetwork
from feedbackclf.taxonomy import Taxonomy
from feedbackclf.weights_file import PHRASE

Arrays: TypeAlias = Mapping[str, NDArray[Any]]


def migrate(description: Description1 | Description, arrays: Arrays) -> tuple[Description, Arrays]:
    """A model folder of any version as one of today's.

    Raises:
        FeedbackError: there is something wrong with the taxonomy.
    """
    if isinstance(description, Description1):
        return from_1(description, arrays)
    return description, arrays


def from_1(description: Description1, arrays: Arrays) -> tuple[Description, Arrays]:
    """Version 1 had no phrase network, and every choice gave the likeliest label."""
    n_labels = {head.name: len(head.labels) for head in Taxonomy.from_dict(description.taxonomy).heads}
    heads = [
        HeadSettings(
            name=head.name,
            calibration=head.calibration,
            threshold=head.threshold,
            factors=(1.0,) * n_labels.get(head.name, 0),
        )
        for head in description.heads
    ]
    network = PhraseNetwork.empty()
    upgraded = Description(
        format_version=2,
        taxonomy=description.taxonomy,
        languages=description.languages,
        columns=description.columns,
        phrases=Phrases(columns=network.columns, gain=network.gain),
        heads=tuple(heads),
        weights=description.weights,
        about=description.about,
    )
    return upgraded, {**arrays, **{PHRASE + name: array for name, array in network.arrays.items()}}

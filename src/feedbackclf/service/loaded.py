"""A model in memory, and what it says of texts in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa

from feedbackclf import __version__, load
from feedbackclf.chunks import LARGE_STRING
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.label_columns import decoded
from feedbackclf.model_folder import METRICS, fingerprint, read_json, resolve_model
from feedbackclf.taxonomy import Taxonomy

_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A classifier, and what `GET /v1/model` says of it. Its `label` is for one thread at a time."""

    classifier: FeedbackClassifier
    about: Mapping[str, Any]

    @property
    def taxonomy(self) -> Taxonomy:
        return self.classifier.model_.taxonomy

    def label(self, texts: Sequence[str], languages: Sequence[str | None], *, evidence: bool) -> list[bytes]:
        """For each text a JSON object with the names and values that the command line writes as JSONL."""
        labels = self.classifier.label(
            pa.array(texts, LARGE_STRING), pa.array(languages, pa.string()), evidence=evidence
        )
        columns = [column.to_pylist() for column in decoded(labels).columns]
        names = labels.schema.names
        return [_ENCODER.encode(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]


def load_model(name: str) -> LoadedModel:
    """Read a model folder, and have it label a text, so that the first request need not wait for what that loads.

    Raises:
        FeedbackError: there is no such model, or it is damaged.
    """
    folder = resolve_model(name)
    model = LoadedModel(load(folder), {})
    taxonomy = model.taxonomy
    for evidence in (False, True):
        model.label(["Quick delivery"], [None], evidence=evidence)
    about: dict[str, Any] = {
        "name": folder.resolve().name,
        "taxonomy": taxonomy.name,
        "languages": list(taxonomy.languages),
        "heads": [
            {"name": head.name, "kind": head.kind, "labels": list(head.labels), "description": head.description}
            for head in taxonomy.heads
        ],
        "sha256": fingerprint(folder),
        "version": __version__,
    }
    metrics = read_json(folder / METRICS) if (folder / METRICS).is_file() else {}
    measured = metrics.get("held_out") or metrics.get("cross_validation")
    if isinstance(measured, dict):
        about["figures"] = {name: measured.get(name) for name in ("rows", "summary")}
    return LoadedModel(model.classifier, about)

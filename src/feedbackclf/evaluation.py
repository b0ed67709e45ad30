"""How good the answers are, per head and language, against labelled examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feedbackclf.corpus import Example
from feedbackclf.engine import Engine
from feedbackclf.heads import HeadAnswers
from feedbackclf.metrics import THOUSAND_RESAMPLES, Sampling, accuracy, calibration_error, f1, precision_recall_f1
from feedbackclf.taxonomy import NOT_MENTIONED, UNDETERMINED, Head, Taxonomy

ALL = "all"
MIN_SUPPORT = 20
SIGNS = ("positive", "negative")


def evaluate(examples: Sequence[Example], engine: Engine, sampling: Sampling = THOUSAND_RESAMPLES) -> dict[str, Any]:
    """Predict for labelled examples as `predict` would, languages detected, and compare.

    Returns:
        A JSON-ready report: `rows`, `languages`, `summary` and `heads`, see `report`.
    """
    found = engine.answer(pa.array([example.text for example in examples], pa.string()))
    taxonomy = engine.model.taxonomy
    figures = report(examples, found.heads.by_head(), taxonomy, sampling)
    return {"rows": len(examples), "languages": _languages(examples, found.language, taxonomy), **figures}


def report(
    examples: Sequence[Example],
    answers: Mapping[str, HeadAnswers],
    taxonomy: Taxonomy,
    sampling: Sampling = THOUSAND_RESAMPLES,
) -> dict[str, Any]:
    """Figures of given answers.

    Returns:
        `summary`, means over heads, for all and for each language; `heads`, by head, then `all` or language,
        with `support` (rows labelled), and figures as value, low, high (95 % bootstrap intervals).
    """
    groups = _groups(examples, taxonomy)
    heads: dict[str, Any] = {}
    for head in taxonomy.heads:
        gold = np.array([example.label_index(head) for example in examples], dtype=np.int64)
        heads[head.name] = {}
        for name, rows in groups.items():
            rows = rows[gold[rows] >= 0]
            if len(rows):
                of_head = _dimension if head.is_dimension else _choice
                heads[head.name][name] = of_head(head, gold[rows], answers[head.name], rows, sampling)
    summary = {name: _summary(heads, taxonomy, name) for name in groups}
    return {"summary": summary, "heads": heads}


def _groups(examples: Sequence[Example], taxonomy: Taxonomy) -> dict[str, NDArray[np.int64]]:
    codes = np.array([example.language or "" for example in examples], dtype=object)
    groups = {ALL: np.arange(len(examples))}
    groups.update({code: np.flatnonzero(codes == code) for code in taxonomy.languages if (codes == code).any()})
    return groups


def _dimension(
    head: Head, gold: NDArray[np.int64], answers: HeadAnswers, rows: NDArray[np.int64], sampling: Sampling
) -> dict[str, Any]:
    none = head.labels.index(NOT_MENTIONED)
    predicted = answers.labels[rows]
    there, said = gold != none, predicted != none
    figures = {name: figure.to_dict() for name, figure in precision_recall_f1(there, said, sampling).items()}
    both = there & said
    mixed = head.labels.index("mixed")
    signed = {}
    for sign in SIGNS:  # "mixed" is praise and blame, so it counts for both
        wanted = [head.labels.index(sign), mixed]
        is_gold, is_said = np.isin(gold, wanted), np.isin(predicted, wanted)
        signed[sign] = {"support": int(is_gold.sum()), "f1": _number(f1(is_gold, is_said))}
    return {
        "support": len(rows),
        "mentioned": int(there.sum()),
        **figures,
        "polarity_accuracy": accuracy(predicted[both] == gold[both], sampling).to_dict(),
        "signed": signed,
        "calibration_error": _number(calibration_error(answers.confidence[rows], there)),
    }


def _choice(
    head: Head, gold: NDArray[np.int64], answers: HeadAnswers, rows: NDArray[np.int64], sampling: Sampling
) -> dict[str, Any]:
    predicted = answers.labels[rows]
    labels: dict[str, dict[str, Any]] = {}
    for index, label in enumerate(head.labels):
        figures = precision_recall_f1(gold == index, predicted == index, sampling)
        labels[label] = {
            "support": int((gold == index).sum()),
            **{name: figure.to_dict() for name, figure in figures.items()},
        }
    present = [labels[label]["f1"]["value"] or 0.0 for label in head.labels if labels[label]["support"]]
    return {
        "support": len(rows),
        "accuracy": accuracy(predicted == gold, sampling).to_dict(),
        "macro_f1": _number(float(np.mean(present))),
        "labels": labels,
        "calibration_error": _number(calibration_error(answers.confidence[rows], predicted == gold)),
    }


def _summary(heads: Mapping[str, Any], taxonomy: Taxonomy, group: str) -> dict[str, float | None]:
    dimensions = [heads[head.name][group] for head in taxonomy.dimensions if group in heads[head.name]]
    choices = {head.name: heads[head.name][group] for head in taxonomy.choices if group in heads[head.name]}
    signed = [part["signed"][sign] for part in dimensions for sign in SIGNS]
    return {
        "mentioned_f1": _mean([part["f1"]["value"] for part in dimensions]),
        "signed_f1": _mean([part["f1"] for part in signed if part["support"] >= MIN_SUPPORT]),
        **{f"{name}_accuracy": part["accuracy"]["value"] for name, part in choices.items()},
    }


def _languages(examples: Sequence[Example], found: NDArray[np.int64], taxonomy: Taxonomy) -> dict[str, Any]:
    """Share of texts per language that were told right; any other language is right as `und`."""
    right: dict[str, list[bool]] = {}
    codes = (*taxonomy.languages, UNDETERMINED)
    for example, number in zip(examples, found.tolist(), strict=True):
        if example.language:
            wanted = example.language if example.language in taxonomy.languages else UNDETERMINED
            right.setdefault(wanted, []).append(codes[number] == wanted)
    return {code: {"support": len(hits), "accuracy": _number(float(np.mean(hits)))} for code, hits in right.items()}


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _number(float(np.mean(known))) if known else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)

"""The model folder: `model.json`, `weights.npz`, `metrics.json` and the card. No pickle, so loading runs no code."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf.errors import FeedbackError
from feedbackclf.heads import HeadModel, n_inputs
from feedbackclf.language import LanguageModel
from feedbackclf.migrations import Arrays, migrate
from feedbackclf.model import Model
from feedbackclf.model_folder import CARD, DESCRIPTION, METRICS, WEIGHTS, damage_told, read_bytes, read_description
from feedbackclf.model_schema import FORMAT_VERSION, Description, HeadSettings
from feedbackclf.phrases import PhraseNetwork
from feedbackclf.table import ScoreTable, check_buckets, check_numbers
from feedbackclf.taxonomy import Taxonomy
from feedbackclf.weights_file import KINDS, PHRASE, most_bytes, read_arrays


def write_model(model: Model, folder: Path, metrics: Mapping[str, Any] | None = None, card: str | None = None) -> None:
    """Write a model folder; the same model gives the same bytes.

    The files are written beside their places and then renamed, `model.json` last, so that a reader never finds half.

    Raises:
        FeedbackError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        weights = write_whole(folder / WEIGHTS, lambda path: np.savez(path, allow_pickle=False, **_arrays(model)))
        if metrics is not None:
            write_whole(folder / METRICS, lambda path: path.write_text(_json(metrics), encoding="utf-8"))
        if card is not None:
            write_whole(folder / CARD, lambda path: path.write_text(card, encoding="utf-8"))
        description = {
            "format_version": FORMAT_VERSION,
            "taxonomy": model.taxonomy.to_dict(),
            "languages": {"classes": list(model.language.classes)},
            "columns": list(model.columns),
            "phrases": {"columns": list(model.phrases.columns), "gain": model.phrases.gain},
            "heads": [
                {
                    "name": layer.head.name,
                    "calibration": "multinomial",
                    "threshold": layer.threshold,
                    "factors": layer.factors.tolist(),
                }
                for layer in model.heads
            ],
            "weights": {"file": WEIGHTS, "sha256": hashlib.sha256(weights.read_bytes()).hexdigest()},
            "about": dict(model.about),
        }
        write_whole(folder / DESCRIPTION, lambda path: path.write_text(_json(description), encoding="utf-8"))
    except OSError as error:
        raise FeedbackError(f"{folder}: the model cannot be written: {error.strerror}") from None


def read_model(folder: Path) -> Model:
    """Read a model folder; none of it is run, and it takes no more memory than its files say.

    Raises:
        FeedbackError: a file is missing, damaged, of another version, or does not fit the others.
    """
    description = read_description(folder)
    most = most_bytes(len(description.columns), len(description.languages.classes))
    weights = read_bytes(folder / WEIGHTS, most)
    with damage_told(folder):
        if hashlib.sha256(weights).hexdigest() != description.weights.sha256:
            raise ValueError(f"{WEIGHTS} is not the file that {DESCRIPTION} describes")
        arrays = read_arrays(weights, KINDS[description.format_version])
        return _model(*migrate(description, arrays))


def _arrays(model: Model) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {
        "head_coefficients": np.hstack([layer.coefficients for layer in model.heads]).astype(np.float32),
        "head_intercepts": np.concatenate([layer.intercepts for layer in model.heads]).astype(np.float32),
    }
    for name, table in (("feedback", model.table), ("language", model.language.table)):
        arrays[f"{name}_buckets"] = table.buckets.astype(np.int32)
        arrays[f"{name}_weights"] = table.weights.astype(np.float16)  # see `ScoreTable.in_half_precision`
        arrays[f"{name}_norm2"] = table.norm2.astype(np.float32)
        arrays[f"{name}_intercepts"] = table.intercepts.astype(np.float32)
    return arrays | {PHRASE + name: array for name, array in model.phrases.arrays.items()}


def _model(description: Description, arrays: Arrays) -> Model:
    taxonomy = Taxonomy.from_dict(description.taxonomy)
    columns, classes = description.columns, description.languages.classes
    if len(set(classes)) < len(classes):
        raise ValueError("a class of languages is there twice")
    own = {name.removeprefix(PHRASE): array for name, array in arrays.items() if name.startswith(PHRASE)}
    phrases = PhraseNetwork.of(description.phrases.columns, description.phrases.gain, own)
    n_seen = n_inputs(len(columns), len(phrases.columns), len(taxonomy.languages))
    return Model(
        taxonomy=taxonomy,
        language=LanguageModel(classes, _table(arrays, "language", len(classes))),
        columns=columns,
        table=_table(arrays, "feedback", len(columns)),
        heads=_heads(taxonomy, description.heads, arrays, n_seen),
        phrases=phrases,
        about=description.about,
    )


def _heads(taxonomy: Taxonomy, settings: Sequence[HeadSettings], arrays: Arrays, n_seen: int) -> tuple[HeadModel, ...]:
    coefficients, intercepts = arrays["head_coefficients"], arrays["head_intercepts"]
    bounds = [0, *accumulate(len(head.labels) for head in taxonomy.heads)]
    if coefficients.shape != (n_seen, bounds[-1]) or intercepts.shape != (bounds[-1],):
        raise ValueError(f"heads of shape {coefficients.shape}")
    check_numbers("head coefficients", coefficients)
    check_numbers("head intercepts", intercepts)
    if [head.name for head in settings] != [head.name for head in taxonomy.heads]:
        raise ValueError("heads that are not those of the taxonomy")
    heads = []
    for head, own, (begin, end) in zip(taxonomy.heads, settings, pairwise(bounds), strict=True):
        factors = np.array(own.factors, np.float64)
        if len(factors) != len(head.labels) or (head.is_dimension and not (factors == 1).all()):
            raise ValueError(f"factors of head {head.name!r}")
        heads.append(HeadModel(head, coefficients[:, begin:end], intercepts[begin:end], own.threshold, factors))
    return tuple(heads)


def _table(arrays: Arrays, name: str, n_columns: int) -> ScoreTable:
    buckets, weights = arrays[f"{name}_buckets"], arrays[f"{name}_weights"]
    norm2, intercepts = arrays[f"{name}_norm2"], arrays[f"{name}_intercepts"]
    if weights.shape != (len(buckets), n_columns) or norm2.shape != buckets.shape or intercepts.shape != (n_columns,):
        raise ValueError(f"{name} weights of shape {weights.shape}")
    check_buckets(buckets)
    check_numbers(f"{name} norm2", norm2, lowest=0)
    check_numbers(f"{name} intercepts", intercepts)
    table = ScoreTable.of(buckets, weights, norm2, intercepts)
    # The rows and not the weights: NumPy takes five times as long for numbers in half precision.
    if not np.isfinite(table.rows).all():
        raise ValueError(f"{name} weights that are no numbers")
    return table


def write_whole(path: Path, write: Callable[[Path], object]) -> Path:
    """Have a file written beside its place and then put there, so that nobody ever finds half of it.

    Raises:
        OSError: it cannot be written; what was in its place still is.
    """
    handle, name = tempfile.mkstemp(prefix=path.stem, suffix=path.suffix, dir=path.parent)
    os.close(handle)
    beside = Path(name)
    try:
        write(beside)
        beside.chmod(0o644)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"

"""The model folder: `model.json`, `weights.npz`, `metrics.json` and the card. No pickle, so loading runs no code."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf.errors import FeedbackError
from feedbackclf.heads import HeadModel, n_inputs
from feedbackclf.language import LanguageModel
from feedbackclf.model import Model
from feedbackclf.model_folder import CARD, DESCRIPTION, FORMAT_VERSION, METRICS, WEIGHTS, damage_told, read_description
from feedbackclf.phrases import PhraseNetwork
from feedbackclf.table import ScoreTable, check_buckets
from feedbackclf.taxonomy import Taxonomy

_Arrays = Mapping[str, NDArray[Any]]
_PHRASE = "phrase_"


def write_model(model: Model, folder: Path, metrics: Mapping[str, Any] | None = None, card: str | None = None) -> None:
    """Write a model folder; the same model gives the same bytes.

    The files are written beside their places and then renamed, `model.json` last, so that a reader never finds half.

    Raises:
        FeedbackError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        weights = _replace(folder / WEIGHTS, lambda path: np.savez(path, allow_pickle=False, **_arrays(model)))
        if metrics is not None:
            _replace(folder / METRICS, lambda path: path.write_text(_json(metrics), encoding="utf-8"))
        if card is not None:
            _replace(folder / CARD, lambda path: path.write_text(card, encoding="utf-8"))
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
        _replace(folder / DESCRIPTION, lambda path: path.write_text(_json(description), encoding="utf-8"))
    except OSError as error:
        raise FeedbackError(f"{folder}: the model cannot be written: {error.strerror}") from None


def read_model(folder: Path) -> Model:
    """Read a model folder.

    Raises:
        FeedbackError: a file is missing, damaged, of another version, or does not fit the others.
    """
    description = read_description(folder)
    path = folder / WEIGHTS
    try:
        weights = path.read_bytes()
    except OSError as error:
        raise FeedbackError(f"{path}: cannot be read: {error.strerror}; the model folder is not complete") from None
    with damage_told(folder):
        if hashlib.sha256(weights).hexdigest() != description["weights"]["sha256"]:
            raise ValueError(f"{WEIGHTS} is not the file that {DESCRIPTION} describes")
        return _model(description, _read_arrays(weights))


def _read_arrays(weights: bytes) -> _Arrays:
    try:
        with np.load(io.BytesIO(weights), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except zipfile.BadZipFile as error:
        raise ValueError(error) from None


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
    return arrays | {_PHRASE + name: array for name, array in model.phrases.arrays.items()}


def _model(description: Mapping[str, Any], arrays: _Arrays) -> Model:
    taxonomy = Taxonomy.from_dict(description["taxonomy"])
    columns, classes = tuple(description["columns"]), tuple(description["languages"]["classes"])
    coefficients, intercepts = arrays["head_coefficients"], arrays["head_intercepts"]
    n_labels = sum(len(head.labels) for head in taxonomy.heads)
    phrases = _phrases(description, arrays)
    inputs = n_inputs(len(columns), len(phrases.columns), len(taxonomy.languages))
    if coefficients.shape != (inputs, n_labels) or len(intercepts) != n_labels:
        raise ValueError(f"heads of shape {coefficients.shape}")
    heads, begin = [], 0
    for head, settings in zip(taxonomy.heads, description["heads"], strict=True):
        end = begin + len(head.labels)
        factors = np.array(settings.get("factors", [1.0] * len(head.labels)), np.float64)
        allowed = factors == 1 if head.is_dimension else np.isfinite(factors) & (factors > 0)
        if factors.shape != (len(head.labels),) or not allowed.all():
            raise ValueError(f"factors of head {head.name!r}")
        layer = coefficients[:, begin:end], intercepts[begin:end], float(settings["threshold"]), factors
        heads.append(HeadModel(head, *layer))
        begin = end
    return Model(
        taxonomy=taxonomy,
        language=LanguageModel(classes, _table(arrays, "language", len(classes))),
        columns=columns,
        table=_table(arrays, "feedback", len(columns)),
        heads=tuple(heads),
        phrases=phrases,
        about=description["about"],
    )


def _phrases(description: Mapping[str, Any], arrays: _Arrays) -> PhraseNetwork:
    if description["format_version"] == 1:  # which had none
        return PhraseNetwork.empty()
    told = description["phrases"]
    own = {name.removeprefix(_PHRASE): array for name, array in arrays.items() if name.startswith(_PHRASE)}
    return PhraseNetwork.of(tuple(told["columns"]), float(told["gain"]), own)


def _table(arrays: _Arrays, name: str, n_columns: int) -> ScoreTable:
    buckets, weights = arrays[f"{name}_buckets"], arrays[f"{name}_weights"]
    norm2, intercepts = arrays[f"{name}_norm2"], arrays[f"{name}_intercepts"]
    if weights.shape != (len(buckets), n_columns) or norm2.shape != buckets.shape or intercepts.shape != (n_columns,):
        raise ValueError(f"{name} weights of shape {weights.shape}")
    check_buckets(buckets)
    table = ScoreTable.of(buckets, weights, norm2, intercepts)
    # The rows and not the weights: NumPy takes five times as long for numbers in half precision.
    if not (np.isfinite(table.rows).all() and np.isfinite(intercepts).all()):
        raise ValueError(f"{name} weights that are no numbers")
    return table


def _replace(path: Path, write: Any) -> Path:
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

"""Model folders: which there are, and what `model.json` says. Nothing heavy is imported for that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from feedbackclf.errors import FeedbackError
from feedbackclf.taxonomy import Taxonomy

FORMAT_VERSION, OLDEST_VERSION = 2, 1
DESCRIPTION, WEIGHTS, METRICS, CARD = "model.json", "weights.npz", "metrics.json", "README.md"


def shipped_models() -> Path:
    """The folder of the models that come with the package: inside the wheel or, in a checkout, beside `src`."""
    inside = Path(__file__).with_name("models")
    return inside if inside.is_dir() else Path(__file__).parents[2] / "models"


def list_models() -> dict[str, Path]:
    """Models by name: those shipped, and those in the folder `models` of the working folder."""
    folders = [shipped_models(), Path("models")]
    found = [path.parent for folder in folders for path in sorted(folder.glob(f"*/{DESCRIPTION}"))]
    models: dict[str, Path] = {}
    for path in found:
        models.setdefault(path.name, path)
    return models


def resolve_model(name_or_path: str | Path) -> Path:
    """The folder of a model given by its name or its path.

    Raises:
        FeedbackError: there is no such model.
    """
    path = Path(name_or_path)
    if (path / DESCRIPTION).is_file():
        return path
    models = list_models()
    if str(name_or_path) in models:
        return models[str(name_or_path)]
    known = ", ".join(models) or "none"
    raise FeedbackError(
        f"no model {str(name_or_path)!r}: no such folder with a {DESCRIPTION}, and the models are: {known}"
    )


def read_taxonomy(folder: Path) -> Taxonomy:
    """What a model answers.

    Raises:
        FeedbackError: `model.json` is missing, damaged or of another version.
    """
    description = read_description(folder)
    with damage_told(folder):
        return Taxonomy.from_dict(description["taxonomy"])


def read_description(folder: Path) -> dict[str, Any]:
    """Read `model.json`.

    Raises:
        FeedbackError: it is missing, no JSON object, or of another version.
    """
    description = read_json(folder / DESCRIPTION)
    version = description.get("format_version")
    if version not in range(OLDEST_VERSION, FORMAT_VERSION + 1):
        raise FeedbackError(
            f"{folder / DESCRIPTION}: has format version {version!r}, and this feedbackclf reads {OLDEST_VERSION} to "
            f"{FORMAT_VERSION}; "
            "train the model again or use another version of feedbackclf"
        )
    return description


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of a model folder.

    Raises:
        FeedbackError: the file is missing or is no JSON object.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FeedbackError(f"{path}: cannot be read as JSON: {error}") from None
    if not isinstance(data, dict):
        raise FeedbackError(f"{path}: holds no JSON object")
    return data


@contextmanager
def damage_told(folder: Path) -> Iterator[None]:
    """Turn whatever goes wrong with the content of a model folder into a `FeedbackError` that names it."""
    try:
        yield
    except (FeedbackError, KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise FeedbackError(f"{folder}: the model is damaged; copy the folder again ({reason})") from None

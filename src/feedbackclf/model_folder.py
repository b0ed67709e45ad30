"""Model folders: which there are, and what `model.json` says. Nothing heavy is imported for that."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from feedbackclf.errors import FeedbackError
from feedbackclf.model_schema import (
    FORMAT_VERSION,
    OLDEST_VERSION,
    Description,
    Description1,
    VersionError,
    parse_description,
)
from feedbackclf.taxonomy import Taxonomy

DESCRIPTION, WEIGHTS, METRICS, CARD = "model.json", "weights.npz", "metrics.json", "README.md"
MAX_JSON, MAX_CARD = 4 << 20, 1 << 20
"""Bytes of a JSON file and of the card; those of the shipped model have a twentieth of that."""


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


def fingerprint(folder: Path) -> str:
    """The SHA-256 of the description of a model, which has that of the rest.

    Raises:
        FeedbackError: it cannot be read.
    """
    try:
        return hashlib.sha256((folder / DESCRIPTION).read_bytes()).hexdigest()
    except OSError as error:
        raise FeedbackError(f"{folder / DESCRIPTION}: cannot be read: {error.strerror}") from None


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
        return Taxonomy.from_dict(description.taxonomy)


def read_description(folder: Path) -> Description1 | Description:
    """Read `model.json`, of whichever version.

    Raises:
        FeedbackError: it is missing, too large, says something that it cannot, or is of a version that is not read.
    """
    path = folder / DESCRIPTION
    try:
        return parse_description(read_bytes(path, MAX_JSON))
    except VersionError as error:
        raise FeedbackError(
            f"{path}: {error}, and this feedbackclf reads {OLDEST_VERSION} to {FORMAT_VERSION}; "
            "train the model again or use another version of feedbackclf"
        ) from None
    except ValueError as error:
        raise FeedbackError(f"{path}: {error}; the model is damaged, copy its folder again") from None


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of a model folder.

    Raises:
        FeedbackError: the file is missing, too large or is no JSON object.
    """
    try:
        data = json.loads(read_bytes(path, MAX_JSON))
    except (ValueError, RecursionError) as error:
        raise FeedbackError(f"{path}: cannot be read as JSON: {error}") from None
    if not isinstance(data, dict):
        raise FeedbackError(f"{path}: holds no JSON object")
    return data


def read_bytes(path: Path, most: int) -> bytes:
    """Read a file of a model folder that has at most so many bytes.

    Raises:
        FeedbackError: it is missing, larger, or no regular file.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe would keep us waiting, a device would never end
            raise FeedbackError(f"{path}: cannot be read: it is no regular file; copy the model folder again")
        if about.st_size > most:
            raise FeedbackError(
                f"{path}: has {about.st_size:,} bytes, and can have {most:,} at most; copy the model folder again"
            )
        with path.open("rb") as file:
            return file.read(about.st_size)
    except OSError as error:
        raise FeedbackError(f"{path}: cannot be read: {error.strerror}; the model folder is not complete") from None
    except MemoryError:
        raise FeedbackError(f"{path}: cannot be read: its {about.st_size:,} bytes do not fit into memory") from None


@contextmanager
def damage_told(folder: Path) -> Iterator[None]:
    """Turn what is wrong with the content of a model folder into a `FeedbackError` that names it."""
    try:
        yield
    except (FeedbackError, ValueError, MemoryError) as error:
        reason = str(error) or "it does not fit into memory"
        raise FeedbackError(f"{folder}: the model is damaged; copy the folder again ({reason})") from None

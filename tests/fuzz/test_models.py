"""Whatever happens to a model folder, it is told in one line or labels texts: never a traceback, never a crash."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedbackclf import engine, kernels, tokens
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.errors import FeedbackError
from feedbackclf.memory import ChunkMemory
from feedbackclf.model import Model
from feedbackclf.persistence import read_model, write_model
from tests.damage import Entry, packed
from tests.fuzz.mutations import (
    CHANGES,
    EDITS,
    Arrays,
    Change,
    changed_arrays,
    changed_entries,
    changed_json,
    changed_text,
    edited,
)
from tests.fuzz.rounds import in_rounds, scratch
from tests.tiny import TEXTS, tiny_model

FUZZ = in_rounds(5, seconds=10)

Check = Callable[[bytes, bytes], None]
"""Tries a folder with this `model.json` and these weights."""


@dataclass(frozen=True, repr=False)  # Hypothesis warns of what is long
class Files:
    """The files of a model folder, and what is in them."""

    description: dict[str, Any]
    weights: bytes
    arrays: Arrays
    entries: list[Entry]

    @classmethod
    def of(cls, description: dict[str, Any], arrays: Arrays) -> Files:
        np.savez(file := io.BytesIO(), **arrays)
        with zipfile.ZipFile(file) as archive:
            entries = [(name, archive.read(name), zipfile.ZIP_STORED) for name in archive.namelist()]
        return cls(described(description, file.getvalue()), file.getvalue(), arrays, entries)


def described(description: dict[str, Any], weights: bytes) -> dict[str, Any]:
    """With the hash of other weights."""
    return {**description, "weights": {"file": "weights.npz", "sha256": hashlib.sha256(weights).hexdigest()}}


def files_of_versions() -> list[Files]:
    """The same model as each version would have had it."""
    with tempfile.TemporaryDirectory() as folder:
        write_model(tiny_model(), Path(folder))
        description = json.loads((Path(folder) / "model.json").read_text(encoding="utf-8"))
        with np.load(Path(folder) / "weights.npz") as file:
            arrays = dict(file)
    first = {key: value for key, value in description.items() if key != "phrases"}
    first["heads"] = [{key: value for key, value in head.items() if key != "factors"} for head in description["heads"]]
    first["format_version"] = 1
    few = {name: array for name, array in arrays.items() if not name.startswith("phrase_")}
    n_columns = len(description["columns"])
    few["head_coefficients"] = np.delete(few["head_coefficients"], 2 * n_columns, axis=0)  # where phrases score
    return [Files.of(description, arrays), Files.of(first, few)]


VERSIONS = files_of_versions()
ANY = st.sampled_from(VERSIONS)


def no_spacy(language: str) -> None:
    raise ImportError(f"no rules for {language}: it takes seconds to import what has some")


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    """Reads a folder of these files and labels texts with it, compiled and not."""
    with scratch() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "ChunkMemory", partial(ChunkMemory, capacity=50))  # which is allocated for each model
        patch.setattr(tokens, "SpacyTokenizer", no_spacy)
        folder = Path(name)

        def checked(description: bytes, weights: bytes) -> None:
            (folder / "model.json").write_bytes(description)
            (folder / "weights.npz").write_bytes(weights)
            model = read_or_told(folder)
            if isinstance(model, str):
                assert model.isprintable()
                assert len(model) < 400
                return
            label(FeedbackClassifier.from_model(model))
            with pytest.MonkeyPatch.context() as numpy_only:
                numpy_only.setattr(kernels, "compiled", lambda: None)
                label(FeedbackClassifier.from_model(model))

        for files in VERSIONS:
            checked(json.dumps(files.description).encode(), files.weights)
        yield checked


def read_or_told(folder: Path) -> Model | str:
    """The model or what is wrong with it."""
    try:
        return read_model(folder)
    except FeedbackError as error:
        return str(error)


def label(classifier: FeedbackClassifier) -> None:
    found = classifier.label(pa.array(TEXTS))
    assert found.num_rows == len(TEXTS)
    for name, column in zip(found.schema.names, found.columns, strict=True):
        if name.endswith("_confidence"):
            assert all(value is None or 0 <= value <= 1 for value in column.to_pylist())
        else:
            assert all(value is None or isinstance(value, str) for value in column.to_pylist())


@FUZZ
@given(files=ANY, edits=EDITS)
def test_bytes_of_the_weights(nth: int, check: Check, files: Files, edits: Any) -> None:
    weights = edited(files.weights, edits)
    check(json.dumps(described(files.description, weights)).encode(), weights)


@FUZZ
@given(files=ANY, changes=CHANGES)
def test_arrays(nth: int, check: Check, files: Files, changes: list[Change]) -> None:
    changed = Files.of(files.description, changed_arrays(files.arrays, changes))
    check(json.dumps(changed.description).encode(), changed.weights)


@FUZZ
@given(data=st.data(), files=ANY)
def test_entries_of_the_archive(nth: int, check: Check, data: st.DataObject, files: Files) -> None:
    weights = packed(data.draw(changed_entries(files.entries)))
    check(json.dumps(described(files.description, weights)).encode(), weights)


@FUZZ
@given(data=st.data(), files=ANY)
def test_values_of_the_description(nth: int, check: Check, data: st.DataObject, files: Files) -> None:
    check(data.draw(changed_json(files.description)), files.weights)


@FUZZ
@given(data=st.data(), files=ANY)
def test_text_of_the_description(nth: int, check: Check, data: st.DataObject, files: Files) -> None:
    check(data.draw(changed_text(json.dumps(files.description).encode())), files.weights)

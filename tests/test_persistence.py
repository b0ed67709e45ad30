from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.corpus import Example
from feedbackclf.errors import FeedbackError
from feedbackclf.model import Model
from feedbackclf.model_folder import list_models, read_json, resolve_model
from feedbackclf.persistence import read_model, write_model
from tests.damage import put

VERSION_1 = Path(__file__).with_name("models") / "version-1"


@pytest.fixture(scope="module")
def written(small_model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "small"
    write_model(small_model, folder, {"rows": 1}, "# A card\n")
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "copy"))


def labels(model: Model, examples: list[Example]) -> pa.RecordBatch:
    return FeedbackClassifier.from_model(model).label(pa.array([x.text for x in examples]))


def test_round_trip(written: Path, small_model: Model, few: list[Example], tmp_path: Path) -> None:
    read = read_model(written)
    assert (read.taxonomy, read.columns, read.about) == (small_model.taxonomy, small_model.columns, small_model.about)
    assert read.language.classes == small_model.language.classes
    assert labels(read, few[::5]).equals(labels(small_model, few[::5]))
    write_model(read, tmp_path / "again")
    for name in ("model.json", "weights.npz"):
        assert (tmp_path / "again" / name).read_bytes() == (written / name).read_bytes()


def test_a_folder_of_the_first_version_says_what_it_said_then(kernels_or_not: None, tmp_path: Path) -> None:
    """The folder and its predictions were written by the last commit whose format was version 1."""
    said = json.loads((VERSION_1 / "predictions.json").read_text(encoding="utf-8"))
    model = read_model(VERSION_1)
    found = FeedbackClassifier.from_model(model).label(pa.array([row["text"] for row in said]))
    assert found.to_pylist() == [row["labels"] for row in said]
    write_model(model, tmp_path / "anew")
    assert read_json(tmp_path / "anew" / "model.json")["format_version"] == 2
    again = FeedbackClassifier.from_model(read_model(tmp_path / "anew"))
    assert again.label(pa.array([row["text"] for row in said])).equals(found)


def test_the_first_version_had_no_phrases(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(VERSION_1, tmp_path / "old"))
    put("phrases", {"columns": [], "gain": 1.0})(folder)
    with pytest.raises(FeedbackError, match="unknown field `phrases`"):
        read_model(folder)


@pytest.mark.parametrize(("field", "value"), [("heads.0.name", "other"), ("heads", []), ("taxonomy.heads", [])])
def test_an_old_folder_is_checked_as_well(field: str, value: object, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(VERSION_1, tmp_path / "old"))
    put(field, value)(folder)
    with pytest.raises(FeedbackError, match="the model is damaged"):
        read_model(folder)


def test_the_shipped_model_is_written_as_it_was(shipped: FeedbackClassifier, tmp_path: Path) -> None:
    shipped.save(tmp_path)
    for name in ("model.json", "weights.npz"):
        assert (tmp_path / name).read_bytes() == (resolve_model("default") / name).read_bytes()


def test_the_folder_holds_what_it_should(written: Path) -> None:
    assert sorted(path.name for path in written.iterdir()) == ["README.md", "metrics.json", "model.json", "weights.npz"]
    assert read_json(written / "metrics.json") == {"rows": 1}
    description = read_json(written / "model.json")
    assert description["format_version"] == 2
    assert [head["name"] for head in description["heads"]][:2] == ["sentiment", "speed"]
    assert description["weights"]["sha256"] == hashlib.sha256((written / "weights.npz").read_bytes()).hexdigest()


def test_models_are_found_by_name_and_path(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(written, tmp_path / "models" / "mine")
    assert resolve_model("mine").resolve() == (tmp_path / "models" / "mine").resolve()
    assert resolve_model(written) == written
    assert "mine" in list_models()
    with pytest.raises(FeedbackError, match=r"'yours'.*mine") as error:
        resolve_model("yours")
    assert "\n" not in str(error.value)


def test_a_folder_that_cannot_be_written(small_model: Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here already")
    with pytest.raises(FeedbackError, match="cannot be written"):
        write_model(small_model, tmp_path / "file" / "model")


def test_nothing_is_left_of_an_interrupted_write(
    small_model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (folder / "weights.npz").read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(FeedbackError, match="No space left"):
        write_model(small_model, folder)
    assert (folder / "weights.npz").read_bytes() == before
    assert len(list(folder.iterdir())) == 4

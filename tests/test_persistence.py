from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.corpus import Example
from feedbackclf.errors import FeedbackError
from feedbackclf.model import Model
from feedbackclf.model_folder import list_models, read_json, read_taxonomy, resolve_model
from feedbackclf.persistence import read_model, write_model


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


def test_a_folder_of_the_first_version_is_read_as_it_was_meant(
    folder: Path, small_model: Model, few: list[Example], tmp_path: Path
) -> None:
    """It had no phrases, and every choice gave the likeliest label."""
    description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    heads = [{key: value for key, value in head.items() if key != "factors"} for head in description["heads"]]
    del description["phrases"]
    (folder / "model.json").write_text(json.dumps(description), encoding="utf-8")
    reweigh(lambda arrays: [arrays.pop(name) for name in [*arrays] if name.startswith("phrase_")])(folder)
    edit(folder, format_version=1, heads=heads)
    plain = [replace(layer, factors=np.ones(len(layer.factors))) for layer in small_model.heads]
    expected = replace(small_model, heads=tuple(plain))
    assert labels(read_model(folder), few[::5]).equals(labels(expected, few[::5]))
    write_model(read_model(folder), tmp_path / "anew")
    assert read_json(tmp_path / "anew" / "model.json")["format_version"] == 2


def test_the_folder_holds_what_it_should(written: Path) -> None:
    assert sorted(path.name for path in written.iterdir()) == ["README.md", "metrics.json", "model.json", "weights.npz"]
    assert read_json(written / "metrics.json") == {"rows": 1}
    description = read_json(written / "model.json")
    assert description["format_version"] == 2
    assert [head["name"] for head in description["heads"]][:2] == ["sentiment", "speed"]
    assert description["weights"]["sha256"] == hashlib.sha256((written / "weights.npz").read_bytes()).hexdigest()


def edit(folder: Path, **changes: Any) -> None:
    path = folder / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


def truncate(folder: Path) -> None:
    path = folder / "weights.npz"
    path.write_bytes(path.read_bytes()[:-1000])


def flip(folder: Path) -> None:
    content = bytearray((folder / "weights.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "weights.npz").write_bytes(content)


def reweigh(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """Change the arrays, and their hash with them, as a hostile or careless maker would."""

    def damage(folder: Path) -> None:
        path = folder / "weights.npz"
        with np.load(path) as file:
            arrays = dict(file)
        change(arrays)
        np.savez(path, **arrays)
        edit(folder, weights={"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()})

    return damage


def not_a_zip(folder: Path) -> None:
    (folder / "weights.npz").write_bytes(b"PK\x03\x04 this is no archive")
    edit(folder, weights={"sha256": hashlib.sha256((folder / "weights.npz").read_bytes()).hexdigest()})


def factor(value: object) -> Callable[[Path], None]:
    """Give the first label a factor."""

    def damage(folder: Path) -> None:
        heads = json.loads((folder / "model.json").read_text(encoding="utf-8"))["heads"]
        heads[0]["factors"][0] = value
        edit(folder, heads=heads)

    return damage


DAMAGE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "weights truncated": (truncate, "weights.npz"),
    "weights flipped": (flip, "weights.npz"),
    "weights missing": (lambda folder: (folder / "weights.npz").unlink(), "weights.npz"),
    "no archive": (not_a_zip, "damaged"),
    "description missing": (lambda folder: (folder / "model.json").unlink(), "model.json"),
    "description no JSON": (lambda folder: (folder / "model.json").write_text("{"), "model.json"),
    "description a list": (lambda folder: (folder / "model.json").write_text("[]"), "no JSON object"),
    "newer version": (lambda folder: edit(folder, format_version=99), "version 99"),
    "no version": (lambda folder: edit(folder, format_version=None), "version None"),
    "no taxonomy": (lambda folder: edit(folder, taxonomy={}), "taxonomy"),
    "taxonomy of another kind": (lambda folder: edit(folder, taxonomy=[]), "copy"),
    "too few columns": (lambda folder: edit(folder, columns=["speed:mentioned"]), "damaged"),
    "no heads": (lambda folder: edit(folder, heads=[]), "damaged"),
    "weights not described": (lambda folder: edit(folder, weights=None), "damaged"),
    "array missing": (reweigh(lambda arrays: arrays.pop("feedback_norm2")), "damaged"),
    "array too short": (reweigh(lambda a: a.update(language_norm2=a["language_norm2"][1:])), "damaged"),
    "not a number": (reweigh(lambda a: a.update(feedback_intercepts=a["feedback_intercepts"] * np.nan)), "damaged"),
    "bucket too large": (reweigh(lambda a: a.update(feedback_buckets=a["feedback_buckets"] + (1 << 21))), "damaged"),
    "phrase array missing": (reweigh(lambda a: a.pop("phrase_units")), "damaged"),
    "phrase array of another type": (reweigh(lambda a: a.update(phrase_bias=np.zeros(0, np.int64))), "damaged"),
    "phrases that are not there": (lambda folder: edit(folder, phrases={"columns": ["a:b"], "gain": 1}), "damaged"),
    "no phrases": (lambda folder: edit(folder, phrases=None), "damaged"),
    "a gain that is no number": (lambda folder: edit(folder, phrases={"columns": [], "gain": "x"}), "damaged"),
    "a factor of nothing": (factor(0), "damaged"),
    "a factor that is no number": (factor(float("nan")), "damaged"),
    "a factor of words": (factor("two"), "damaged"),
    "pickled object": (reweigh(lambda a: a.update(head_intercepts=np.array([{}], dtype=object))), "damaged"),
}


@pytest.mark.parametrize("kind", list(DAMAGE))
def test_a_damaged_folder_is_told_in_one_line(kind: str, folder: Path) -> None:
    damage, says = DAMAGE[kind]
    damage(folder)
    with pytest.raises(FeedbackError, match=says) as error:
        read_model(folder)
    assert "\n" not in str(error.value)
    assert "copy" in str(error.value)  # the folder is named


@pytest.mark.parametrize(
    "kind", [kind for kind in DAMAGE if "description" in kind or "version" in kind or "tax" in kind]
)
def test_the_taxonomy_alone_is_read_as_carefully(kind: str, folder: Path, small_model: Model) -> None:
    assert read_taxonomy(folder) == small_model.taxonomy
    damage, says = DAMAGE[kind]
    damage(folder)
    with pytest.raises(FeedbackError, match=says) as error:
        read_taxonomy(folder)
    assert "\n" not in str(error.value)
    assert "copy" in str(error.value)


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

"""Nothing of the texts stays: neither of those that a model learned from, nor of those that it labelled."""

from __future__ import annotations

import csv
import pickle
import sys
from pathlib import Path

import joblib
import numpy as np
import pyarrow as pa
import pytest

from feedbackclf.chunks import chunk_texts
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.commands import main
from tests.test_taxonomy import HOTEL, hotel_examples
from tests.tiny import tiny_model

CANARY = "zyxwvcanary"
ENCODINGS = ("utf-8", "utf-16-le", "utf-32-le", "utf-32-be")


def traces(content: bytes) -> list[str]:
    """In which encodings the word is there, whole or in pieces as long as the longest n-gram."""
    pieces = [CANARY, CANARY.upper(), *(CANARY[at : at + 5] for at in range(len(CANARY) - 4))]
    return [f"{piece} in {code}" for piece in pieces for code in ENCODINGS if piece.encode(code) in content]


def test_traces_are_found() -> None:
    assert traces(np.frombuffer(f" {CANARY} ".encode("utf-32-le"), np.uint32).tobytes())
    assert traces(b"... zyxwv ...")


def test_a_model_folder_holds_no_word_of_the_texts_it_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hotel.toml").write_text(HOTEL, encoding="utf-8")
    with (tmp_path / "hotel.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "language", *hotel_examples()[0].labels])
        for example in hotel_examples():
            for text in (example.text, f"{CANARY.capitalize()} {example.text} {CANARY}"):
                rows.writerow([text, example.language, *example.labels.values()])
    options = ["--taxonomy", tmp_path / "hotel.toml", "-o", tmp_path / "model", "--jobs", 1]
    monkeypatch.setattr(sys, "argv", ["feedbackclf", "train", *map(str, (tmp_path / "hotel.csv", *options))])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code, capsys.readouterr().err
    files = sorted((tmp_path / "model").iterdir())
    assert [file.name for file in files] == ["README.md", "metrics.json", "model.json", "weights.npz"]
    assert {file.name: traces(file.read_bytes()) for file in files} == {file.name: [] for file in files}


def test_an_exported_classifier_holds_no_word_of_the_texts_it_labelled(tmp_path: Path) -> None:
    classifier = FeedbackClassifier.from_model(tiny_model())
    classifier.predict(["Slow"])
    before = pickle.dumps(classifier)
    classifier.label(pa.array([f"Slow, said {CANARY} again", CANARY]))
    assert pickle.dumps(classifier) == before
    joblib.dump(classifier, tmp_path / "model.joblib")
    exported = (tmp_path / "model.joblib").read_bytes()
    assert not traces(exported)
    assert chunk_texts([CANARY]).hashes.tobytes() not in exported
    assert len(exported) < 2 * len(before)

"""`feedbackclf models` in a folder where not all models are good."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from feedbackclf.commands import main
from feedbackclf.persistence import write_model
from tests.damage import put
from tests.tiny import tiny_model

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs the command in a folder with two models, `good` and `bad`."""
    write_model(tiny_model(), tmp_path / "models" / "good", card="# Good\n")
    write_model(tiny_model(), tmp_path / "models" / "bad", card="# Bad\n")
    put("taxonomy", [])(tmp_path / "models" / "bad")
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["feedbackclf", "models", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        out = capsys.readouterr()
        return int(stop.value.code or 0), out.out, out.err

    return call


def test_a_bad_folder_is_skipped_and_told(run: Run) -> None:
    code, out, err = run()
    assert code == 0
    assert "good\tnl en\ttone, speed\tmodels/good\n" in out
    assert "bad" not in out
    assert err == (
        "feedbackclf: skipped: models/bad/model.json: `taxonomy`: expected `object`, got `array`; "
        "the model is damaged, copy its folder again\n"
    )


def test_a_card_does_nothing_to_the_terminal(run: Run) -> None:
    (Path("models/good/README.md")).write_text("# Mooi\x1b[2J é\x07\t\x9b1m\r\n", encoding="utf-8")
    assert run("show", "good")[:2] == (0, "# Mooi[2J é\t1m\n\n")


@pytest.mark.parametrize("kind", ["missing", "pipe", "large", "no text"])
def test_a_card_that_cannot_be_shown(kind: str, run: Run) -> None:
    card = Path("models/good/README.md")
    card.unlink()
    if kind == "pipe":
        os.mkfifo(card)
    elif kind != "missing":
        card.write_bytes(b"\xff")
        os.truncate(card, 100 << 20 if kind == "large" else 1)
    code, _, err = run("show", "good")
    assert code == 1
    assert err.startswith("feedbackclf: models/good/README.md: ")
    assert err.count("\n") == 1


def test_an_export_that_fails_leaves_what_was_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    to = Path("feedback.joblib")
    assert run("export", "good", "--joblib", str(to))[0] == 0
    before = to.read_bytes()

    def full(_: object, path: Path) -> None:
        Path(path).write_bytes(before[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("joblib.dump", full)
    code, _, err = run("export", "good", "--joblib", str(to))
    assert (code, err) == (1, "feedbackclf: feedback.joblib: cannot be written: No space left on device\n")
    assert to.read_bytes() == before
    assert [path.name for path in Path().glob("feedback*")] == ["feedback.joblib"]

"""`feedbackclf explain` on the command line."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from feedbackclf import commands
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.errors import UsageError

TEXT = "Quick delivery, but the zip broke on the first day. Never again!"

pytestmark = pytest.mark.usefixtures("shipped")


def explain(*arguments: str, text: str | None = None) -> str:
    done = CliRunner().invoke(commands.app, ["explain", *arguments], input=text)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def test_the_terminal_shows_each_label_and_its_words(shipped: FeedbackClassifier) -> None:
    shown = explain(TEXT)
    lines = shown.splitlines()
    for name, head in shipped.explain(TEXT).heads.items():
        if head.label == "none":
            assert name in lines[-1]
            continue
        place = next(i for i, line in enumerate(lines) if line.startswith(f"{name} {head.label}"))
        assert head.evidence is not None
        assert f"[{shipped.explain(TEXT).quote(head.evidence)}]" in lines[place + 1]
        assert f"(without words)\u00a0{head.base:+.2f}" in " ".join(lines[place + 2 : place + 4])


def test_what_is_shown_adds_up(shipped: FeedbackClassifier) -> None:
    from feedbackclf.explaining import terminal_lines

    explanation = shipped.explain(TEXT)
    lines = [line.plain for line in terminal_lines(explanation, colours=True)]
    sums = [
        sum(float(part.rsplit("\u00a0")[-1]) for part in line.split("  ") if part) for line in lines if "\u00a0" in line
    ]
    said = [head.log_odds for head in explanation.heads.values() if head.label != "none"]
    assert sums == pytest.approx(said, abs=0.08)


def test_json_has_every_number(shipped: FeedbackClassifier) -> None:
    one, other = (json.loads(line) for line in explain("--json", TEXT, "fint").splitlines())
    assert (one["text"], other["text"]) == (TEXT, "fint")
    for name, head in shipped.explain(TEXT).heads.items():
        found = one["heads"][name]
        assert sum(word["weight"] for word in found["words"]) + found["base"] == pytest.approx(found["log_odds"])
        assert (found["evidence"] is None) == (head.evidence is None)
        if found["evidence"] is not None:
            span = found["evidence"]
            assert TEXT[span["start"] : span["start"] + span["length"]] == span["quote"]


def test_a_dash_is_stdin() -> None:
    assert json.loads(explain("-", "--json", text="trevlig personal\n"))["text"] == "trevlig personal\n"


def test_no_text_gets_to_move_the_cursor() -> None:
    shown = explain("slow \x1b[31m\x07 delivery\r\u202e\nnever again")
    assert not [sign for sign in shown if not sign.isprintable() and sign not in "\n\u00a0"]


def test_nothing_is_nothing() -> None:
    assert explain("") == "There is no text to explain.\n"


def test_a_known_language_is_taken() -> None:
    assert explain("god", "--language", "da").startswith("language da 100%")


@pytest.mark.parametrize(
    ("options", "says"),
    [(["--language", "fr"], "this model knows nl, da, sv, en"), (["--json", "--html", "-"], "give one of them")],
)
def test_wrong_usage_is_told(options: list[str], says: str) -> None:
    done = CliRunner().invoke(commands.app, ["explain", TEXT, *options])
    assert isinstance(done.exception, UsageError)
    assert says in str(done.exception)

"""First contact: what `feedbackclf` says by itself, and the help of every command with its examples."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer

from feedbackclf.commands import FIRST_STEPS, app, main

README = Path(__file__).parents[1] / "README.md"
ROOT: Any = typer.main.get_command(app)
EXAMPLE = re.compile(r"^(?:Examples?: |.*\| )?(feedbackclf .*)$", re.MULTILINE)


def tree(command: Any = ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command and group with the words that lead to it."""
    yield " ".join(path) or "feedbackclf", command
    for name, child in getattr(command, "commands", {}).items():
        yield from tree(child, (*path, name))


COMMANDS = dict(tree())


def check(line: str) -> None:
    """Parse a command line as the shell and then the command would; raises if there is no such command or option."""
    words = shlex.split(re.split(r" [|>] ", line)[0])[1:]
    command = ROOT
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        command = command.commands[words.pop(0)]
    if words != ["--help"]:
        command.make_context("", words)


def examples_in(text: str) -> list[str]:
    return EXAMPLE.findall(text)


@pytest.mark.parametrize(("name", "command"), COMMANDS.items(), ids=COMMANDS)
def test_every_help_has_an_example_and_its_examples_are_commands_that_there_are(name: str, command: Any) -> None:
    found = examples_in(command.help)
    assert found, f"{name}: no example in its help"
    assert any(name in line for line in found), f"{name}: no example of the command itself"
    for line in found:
        check(line)


@pytest.mark.parametrize(
    "line", ["feedbackclf predict a.csv --jbos 2", "feedbackclf guess a.csv", "feedbackclf train a"]
)
def test_an_example_that_does_not_parse_would_be_found(line: str) -> None:
    with pytest.raises(Exception, match=r"jbos|guess|output"):
        check(line)


def in_the_readme() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for line in examples_in("".join(blocks)) if "…" not in line]  # which stands for what is left out


@pytest.mark.parametrize("line", in_the_readme())
def test_the_commands_in_the_readme_are_commands_that_there_are(line: str) -> None:
    check(line)


@pytest.mark.parametrize("line", re.findall(r"^  (feedbackclf .*)$", FIRST_STEPS, re.MULTILINE))
def test_the_first_steps_are_commands_that_there_are(line: str) -> None:
    check(line)


def shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["feedbackclf", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    out = capsys.readouterr()
    return int(stop.value.code or 0), out.out, out.err


def test_alone_it_shows_the_first_steps(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = shown(monkeypatch, capsys)
    assert (code, out, err) == (0, FIRST_STEPS + "\n", "")
    assert max(map(len, out.splitlines())) <= 80
    assert len(out.splitlines()) < 24
    for word in ("predict", "report", "train", "explain", "--help"):
        assert word in out


def test_a_command_that_is_not_there_is_a_mistake(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = shown(monkeypatch, capsys, "guess")
    assert (code, out) == (2, "")
    assert "guess" in err


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fills_the_terminal_and_no_more(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    words = [] if name == "feedbackclf" else name.split()
    code, out, _ = shown(monkeypatch, capsys, *words, "--help")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    prose = [line.strip() for line in out.split("╭")[0].splitlines()]
    for line, following in pairwise(prose):  # a line ends only where the next word has no room
        assert not line or not following or len(f" {line} {following.split()[0]}") > 78, line

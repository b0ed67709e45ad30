"""Every example of README and docs runs as it stands there, page by page, in a folder with small stand-in files."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from feedbackclf.rules import read_rules
from feedbackclf.taxonomy import Taxonomy, default_taxonomy
from tests.examples import RUN, Example, examples, pages
from tests.stand_ins import write_stand_ins

ROOT = Path(__file__).parents[1]
PAGES = {str(page.relative_to(ROOT)): examples(page.read_text(encoding="utf-8")) for page in pages(ROOT)}
PROMISE = re.compile(r"^print\(.*  # > (.*)$", re.MULTILINE)
NOT_RUN = 12
"""Examples that are marked as not run. One more is a decision: change the number with the page."""
SECONDS = 60
"""The longest that one example may take."""
PORT = 8000
"""Where pages say that the service listens; here it is whichever port is free."""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """With the commands that examples name: `feedbackclf` and `python`, both of this checkout."""
    commands = tmp_path_factory.mktemp("bin")
    for name, words in {"feedbackclf": "-m feedbackclf", "python": ""}.items():
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n', encoding="utf-8")
        (commands / name).chmod(0o755)
    path = os.pathsep.join([str(commands), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "src"), "PYTHONWARNINGS": "default"}


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """What pages take for granted: the files, and `tagged.csv`, which other pages say how to make."""
    folder = tmp_path_factory.mktemp("stand-ins")
    write_stand_ins(folder, ROOT / "corpora")
    check(Example(1, "sh", "feedbackclf predict reviews.csv -o tagged.csv"), folder, environment, "stand-ins")
    return folder


@pytest.fixture
def folder(tmp_path: Path, stand_ins: Path) -> Path:
    return Path(shutil.copytree(stand_ins, tmp_path / "page"))


def check(example: Example, folder: Path, environment: dict[str, str], page: str) -> None:
    """Run a block of shell."""
    command = ["sh", "-eu", "-c", example.code]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, f"{page}:{example.line}: exit code {done.returncode}\n{example.code}\n{done.stderr}"


def check_python(example: Example, names: dict[str, Any], page: str) -> None:
    """Run a block of Python, which knows the names of blocks before it; `print(x)  # > y` promises that it says y."""
    said = StringIO()
    with redirect_stdout(said):
        exec(compile("\n" * example.line + example.code, page, "exec"), names)
    promised = PROMISE.findall(example.code)
    assert [line for line in said.getvalue().splitlines() if line in promised] == promised, f"{page}:{example.line}"


@contextmanager
def in_the_background(example: Example, folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """What a block starts runs until the page ends; it is waited for until its address answers."""
    command = ["sh", "-eu", "-c", f"exec {example.code}"]
    with (folder / "background.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stderr=log)
        try:
            wait_for(example.answers, process, folder / "background.log")
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(SECONDS)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)  # nothing else tells that it listens
    pytest.fail(f"{address} does not answer\n{log.read_text()}")


def with_port(example: Example, port: int) -> Example:
    there, here = f"{PORT}", f"{port}"
    return replace(example, code=example.code.replace(there, here), answers=example.answers.replace(there, here))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_run(example: Example) -> bool:
    return not (example.not_run or example.file)


def needs_the_service(found: list[Example]) -> bool:
    return any(example.answers for example in found)


def has_command(name: str) -> bool:
    import typer

    from feedbackclf.commands import app

    return name in getattr(typer.main.get_command(app), "commands", {})


@pytest.mark.parametrize("page", [page for page, found in PAGES.items() if any(map(is_run, found))])
def test_the_examples_of_a_page_run(
    page: str, folder: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = PAGES[page]
    if needs_the_service(found) and not (has_command("serve") and shutil.which("curl")):
        pytest.skip("there is no `feedbackclf serve` yet, or no curl")
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    for example in found:
        if example.file:
            (folder / example.file).write_text(example.code, encoding="utf-8")
    port = free_port() if needs_the_service(found) else PORT
    with ExitStack() as running:
        for example in [with_port(example, port) for example in found if is_run(example)]:
            if example.answers:
                running.enter_context(in_the_background(example, folder, environment))
            elif example.language == "python":
                check_python(example, names, page)
            else:
                check(example, folder, environment, page)


def test_the_number_of_examples_that_are_not_run_is_known() -> None:
    why = [f"{page}:{e.line}: {e.not_run}" for page, found in PAGES.items() for e in found if e.not_run]
    assert len(why) == NOT_RUN, "\n".join(why)


@pytest.mark.parametrize(
    "block",
    ["```sh\nfeedbackclf predict no-such-file.csv\n```", "```sh\nfalse\ntrue\n```", "```sh\nno-such-command\n```"],
)
def test_an_example_that_fails_is_found(block: str, folder: Path, environment: dict[str, str]) -> None:
    (example,) = examples(block)
    with pytest.raises(AssertionError, match=r"here\.md:1: exit code"):
        check(example, folder, environment, "here.md")


@pytest.mark.parametrize("page", PAGES)
def test_no_block_of_a_page_is_overlooked(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    fences = re.findall(r"^[ \t>]*(?:```|~~~) *(?:sh|bash|shell|console|python|py|pycon)\b", text, re.MULTILINE)
    assert len(fences) == sum(example.language in RUN for example in PAGES[page])


TAXONOMIES_AND_RULES = [(page, e) for page, found in PAGES.items() for e in found if e.file.endswith(".toml")]


@pytest.mark.parametrize(("page", "example"), TAXONOMIES_AND_RULES, ids=lambda of: getattr(of, "file", of))
def test_taxonomies_and_rules_of_pages_can_be_read(page: str, example: Example, tmp_path: Path) -> None:
    path = tmp_path / example.file
    path.write_text(example.code, encoding="utf-8")
    if "[[heads]]" in example.code:
        assert Taxonomy.from_toml(path).heads, page
    else:
        assert read_rules(str(path), default_taxonomy()), page


def test_remarks_belong_to_the_block_below_them() -> None:
    page = "Text\n\n<!-- not run: needs make -->\n```sh\nmake\n```\n\n```sh\ntrue\n```\n\n```toml\na = 1\n```\n"
    page += "\n<!-- file: b.toml -->\n```toml\nb = 1\n```\n"
    assert examples(page) == [
        Example(4, "sh", "make\n", not_run="needs make"),
        Example(8, "sh", "true\n"),
        Example(17, "toml", "b = 1\n", file="b.toml"),
    ]

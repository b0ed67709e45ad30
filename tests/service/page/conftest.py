"""The page of a real server in a real browser, both shared by the tests of the page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from feedbackclf.service.keys import ENVIRONMENT
from tests.chromium import DESKTOP, chromium
from tests.service.conftest import write_tiny
from tests.service.running import Running, running

KEY = "a-key-for-tests-and-nothing-else"


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="package")
def locked() -> Iterator[Running]:
    """A server that asks for `KEY`."""
    with running(environment={ENVIRONMENT: KEY}) as found:
        yield found


@pytest.fixture(scope="package")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with a taxonomy of its own, and limits that are soon reached."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny(folder, "tiny")
    with running("--model", str(folder), "--max-texts", "7", "--max-characters", "50", "--max-body", "400") as found:
        yield found


@pytest.fixture
def open_page(browser: Any, server: Running) -> Iterator[Callable[..., Any]]:
    """Opens a page, and after the test sees to it that it asked for nothing elsewhere and complained of nothing."""
    contexts: list[Any] = []
    complaints: list[str] = []
    elsewhere: list[str] = []

    def open_it(of: Running = server, *, failures: bool = False, **options: Any) -> Any:
        """`failures`: the test has requests fail, and the browser may say so."""
        context = browser.new_context(**{"viewport": DESKTOP, "accept_downloads": True, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()

        def complain(text: str) -> None:
            if not (failures and text.startswith("Failed to load resource")):
                complaints.append(text)

        page.on("console", lambda message: complain(message.text))
        page.on("pageerror", lambda error: complain(str(error)))
        page.on("dialog", lambda dialog: complain("a dialog"))
        page.on("request", lambda asked: elsewhere.append(asked.url) if not ours(asked.url, of.url) else None)
        page.goto(f"{of.url}/")
        return page

    yield open_it
    for context in contexts:
        assert context.storage_state() == {"cookies": [], "origins": []}  # nothing is stored
        context.close()
    assert complaints == []
    assert elsewhere == []


def ours(url: str, address: str) -> bool:
    return url.startswith((f"{address}/", "data:,", f"blob:{address}/"))


@pytest.fixture
def predicted(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """What the command line says of texts, with evidence."""

    def call(texts: list[str], *options: str) -> list[dict[str, Any]]:
        path = tmp_path / "texts.jsonl"
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        code, out, err = run("predict", path, "--evidence", *options)
        assert code == 0, err
        return [json.loads(line) for line in out.splitlines()]

    return call


def show_labels(page: Any, texts: list[str]) -> None:
    """Paste texts, and wait for their labels."""
    page.get_by_label("Texts", exact=True).fill("\n".join(texts))
    page.get_by_role("button", name="Show labels").click()
    wait_for_labels(page, len(texts))


def wait_for_labels(page: Any, number: int) -> None:
    page.get_by_role("status").get_by_text(f"{number} text{'s' * (number != 1)} labelled.").wait_for()


def choose_file(page: Any, name: str, content: str | bytes, *, good: bool = True) -> None:
    """Choose a file, and wait until it is there, if it is good."""
    data = content if isinstance(content, bytes) else content.encode()
    page.set_input_files("#file", {"name": name, "mimeType": "text/csv", "buffer": data})
    if good:
        page.locator("#name", has_text=name).wait_for()


def downloaded(page: Any, button: str) -> tuple[str, bytes]:
    """The name and content of a file that a button gives."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    download = waiting.value
    return download.suggested_filename, Path(download.path()).read_bytes()


def cells(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))

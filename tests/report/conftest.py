"""Ways to a report: by the command line, by its functions, and in a browser that all tests of the page share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from feedbackclf.inputs import Inputs
from feedbackclf.report.feedback import Feedback
from feedbackclf.report.pages.report_page import render
from feedbackclf.report.reading.columns import Wanted
from feedbackclf.report.reading.source import NumberedRejects, read_feedback
from feedbackclf.taxonomy import default_taxonomy
from tests.chromium import chromium
from tests.report import sample


@pytest.fixture
def figures_of(run: Callable[..., tuple[int, str, str]]) -> Callable[..., Any]:
    """The figures of a report without quotes, as its JSON has them."""

    def call(*arguments: object) -> Any:
        code, out, err = run("report", *arguments, "--json", "-", "--no-quotes")
        assert code == 0, err
        return json.loads(out)

    return call


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Feedback]:
    """Reads tagged files."""

    def call(*paths: Path, taxonomy: Any = None, see: Any = None, **wanted: Any) -> Feedback:
        def nobody() -> Any:
            raise AssertionError("the files are tagged")

        with NumberedRejects(str(tmp_path / "rejects.jsonl")) as rejects:
            inputs = Inputs([str(path) for path in paths])
            taxonomy = taxonomy or default_taxonomy()
            return read_feedback(inputs, taxonomy, nobody, rejects, name="dump", wanted=Wanted(**wanted), see=see)

    return call


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(sample.compared()), encoding="utf-8")
    return path


@pytest.fixture
def open_page(browser: Any, file: Path) -> Iterator[Any]:
    """Opens a page, and after the test sees to it that it asked for nothing and complained of nothing."""
    contexts, complaints, requests, opened = [], [], [], []

    def open_it(path: Path = file, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append("a dialog"))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        opened.append(path.as_uri())
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []
    assert requests == opened

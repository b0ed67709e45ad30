"""`explain --html`: a page that says the same as the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.report.pages import extra
from feedbackclf.report.pages.explain_page import render_explanations
from feedbackclf.report.pages.formats import star_change
from tests.chromium import serious
from tests.report.reading import read

TEXTS = [
    "Quick delivery, but the zip broke on the first day. Never again!",
    "Leveransen tog tre veckor 👍🏽 <script>alert(1)</script> & ingen svarade \u202emoc.live",
    "",
]


@pytest.fixture
def why(shipped: FeedbackClassifier, tmp_path: Path) -> Path:
    path = tmp_path / "why.html"
    path.write_text(render_explanations([shipped.explain(text) for text in TEXTS]), encoding="utf-8")
    return path


def test_the_page_says_what_the_explanation_says(why: Path, shipped: FeedbackClassifier) -> None:
    page = read(why.read_text(encoding="utf-8"))
    marks = [element.text for element in page.all() if element.tag == "mark"]
    rows = [element for element in page.all() if element.tag == "tr"]
    expected, numbers = [], []
    for text in TEXTS:
        explained = shipped.explain(text)
        for head in explained.heads.values():
            if head.label != "none":
                expected += [explained.quote(head.evidence)] if head.evidence else []
                numbers += [star_change(word.weight) for word in head.words]
                numbers += [star_change(head.base), star_change(head.log_odds)]
    assert marks == expected
    assert [x.text for row in rows for x in row.all() if x.tag == "td"] == numbers


def test_it_opens_without_a_network_and_runs_nothing(open_page: Any, why: Path) -> None:
    page = open_page(why, viewport={"width": 375, "height": 800}, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach((x) => { x.open = true; })")
    assert page.locator("blockquote").first.inner_text() == TEXTS[0]
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 375
    assert serious(page) == []


def test_the_extra_is_named_where_it_is_missing(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    from feedbackclf.report.pages import templating

    templating.environment.cache_clear()
    monkeypatch.setattr(extra, "import_module", missing)
    code, out, err = run("explain", "fine", "--html", tmp_path / "why.html")
    assert (code, out) == (1, "")
    assert "pip install 'feedbackclf[report]'" in err
    assert not list(tmp_path.iterdir())

"""From a raw file to a page in a browser, and to the same figures as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from feedbackclf.corpus import Example
from feedbackclf.report.pages.formats import FORMATS
from tests.report.reading import read
from tests.report.tagged import write_csv


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory, corpus: tuple[Example, ...]) -> Path:
    rows = [
        {
            "review": example.text,
            "stars": str(example.rating or ""),
            "date": f"2026-{1 + row % 9:02}-{1 + row % 28:02}",
            "shop": ("Utrecht", "Malmö", "Aarhus <b>")[row % 3],
        }
        for row, example in enumerate(corpus[::4])
    ]
    return write_csv(tmp_path_factory.mktemp("raw") / "raw.csv", rows)


def at(figures: Any, path: str) -> Any:
    for key in path.split("."):
        figures = figures[int(key)] if isinstance(figures, list) else figures[key]
    return figures


@pytest.mark.usefixtures("shipped")
def test_a_raw_dump_becomes_a_page(run: Any, open_page: Any, raw: Path, tmp_path: Path) -> None:
    code, out, err = run("report", raw, "-o", tmp_path / "r.html", "--json", tmp_path / "r.json", "--title", "Spring")
    assert (code, out) == (0, ""), err
    figures = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    shown = read(html).with_attribute("data-figure")
    assert len(shown) > 300
    for element in shown:
        value = at(figures, element.attributes["data-figure"])
        assert element.text == FORMATS[element.attributes["data-format"]](value)
    page = open_page(tmp_path / "r.html")
    assert page.title() == "Spring"
    assert page.locator(".quote:visible").count() == 20
    assert page.locator(".quote mark").count() > 100
    shop = page.locator(".filters").get_by_label("shop")
    shop.select_option("Aarhus <b>")
    wanted = [quote["text"] for quote in figures["quotes"] if quote["groups"]["shop"] == "Aarhus <b>"]
    assert page.locator("#count").inner_text() == f"Showing {min(20, len(wanted))} of {len(wanted)} quotes"
    page.locator("#search").fill(figures["quotes"][0]["text"][5:40])
    shop.select_option("")
    assert page.locator(".quote:visible").count() >= 1


@pytest.mark.usefixtures("shipped")
def test_without_quotes_no_text_is_in_the_page(run: Any, raw: Path, tmp_path: Path, corpus: Any) -> None:
    code, _, err = run("report", raw, "-o", tmp_path / "r.html", "--no-quotes")
    assert code == 0, err
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert not [example for example in corpus[::4] if len(example.text) > 30 and example.text[:30] in html]

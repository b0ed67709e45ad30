"""The page as a reader has it: in Chromium, from disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from feedbackclf.report.pages.report_page import render
from tests.chromium import intrude
from tests.report import sample

LIST = ".quote:visible"


def choose(page: Any, name: str, option: str) -> None:
    page.get_by_role("combobox", name=name, exact=True).select_option(option)


def test_nothing_of_a_quote_runs(open_page: Any) -> None:
    page = open_page()
    assert page.title() == "Customer feedback, January 2025 to June 2026"
    assert page.locator("bdi b, bdi script, bdi img").count() == 0
    assert "<script>" in page.locator(".quote").first.inner_text()


def test_no_other_script_or_style_is_let_in(browser: Any, file: Path) -> None:
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(file.as_uri())
    intrude(page)
    assert page.title() != "run"
    assert page.evaluate("getComputedStyle(document.body).display") == "block"
    page.wait_for_function("() => true")
    assert len(refused) == 3
    page.close()


def test_quotes_are_found_by_what_is_asked_of_them(open_page: Any) -> None:
    page = open_page()
    status = page.locator("#count")
    assert page.locator(LIST).count() == 20
    assert status.inner_text() == "Showing 20 of 200 quotes"
    assert status.get_attribute("aria-live") == "polite"

    choose(page, "Language", "Danish")
    assert page.locator(LIST).count() == 20
    assert status.inner_text() == "Showing 20 of 50 quotes"
    assert all("Danish" in text for text in page.locator(f"{LIST} .meta").all_inner_texts())

    choose(page, "Label", "resolution: negative")
    texts = page.locator(f"{LIST} bdi[dir]").all_inner_texts()
    assert 0 < len(texts) < 20
    assert all("ingen tager telefonen" in text for text in texts)

    choose(page, "Kind", "telling")
    assert 0 < page.locator(LIST).count() < len(texts)
    assert all("telling of resolution" in text for text in page.locator(f"{LIST} .meta").all_inner_texts())

    choose(page, "Sentiment", "positive")
    assert page.locator(LIST).count() == 0
    assert status.inner_text() == "No quote is like that."


def test_quotes_are_found_by_group_and_by_word(open_page: Any) -> None:
    page = open_page()
    choose(page, "shop", "Göteborg")
    shown = page.locator(f"{LIST} .meta").all_inner_texts()
    assert shown
    assert all("shop Göteborg" in text for text in shown)
    choose(page, "shop", "all")
    page.get_by_role("searchbox").fill("  BEMOTANDE ")  # neither case nor accents matter
    found = page.locator(f"{LIST} bdi[dir]").all_inner_texts()
    assert found
    assert all("bemötande" in text for text in found)


def test_more_quotes_are_shown_and_read_on_from_there(open_page: Any) -> None:
    page = open_page()
    choose(page, "Language", "Danish")
    more = page.get_by_role("button", name="Show more")
    more.click()
    assert page.locator(LIST).count() == 40
    assert page.evaluate("document.activeElement === [...document.querySelectorAll('.quote:not([hidden])')][20]")
    more.click()
    assert page.locator(LIST).count() == 50
    assert not more.is_visible()


def test_one_breakdown_is_shown_at_a_time(open_page: Any) -> None:
    page = open_page()
    assert page.locator(".breakdown:visible h3").all_inner_texts() == ["shop"]
    choose(page, "Look at", "channel")
    assert page.locator(".breakdown:visible h3").all_inner_texts() == ["channel"]
    page.emulate_media(media="print")
    assert page.locator(".breakdown:visible h3").all_inner_texts() == ["shop", "channel"]
    assert not page.locator(".filters").is_visible()


def test_without_script_everything_is_there_and_no_control_that_does_nothing(open_page: Any) -> None:
    page = open_page(java_script_enabled=False)
    assert page.locator(".breakdown:visible").count() == 2
    assert page.locator(LIST).count() == 200
    assert page.locator("select:visible, input:visible, button:visible").count() == 0
    page.emulate_media(media="print")
    assert page.locator(LIST).count() == 20


def test_a_mark_says_its_figure_under_the_mouse(open_page: Any) -> None:
    page = open_page()
    tip = page.locator("#tip")
    assert not tip.is_visible()
    page.locator("#sentiment svg.wide path[data-tip^=positive]").first.hover()
    assert tip.inner_text() == "positive: 50% (48% to 52%), 2,980 texts"
    page.locator("h1").hover()
    assert not tip.is_visible()


@pytest.mark.parametrize("variant", [sample.least, sample.hotels])
def test_a_poor_report_works_too(browser: Any, tmp_path: Path, variant: Any) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(variant()), encoding="utf-8")
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    assert page.locator("h2:visible").first.inner_text() == "In short"
    assert errors == []
    page.close()

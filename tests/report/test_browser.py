"""The page as a reader has it: in Chromium, from disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from feedbackclf.report.page import render
from tests.report import sample

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 800}
LIST = ".quote:visible"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium in the path")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(sample.compared()), encoding="utf-8")
    return path


@pytest.fixture
def open_page(browser: Any, file: Path) -> Iterator[Any]:
    """Opens the page, and after the test sees to it that it asked for nothing and complained of nothing."""
    contexts, complaints, requests = [], [], []

    def open_it(**options: Any) -> Any:
        context = browser.new_context(**{"viewport": DESKTOP, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append("a dialog"))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(file.as_uri())
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []
    assert requests == [file.as_uri()] * len(contexts)


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
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'run'";
        document.body.append(script);
        document.body.setAttribute("style", "display: none");
        new Image().src = "https://example.org/pixel.png";
    }""")
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


def test_the_keyboard_is_enough(open_page: Any) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("x => x === document.activeElement")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    details = page.locator("details:visible").first
    details.locator("summary").focus()
    page.keyboard.press("Enter")
    assert details.locator("table").is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "scroll"
    page.get_by_role("combobox", name="Look at").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(".breakdown:visible h3").all_inner_texts() == ["channel"]


def test_a_mark_says_its_figure_under_the_mouse(open_page: Any) -> None:
    page = open_page()
    tip = page.locator("#tip")
    assert not tip.is_visible()
    page.locator("#sentiment svg.wide path[data-tip^=positive]").first.hover()
    assert tip.inner_text() == "positive: 50% (48% to 52%), 2,980 texts"
    page.locator("h1").hover()
    assert not tip.is_visible()


def test_dark_mode_is_dark_in_text_and_charts(open_page: Any) -> None:
    page = open_page(color_scheme="light")

    def colours() -> tuple[str, ...]:
        bar = "getComputedStyle(document.querySelector('#sentiment svg.wide path[data-tip]')).fill"
        word = "getComputedStyle(document.querySelector('#sentiment svg.wide text')).fill"
        body = "getComputedStyle(document.documentElement)"
        return tuple(page.evaluate(x) for x in (bar, word, f"{body}.backgroundColor", f"{body}.color"))

    light = colours()
    page.emulate_media(color_scheme="dark")
    dark = colours()
    assert all(one.startswith("rgb(") for one in (*light, *dark))
    assert all(one != other for one, other in zip(light, dark, strict=True))
    assert brightness(light[2]) > 240
    assert brightness(dark[2]) < 40
    page.emulate_media(color_scheme="dark", media="print")
    assert colours() == light


def brightness(colour: str) -> float:
    return sum(map(int, colour[4:-1].split(","))) / 3


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_no_width_scrolls_sideways(open_page: Any, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach((x) => { x.open = true; })")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    shown = page.locator("#sentiment figure").first.locator("svg:visible")
    assert shown.count() == 1
    assert shown.get_attribute("class") == ("narrow" if width < 740 else "wide")


def test_it_prints(open_page: Any) -> None:
    page = open_page()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") >= 5


@pytest.mark.parametrize("look", ["light", "dark", "phone", "tables"])
def test_axe_finds_nothing_serious(open_page: Any, look: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(
        color_scheme="dark" if look == "dark" else "light",
        viewport=PHONE if look == "phone" else DESKTOP,
        bypass_csp=True,
    )
    if look == "tables":
        page.evaluate("document.querySelectorAll('details').forEach((x) => { x.open = true; })")
    found = Axe().run(page).response["violations"]
    assert [(x["id"], x["nodes"][0]["html"][:200]) for x in found if x["impact"] in ("serious", "critical")] == []


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

"""The page for everybody: keyboard, dark mode, phones, paper, and what axe finds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chromium import DESKTOP, PHONE, serious


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
    page = open_page(
        color_scheme="dark" if look == "dark" else "light",
        viewport=PHONE if look == "phone" else DESKTOP,
        bypass_csp=True,
    )
    if look == "tables":
        page.evaluate("document.querySelectorAll('details').forEach((x) => { x.open = true; })")
    assert serious(page) == []

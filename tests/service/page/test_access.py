"""The page for everybody: keyboard, dark mode, phones, and what axe finds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from feedbackclf.report.pages.palette import DARK, LIGHT
from feedbackclf.service.page_files import PAGE_FILES
from tests.chromium import DESKTOP, PHONE, serious
from tests.service.page.conftest import choose_file, show_labels, wait_for_labels

TEXTS = [
    "Quick delivery, but the zip broke on the first day",
    "Aardige mensen, dank!",
    "Drie weken wachten en niemand die de telefoon opneemt. Nooit meer.",
    "Jeg er glad for servicen, men produktet er noget bras.",
]


def is_focused(element: Any) -> bool:
    return bool(element.evaluate("x => x === document.activeElement"))


def tab_to(page: Any, element: Any) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if is_focused(element):
            return
    raise AssertionError(f"no way to {element} by Tab")


def test_the_keyboard_is_enough(open_page: Any) -> None:
    page = open_page()
    page.locator("#heads dt").first.wait_for()
    page.keyboard.press("Tab")
    assert is_focused(page.locator(".skip"))
    tab_to(page, page.get_by_label("Texts", exact=True))
    page.keyboard.insert_text("\n".join(TEXTS * 6))
    tab_to(page, page.get_by_label("one per line"))
    page.keyboard.press("ArrowRight")
    assert page.locator("#size").inner_text() == "1 text."
    page.keyboard.press("ArrowLeft")
    tab_to(page, page.locator("#file"))
    tab_to(page, page.get_by_label("Language of the texts"))
    page.keyboard.press("d")
    tab_to(page, page.get_by_role("button", name="Show labels"))
    page.keyboard.press("Enter")
    wait_for_labels(page, 24)
    assert is_focused(page.get_by_role("heading", name="Labels", exact=True))
    choice = page.locator("#overview button").nth(1)
    tab_to(page, choice)
    page.keyboard.press("Space")
    assert choice.get_attribute("aria-pressed") == "true"
    assert is_focused(choice)
    tab_to(page, page.get_by_role("button", name="Show all"))
    page.keyboard.press("Enter")
    assert is_focused(page.get_by_role("heading", name="Labels", exact=True))
    label = page.locator(".quote button.label").first
    tab_to(page, label)
    page.keyboard.press("Enter")
    assert label.get_attribute("aria-pressed") == "true"


def test_control_and_enter_show_labels(open_page: Any) -> None:
    page = open_page()
    box = page.get_by_label("Texts", exact=True)
    box.fill(TEXTS[0])
    box.press("Control+Enter")
    wait_for_labels(page, 1)
    assert is_focused(box)


def test_an_example_is_at_hand(open_page: Any) -> None:
    page = open_page()
    page.get_by_role("button", name="Try an example").click()
    page.get_by_role("button", name="Show labels").click()
    wait_for_labels(page, 4)
    found = [page.locator(".quote .meta").nth(nth).inner_text().split(" · ")[1] for nth in range(4)]
    assert [language.split(" ")[0] for language in found] == ["English", "Danish", "Dutch", "Swedish"]


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_axe_finds_nothing_serious(open_page: Any, look: str) -> None:
    page = open_page(
        color_scheme="dark" if look == "dark" else "light",
        viewport=PHONE if look == "phone" else DESKTOP,
        bypass_csp=True,
    )
    page.locator("#heads dt").first.wait_for()
    assert serious(page) == []
    page.get_by_role("button", name="Show labels").click()
    page.get_by_role("alert").wait_for()
    page.evaluate("document.querySelector('#key-field').hidden = false")
    assert serious(page) == []
    show_labels(page, TEXTS * 6)
    page.locator("#overview button").nth(1).click()
    page.locator(".quote button.label").first.click()
    choose_file(page, "reviews.csv", "id,text,language\n1,Quick delivery,en\n2\n")
    assert serious(page) == []


@pytest.mark.parametrize("width", [320, 375, 768, 1000, 1280])
def test_no_width_scrolls_sideways(open_page: Any, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 800})
    long = "a" * 300
    choose_file(page, f"{long}.csv", f"{long},text\n1,Quick {long}\n2,Quick delivery\n")
    page.get_by_role("button", name="Show labels").click()
    wait_for_labels(page, 2)
    page.locator("#how-often summary").click()
    assert page.evaluate("() => document.scrollingElement.scrollWidth") <= width


def test_dark_mode_is_dark(open_page: Any) -> None:
    page = open_page(color_scheme="light")
    show_labels(page, TEXTS)
    colours = "() => ['html', 'mark'].map((x) => getComputedStyle(document.querySelector(x)).backgroundColor)"
    light = page.evaluate(colours)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(colours)
    assert [sum(map(int, colour[4:-1].split(","))) // 3 > 128 for colour in (*light, *dark)] == [True] * 2 + [False] * 2


def test_colours_are_those_of_the_report() -> None:
    style = PAGE_FILES["/page.css"][0].read_text(encoding="utf-8")
    themes = [dict(re.findall(r"--([\w-]+):(#\w+);", block)) for block in re.findall(r":root\{([^}]+)\}", style)]
    assert themes == [dict(LIGHT), dict(DARK)]


def test_the_page_names_no_other_place() -> None:
    for path, _ in PAGE_FILES.values():
        assert not re.search(r"https?:|//[a-z]", Path(path).read_text(encoding="utf-8").replace("/* ", "")), path

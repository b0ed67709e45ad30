"""From pasted texts to labels, as a reader has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from feedbackclf.service.gate import POLICY
from tests.chromium import intrude
from tests.service.page.conftest import show_labels, wait_for_labels
from tests.service.running import Running

TEXTS = [
    "Quick delivery, but the zip broke on the first day",
    "Aardige mensen, dank!",
    "Ingen svarede på min klage, og pengene fik jeg aldrig.",
    "Snabb leverans och fin kvalitet, tack!",
]
EMOJI = [
    "👩‍👩‍👧‍👦🎉🎉 The delivery was quick 🚀🚀, 🇳🇱 but the zip broke 😡 on the first day, thanks for nothing!",
    "𝕎𝕠𝕨 😀 heel vriendelijke mensen 👍🏽 en snel geleverd, dank!",
]


def quote_of(page: Any, nth: int) -> Any:
    return page.locator(".quote").nth(nth)


def written(quote: Any) -> str:
    """What the customer wrote, without the names of labels that stand between."""
    return quote.locator("bdi").evaluate(
        "x => [...x.childNodes].filter((y) => !y.classList?.contains('why')).map((y) => y.textContent).join('')"
    )


def test_pasted_texts_get_the_labels_of_the_command_line(
    open_page: Any, predicted: Callable[..., list[dict[str, Any]]]
) -> None:
    page = open_page()
    show_labels(page, TEXTS)
    for nth, expected in enumerate(predicted(TEXTS)):
        quote = quote_of(page, nth)
        assert written(quote) == TEXTS[nth]
        assert quote.locator("bdi").get_attribute("lang") == expected["language"]
        heads = ["sentiment", "speed", "quality", "greeting", "resolution", "gratitude", "level", "issue", "loyalty"]
        said = [f"{head} {expected[head].replace('_', ' ')}" for head in heads if expected[head] != "none"]
        shown = [" ".join(label.split(" ")[:-1] if "%" in label else label.split(" ")) for label in labels_of(quote)]
        assert shown == said
        silent = [head for head in heads if expected[head] == "none"]
        assert quote.locator(".meta").inner_text().endswith(f"nothing said of {', '.join(silent)}")


def labels_of(quote: Any) -> list[str]:
    return [" ".join(text.split()) for text in quote.locator(".label").all_inner_texts()]


def test_evidence_is_marked_to_the_character_also_behind_emoji(
    open_page: Any, predicted: Callable[..., list[dict[str, Any]]]
) -> None:
    page = open_page()
    show_labels(page, EMOJI)
    marked = 0
    for nth, expected in enumerate(predicted(EMOJI)):
        quote = quote_of(page, nth)
        assert written(quote) == EMOJI[nth]
        for button in quote.locator("button.label").all():
            head = button.inner_text().split()[0]
            button.click()
            assert button.get_attribute("aria-pressed") == "true"
            assert quote.locator("mark").all_text_contents() == [expected[f"{head}_evidence"]]
            assert written(quote) == EMOJI[nth]
            marked += 1
            button.click()
            assert button.get_attribute("aria-pressed") == "false"
    assert marked >= 8


def test_dimensions_are_marked_at_first_each_with_its_name(open_page: Any) -> None:
    page = open_page()
    show_labels(page, TEXTS[:1])
    quote = quote_of(page, 0)
    tags = quote.locator("bdi .why").all_text_contents()
    assert [" ".join(tag.split()) for tag in tags] == [
        "(evidence of speed: positive)",
        "(evidence of quality: negative)",
    ]
    assert quote.locator("mark.positive").all_text_contents() == ["Quick delivery"]
    assert quote.locator("mark.negative").all_text_contents() == ["zip broke"]


def test_texts_can_have_blank_lines_between_them(open_page: Any) -> None:
    page = open_page()
    box = page.get_by_label("Texts", exact=True)
    box.fill("  Quick delivery.\nNice zip.\n\n \n\nAardige mensen!\n\n")
    assert page.locator("#size").inner_text() == "3 texts."
    page.get_by_label("blank lines between").check()
    assert page.locator("#size").inner_text() == "2 texts."
    page.get_by_role("button", name="Show labels").click()
    wait_for_labels(page, 2)
    assert [written(quote_of(page, nth)) for nth in (0, 1)] == ["Quick delivery.\nNice zip.", "Aardige mensen!"]


def test_a_text_is_never_html(open_page: Any) -> None:
    page = open_page()
    nasty = "<script>document.title = 'run'</script><img src=x onerror=alert(1)> the <b>zip broke</b> &amp; quick"
    show_labels(page, [nasty])
    assert written(quote_of(page, 0)) == nasty
    assert page.locator("bdi script, bdi img, bdi b").count() == 0
    assert page.title() == "Label customer feedback"


def test_the_policy_keeps_out_other_scripts_and_styles(browser: Any, server: Running) -> None:
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    answer = page.goto(f"{server.url}/")
    assert answer.headers["content-security-policy"] == POLICY
    page.locator("#heads dt").first.wait_for()
    assert refused == []
    intrude(page)
    assert page.title() != "run"
    assert page.evaluate("() => getComputedStyle(document.body).display") == "block"
    assert len(refused) == 3
    page.close()


def test_a_language_can_be_given(open_page: Any) -> None:
    page = open_page()
    select = page.get_by_label("Language of the texts")
    page.locator("#heads dt").first.wait_for()
    assert select.locator("option").all_text_contents() == ["detect it", "Dutch", "Danish", "Swedish", "English"]
    select.select_option("Swedish")
    with page.expect_request("**/v1/predict") as asked:
        show_labels(page, ["Fin service"])
    assert asked.value.post_data_json == {"texts": ["Fin service"], "language": "sv", "evidence": True}
    assert quote_of(page, 0).locator(".meta").inner_text().startswith("Text 1 · Swedish · ")


def test_labels_choose_texts(open_page: Any) -> None:
    page = open_page()
    show_labels(page, TEXTS * 8)
    assert page.locator(".quote").count() == 20
    assert page.locator("#count").inner_text() == "The first 20 of 32 texts."
    page.get_by_role("button", name="Show more").click()
    assert page.locator(".quote").count() == 32
    assert quote_of(page, 20).evaluate("x => x === document.activeElement")
    page.get_by_role("button", name="language: Danish, 8 texts").click()
    chosen = page.get_by_role("button", name="language: Danish, 8 texts")
    assert chosen.get_attribute("aria-pressed") == "true"
    assert chosen.evaluate("x => x === document.activeElement")
    assert page.locator("#count").inner_text() == "8 texts with what you chose."
    assert {written(quote) for quote in page.locator(".quote").all()} == {TEXTS[2]}
    page.get_by_role("button", name="Show all").click()
    assert page.locator(".quote").count() == 20


@pytest.mark.parametrize("few", [True, False])
def test_the_overview_is_open_where_texts_are_many(open_page: Any, few: bool) -> None:
    page = open_page()
    show_labels(page, TEXTS if few else TEXTS * 3)
    assert page.locator("#overview").is_visible() is not few


def test_the_page_follows_the_taxonomy_of_the_model(open_page: Any, tiny: Running) -> None:
    page = open_page(tiny)
    page.locator("#heads dt").first.wait_for()
    assert page.locator("#heads dt").all_text_contents() == ["tone", "speed"]
    assert page.locator("#heads dd").all_text_contents() == [
        "good, bad",
        "How long it took.positive, negative, mixed, none",
    ]
    asked: list[int] = []
    page.on("request", lambda request: asked.append(len(request.post_data_buffer)) if request.post_data else None)
    show_labels(page, ["Fast delivery, but NEVER again!", "Heel netjes"] * 10)
    assert all("tone" in quote.inner_text() for quote in page.locator(".quote").all())
    assert len(asked) >= 3
    assert max(asked) <= 400

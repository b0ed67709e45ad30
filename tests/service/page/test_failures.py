"""What a reader is told when the server refuses, fails, is busy or is gone, and what can be done then."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.service.page.conftest import KEY, downloaded, show_labels, wait_for_labels
from tests.service.running import Running

PREDICT = "**/v1/predict"


def paste(page: Any, texts: list[str]) -> None:
    page.get_by_label("Texts", exact=True).fill("\n".join(texts))


def press(page: Any, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def problem(page: Any) -> str:
    alert = page.get_by_role("alert")
    alert.wait_for()
    return str(alert.inner_text())


def answers(page: Any, *given: Any) -> None:
    """Requests are answered so, one after the other: by a status and an answer, or by None as the server does."""
    left = list(given)

    def handle(route: Any) -> None:
        answer = left.pop(0) if left else None
        if answer is None:
            route.continue_()
        else:
            status, body, headers = answer
            route.fulfill(status=status, body=body, headers={"Content-Type": "application/json", **headers})

    page.route(PREDICT, handle)


def test_a_key_is_asked_for_only_where_one_is_needed(open_page: Any, locked: Running) -> None:
    page = open_page(locked, failures=True)
    assert problem(page) == "This server asks for a key."
    field = page.get_by_label("Key for this server")
    assert field.get_attribute("type") == "password"
    assert field.evaluate("x => x === document.activeElement")
    paste(page, ["Quick delivery"])
    field.fill("no such key")
    field.press("Enter")
    page.get_by_role("alert").get_by_text("The server does not know this key.").wait_for()
    field.fill(KEY)
    field.press("Enter")
    wait_for_labels(page, 1)
    assert page.get_by_role("alert").count() == 0
    assert KEY not in page.content()
    assert page.evaluate("() => [localStorage.length, sessionStorage.length, location.search]") == [0, 0, ""]
    page.reload()
    assert problem(page) == "This server asks for a key."
    assert field.input_value() == ""


def test_no_key_is_asked_for_elsewhere(open_page: Any) -> None:
    page = open_page()
    show_labels(page, ["Quick delivery"])
    assert page.get_by_label("Key for this server").is_hidden()


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (500, '{"detail": "something went wrong"}', "The server failed (500). It says: something went wrong"),
        (502, "<html>Bad gateway</html>", "The server failed (502)."),
        (422, '{"detail": [{"msg": "too odd"}]}', "The server cannot take these texts. It says: too odd"),
        (413, '{"detail": "too many bytes"}', "The texts are too much for the server at once. It says: too many bytes"),
        (408, "{}", "The server waited too long for the texts. Go on to try again."),
        (200, "no JSON", "The server failed (200)."),
        (200, '{"predictions": []}', "The server did not answer with labels."),
    ],
)
def test_an_error_is_told_and_the_texts_stay(open_page: Any, status: int, body: str, says: str) -> None:
    page = open_page(failures=True)
    answers(page, (status, body, {}))
    paste(page, ["Quick delivery"])
    press(page, "Show labels")
    assert problem(page) == says
    assert page.get_by_label("Texts", exact=True).input_value() == "Quick delivery"
    press(page, "Show labels")
    wait_for_labels(page, 1)
    assert page.get_by_role("alert").count() == 0


def test_a_busy_server_is_waited_for(open_page: Any) -> None:
    page = open_page(failures=True)
    busy = (503, '{"detail": "too much is waiting"}', {"Retry-After": "0"})
    answers(page, busy, busy)
    show_labels(page, ["Quick delivery"])
    answers(page, *[busy] * 5)
    press(page, "Show labels")
    assert problem(page).startswith("The server is too busy.")


def test_a_server_that_is_gone(open_page: Any) -> None:
    page = open_page(failures=True)
    page.route(PREDICT, lambda route: route.abort())
    paste(page, ["Quick delivery"])
    press(page, "Show labels")
    assert problem(page).startswith("The server cannot be reached.")


def test_a_page_whose_server_did_not_answer_at_first(open_page: Any) -> None:
    page = open_page(failures=True)
    page.route("**/v1/model", lambda route: route.abort(), times=1)
    page.reload()
    assert problem(page).startswith("The server cannot be reached.")
    show_labels(page, ["Quick delivery"])
    assert page.get_by_label("Language of the texts").locator("option").count() == 5


def test_a_slow_model_is_waited_for(open_page: Any) -> None:
    page = open_page()
    held: list[Any] = []
    page.route("**/v1/model", lambda route: held.append(route), times=1)
    with page.expect_request("**/v1/model"):
        page.reload()
    paste(page, ["Quick delivery"])
    press(page, "Show labels")
    held[0].continue_()
    wait_for_labels(page, 1)
    assert page.get_by_label("Language of the texts").locator("option").count() == 5


def test_a_run_is_stopped_and_goes_on(open_page: Any, predicted: Callable[..., list[dict[str, Any]]]) -> None:
    page = open_page()
    texts = [f"Quick delivery number {nth}" for nth in range(250)]
    sizes: list[int] = []
    held: list[Any] = []

    def hold_the_second(route: Any) -> None:
        sizes.append(len(route.request.post_data_json["texts"]))
        if len(sizes) == 2:
            held.append(route)
        else:
            route.continue_()

    page.route(PREDICT, hold_the_second)
    paste(page, texts)
    press(page, "Show labels")
    page.get_by_text("100 of 250 texts").wait_for()
    assert page.get_by_role("progressbar", name="Texts labelled").evaluate("x => [x.value, x.max]") == [100, 250]
    press(page, "Stop")
    page.get_by_role("status").get_by_text("Stopped: 100 texts labelled, 150 left.").wait_for()
    assert page.get_by_role("button", name="Go on").evaluate("x => x === document.activeElement")
    assert len(json.loads(downloaded(page, "Download JSON")[1])) == 100
    press(page, "Go on")
    wait_for_labels(page, 250)
    assert sizes == [100, 100, 100, 50]
    assert json.loads(downloaded(page, "Download JSON")[1]) == predicted(texts)


def test_a_run_that_fails_in_its_middle_keeps_what_it_has(open_page: Any) -> None:
    page = open_page(failures=True)
    answers(page, None, (500, "{}", {}))
    paste(page, ["Quick delivery"] * 150)
    press(page, "Show labels")
    assert problem(page) == "The server failed (500)."
    assert len(json.loads(downloaded(page, "Download JSON")[1])) == 100
    press(page, "Go on")
    wait_for_labels(page, 150)


def test_nothing_to_label(open_page: Any) -> None:
    page = open_page()
    paste(page, [" ", ""])
    press(page, "Show labels")
    assert problem(page) == "There is no text yet. Paste some, or choose a CSV file."
    assert page.get_by_label("Texts", exact=True).evaluate("x => x === document.activeElement")


def test_a_text_that_is_too_long_is_named_before_anything_is_sent(open_page: Any, tiny: Running) -> None:
    page = open_page(tiny)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    paste(page, ["😀" * 50, "x" * 51])
    press(page, "Show labels")
    assert problem(page) == "Text 2 has 51 characters; this server takes 50. Shorten it, or leave it out."
    assert sent == []

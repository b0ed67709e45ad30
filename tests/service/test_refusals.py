"""What the service does not take, and how it says so: in JSON, and without a word of the text."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.service.running import PATIENCE, Running

SECRET = "xqzzy"
"""A word that stands for what customers write: it must not come back, nor be in the log."""
LONG = json.dumps({"texts": [SECRET * 1000]}).encode()

REFUSED = {
    "no JSON": (f'{{"texts": ["{SECRET}"', 400),
    "nothing": ("", 400),
    "no UTF-8": (b'{"texts": ["' + SECRET.encode() + b'\xff"]}', 400),
    "half a surrogate pair": (f'{{"texts": ["{SECRET}\\ud800"]}}', 400),
    "too deep": ('{"texts":' + "[" * 900 + f'"{SECRET}"' + "]" * 900 + "}", 422),
    "a list": (f'["{SECRET}"]', 422),
    "no texts": ('{"language": "nl"}', 422),
    "a text that is a number": ('{"texts": ["' + SECRET + '", 5]}', 422),
    "texts that are one text": (f'{{"texts": "{SECRET}"}}', 422),
    "null": ('{"texts": [null]}', 422),
    "an unknown field": (f'{{"texts": [], "{SECRET}": 1}}', 422),
    "an unknown language": (f'{{"texts": [], "language": "{SECRET}"}}', 422),
    "a language in capitals": ('{"texts": [], "language": "NL"}', 422),
    "evidence that is no truth value": (f'{{"texts": [], "evidence": "{SECRET}"}}', 422),
    "too many texts": (json.dumps({"texts": [SECRET] * 4}), 422),
    "a text that is too long": (json.dumps({"texts": ["", SECRET * 11]}), 422),
    "too many bytes": (LONG, 413),
}


@pytest.mark.parametrize(("body", "status"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_without_an_echo(body: str | bytes, status: int, strict: Running) -> None:
    with strict.client() as client:
        answer = client.post("/v1/predict", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["detail"]
    assert len(answer.json()["detail"]) > 10
    assert SECRET not in answer.text


def test_refusals_say_where_and_how_much(strict: Running) -> None:
    with strict.client() as client:
        too_long = client.post("/v1/predict", json={"texts": ["", "é" * 51]}).json()["detail"]
        too_many = client.post("/v1/predict", json={"texts": [""] * 4}).json()["detail"]
        at_the_limits = client.post("/v1/predict", json={"texts": ["é" * 50] * 3})
    assert "texts[1]" in too_long
    assert "51" in too_long
    assert "50" in too_long
    assert "4" in too_many
    assert "3" in too_many
    assert at_the_limits.status_code == 200


def test_a_chunked_body_has_a_limit_too(strict: Running) -> None:
    def pieces() -> Iterator[bytes]:
        yield LONG[:1500]
        yield LONG[1500:3000]

    with strict.client() as client:
        answer = client.post("/v1/predict", content=pieces(), headers={"content-type": "application/json"})
        assert answer.status_code == 413
        small = client.post(
            "/v1/predict", content=iter([b'{"texts":', b"[]}"]), headers={"content-type": "application/json"}
        )
    assert small.json() == {"predictions": []}


def test_a_client_that_waits_for_leave_is_told_before_it_sends(strict: Running) -> None:
    head = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999999\r\n"
    with socket.create_connection(("127.0.0.1", strict.port), PATIENCE) as connection:
        connection.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_kinds_of_bodies_are_refused(kind: str, strict: Running) -> None:
    with strict.client() as client:
        assert client.post("/v1/predict", content=b"{}", headers={"content-type": kind}).status_code == 415
        with_charset = {"content-type": "Application/JSON; charset=utf-8"}
        assert client.post("/v1/predict", content=b'{"texts":[]}', headers=with_charset).status_code == 200


def test_paths_and_methods_that_there_are_not(strict: Running) -> None:
    with strict.client() as client:
        for answer, status in ((client.get("/v2/predict"), 404), (client.get("/v1/predict"), 405)):
            assert answer.status_code == status
            assert list(answer.json()) == ["detail"]


def test_a_slow_client_is_cut_off_and_holds_nobody_up(strict: Running) -> None:
    head = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    with socket.create_connection(("127.0.0.1", strict.port), PATIENCE) as slow:
        slow.sendall(head + b"{")
        with strict.client() as client:
            assert client.post("/v1/predict", json={"texts": ["netjes"]}).status_code == 200
        received = b""
        while part := slow.recv(4096):  # until the server closes the connection
            received += part
    assert received.startswith(b"HTTP/1.1 408 ")
    assert b"0.5 s" in received


def test_nothing_of_a_request_is_in_the_log(strict: Running) -> None:
    with strict.client() as client:
        client.request(SECRET.upper(), f"/{SECRET}?q={SECRET}", headers={"user-agent": SECRET})
        client.post(f"/v1/predict?{SECRET}", json={"texts": [SECRET]})
        client.post("/v1/predict", content=SECRET, headers={"content-type": "application/json"})
        client.delete("/v1/model")
    strict.logged("DELETE /v1/model 405")  # the last of them, and nothing else asks for that
    assert "INFO other other 404" in "\n".join(strict.lines)
    assert SECRET not in "\n".join(strict.lines).lower()
    with strict.client() as client:
        assert SECRET not in client.get("/metrics").text.lower()


def test_answers_may_not_be_framed_or_guessed_at(client: httpx.Client) -> None:
    for path in ("/healthz", "/nothing", "/v1/model"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers

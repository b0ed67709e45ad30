"""Stopping without a loss, and another model without a stop."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Event

import pytest

from tests.service.conftest import write_tiny
from tests.service.running import PATIENCE, Running, running

BODY = json.dumps({"texts": ["Heel netjes", "Fast delivery, but NEVER again!"]})
JSON = {"content-type": "application/json"}
CLIENTS = 12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tiny(tmp_path / "model", "first")
    return tmp_path / "model"


@pytest.fixture
def tiny(folder: Path) -> Iterator[Running]:
    with running("--model", str(folder)) as found:
        yield found


def ask_until(port: int, enough: Event, over: Event) -> list[int]:
    """Ask on one connection until `over` is set or the server closes it; the statuses. Any loss is an error."""
    statuses = []
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    while not over.is_set():
        connection.request("POST", "/v1/predict", BODY, JSON)
        answer = connection.getresponse()
        assert len(json.loads(answer.read())["predictions"]) == 2
        statuses.append(answer.status)
        if len(statuses) == 20:
            enough.set()
        if answer.getheader("connection") == "close":
            break
    connection.close()
    return statuses


def wait_until_nobody_is_accepted(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), PATIENCE).close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:  # the end came while it was connecting
            continue


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_under_load_stops_and_loses_nothing(number: signal.Signals, tiny: Running) -> None:
    enough, never = Event(), Event()
    with ThreadPoolExecutor(CLIENTS) as threads:
        clients = [threads.submit(ask_until, tiny.port, enough, never) for _ in range(CLIENTS)]
        assert enough.wait(PATIENCE)
        tiny.signal(number)
        statuses = [client.result(PATIENCE) for client in clients]
    assert all(set(found) == {200} for found in statuses)
    assert tiny.process.wait(PATIENCE) == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", tiny.port))


def test_a_request_on_its_way_on_an_open_connection_is_answered_though_nobody_is_accepted_any_more(
    tiny: Running,
) -> None:
    connection = HTTPConnection("127.0.0.1", tiny.port, timeout=PATIENCE)
    connection.request("GET", "/healthz")
    assert connection.getresponse().read() == b'{"status":"ok"}'
    tiny.signal(signal.SIGTERM)
    wait_until_nobody_is_accepted(tiny.port)
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("connection")) == (503, "close")
    assert tiny.process.wait(PATIENCE) == 0


def test_a_request_that_is_half_sent_is_finished_before_the_server_stops(tiny: Running) -> None:
    head = (
        f"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", tiny.port), PATIENCE) as connection:
        connection.sendall((head + BODY[:10]).encode())
        with tiny.client() as other:
            assert other.get("/readyz").status_code == 200  # by now the head has arrived
        tiny.signal(signal.SIGTERM)
        tiny.logged("stopping")
        connection.sendall(BODY[10:].encode())
        received = b""
        while part := connection.recv(4096):
            received += part
    assert received.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in received
    assert received.count(b"language_confidence") == 2
    assert tiny.process.wait(PATIENCE) == 0


def test_grace_has_an_end(folder: Path) -> None:
    with running("--model", str(folder), "--grace", "1") as server:
        head = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
            connection.sendall(head)
            with server.client() as other:
                other.get("/readyz")
            assert server.stop() == 0  # though the body never comes


def test_another_model_takes_over_without_a_loss(tiny: Running, folder: Path) -> None:
    enough, over = Event(), Event()
    with ThreadPoolExecutor(4) as threads, tiny.client() as client:
        asking = [threads.submit(ask_until, tiny.port, enough, over) for _ in range(4)]
        try:
            assert enough.wait(PATIENCE)
            assert client.get("/v1/model").json()["taxonomy"] == "first"
            write_tiny(folder, "second")
            tiny.signal(signal.SIGHUP)
            tiny.logged("the model is now")
            assert client.get("/v1/model").json()["taxonomy"] == "second"
        finally:
            over.set()
        assert all(set(found.result(PATIENCE)) == {200} for found in asking)
    assert tiny.metric('feedbackclf_model_reloads_total{result="ok"}') == 1


def test_a_model_that_cannot_be_loaded_changes_nothing(tiny: Running, folder: Path) -> None:
    with tiny.client() as client:
        before = client.post("/v1/predict", content=BODY, headers=JSON).json()
        (folder / "model.json").write_text("{", encoding="utf-8")
        tiny.signal(signal.SIGHUP)
        assert "model.json" in tiny.logged("the model stays the one that it was.*").group()
        assert client.post("/v1/predict", content=BODY, headers=JSON).json() == before
        assert client.get("/v1/model").json()["taxonomy"] == "first"
    assert tiny.metric('feedbackclf_model_reloads_total{result="failed"}') == 1
    assert tiny.metric('feedbackclf_model_reloads_total{result="ok"}') == 0
    assert tiny.stop() == 0

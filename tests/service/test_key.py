"""The API key: who needs it, where it is from, and where it is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedbackclf.errors import UsageError
from feedbackclf.service.keys import ENVIRONMENT, has_key, read_key
from tests.service.conftest import write_tiny
from tests.service.running import PATIENCE, Running, running

KEY = "0123456789abcdef-key"
NEED_IT = [("POST", "/v1/predict"), ("GET", "/v1/model"), ("GET", "/metrics"), ("GET", "/nothing")]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("guarded")
    write_tiny(folder / "model", "tiny")
    (folder / "key.txt").write_text(f"{KEY}\n", encoding="ascii")
    with running("--model", str(folder / "model"), "--api-key-file", str(folder / "key.txt")) as server:
        yield server


@pytest.mark.parametrize(("method", "path"), NEED_IT)
@pytest.mark.parametrize(
    "headers",
    [{}, {"x-api-key": KEY[:-1]}, {"x-api-key": ""}, {"authorization": f"Basic {KEY}"}, {"authorization": "Bearer no"}],
)
def test_without_the_key_there_is_no_answer(method: str, path: str, headers: dict[str, str], guarded: Running) -> None:
    with guarded.client() as client:
        answer = client.request(method, path, headers=headers, json={"texts": ["netjes"]})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "X-API-Key" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers", [{"x-api-key": KEY}, {"authorization": f"Bearer {KEY}"}, {"authorization": f"bearer {KEY}"}]
)
def test_with_the_key_there_is(headers: dict[str, str], guarded: Running) -> None:
    with guarded.client(headers=headers) as client:
        assert client.post("/v1/predict", json={"texts": ["netjes"]}).status_code == 200
        assert client.get("/v1/model").status_code == 200
        assert 'status="401"' in client.get("/metrics").text or "feedbackclf_texts_total" in client.get("/metrics").text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json"])
def test_probes_need_none(path: str, guarded: Running) -> None:
    with guarded.client() as client:
        assert client.get(path).status_code == 200


def test_it_can_come_from_the_environment_and_is_not_logged(tmp_path: Path) -> None:
    write_tiny(tmp_path / "model", "tiny")
    with running("--model", str(tmp_path / "model"), environment={ENVIRONMENT: KEY}) as server:
        with server.client() as client:
            assert client.get("/v1/model").status_code == 401
            assert client.get("/v1/model", headers={"x-api-key": KEY}).status_code == 200
        assert server.stop() == 0
        server.logged("the end of the log")
        assert KEY not in "\n".join(server.lines)


def test_a_server_that_everybody_can_reach_warns_if_it_has_no_key(tmp_path: Path) -> None:
    write_tiny(tmp_path / "model", "tiny")
    options = ["--model", str(tmp_path / "model"), "--host", "0.0.0.0"]
    with running(*options) as server:
        assert "--api-key-file" in server.lines[0]
    with running(*options, environment={ENVIRONMENT: KEY}) as server:
        assert len(server.lines) == 1
    with running(*options[:2]) as server:
        assert len(server.lines) == 1


@pytest.mark.parametrize("content", [b"short", b"", b"two words in the file", "sleutel-met-een-é-erin".encode()])
def test_a_key_that_is_none_is_a_mistake_of_usage(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "key.txt"
    file.write_bytes(content)
    command = [sys.executable, "-m", "feedbackclf", "serve", "--port", "0", "--api-key-file", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 2
    assert done.stderr.startswith(f"feedbackclf: --api-key-file {file}: ")
    assert "Traceback" not in done.stderr


def test_where_a_key_is_from(tmp_path: Path) -> None:
    file = tmp_path / "key.txt"
    file.write_text(f" {KEY}\n", encoding="ascii")
    assert read_key(None, {}) is None
    assert read_key(None, {ENVIRONMENT: KEY}) == KEY
    assert read_key(str(file), {ENVIRONMENT: "another-key-of-16"}) == KEY
    with pytest.raises(UsageError, match="cannot be read"):
        read_key(str(tmp_path / "nothing"), {})
    with pytest.raises(UsageError, match=ENVIRONMENT):
        read_key(None, {ENVIRONMENT: ""})


def test_bytes_that_are_no_ascii_are_no_key() -> None:
    assert not has_key([(b"x-api-key", "é".encode())], KEY)
    assert not has_key([], KEY)
    assert has_key([(b"x-api-key", KEY.encode())], KEY)

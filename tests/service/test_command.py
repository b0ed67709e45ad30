"""`feedbackclf serve` called the wrong way."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from tests.service.running import PATIENCE


def called(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "feedbackclf", "serve", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--model", "nothing-of-the-kind"], 1, "no model 'nothing-of-the-kind'"),
        (["--max-queue", "5", "--max-texts", "10"], 2, "--max-queue 5"),
        (["--host", "no.such.host.invalid"], 2, "no such host"),
        (["--port", "70000"], 2, "65535"),
    ],
)
def test_mistakes_are_told(options: list[str], code: int, says: str) -> None:
    done = called("--port", "0", *options)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = called("--port", str(port))
    assert done.returncode == 1
    assert f"127.0.0.1:{port}: cannot be listened on" in done.stderr
    assert "--port" in done.stderr

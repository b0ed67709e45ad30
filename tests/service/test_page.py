"""The page at `/`, where there is one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.service import app as endpoints
from feedbackclf.service.gate import Gate
from feedbackclf.service.limits import Limits
from feedbackclf.service.loaded import LoadedModel
from feedbackclf.service.state import Service
from tests.tiny import tiny_model

KINDS = {"/": "text/html", "/page.js": "text/javascript", "/page.css": "text/css"}


async def ask(*paths: str) -> list[httpx.Response]:
    service = Service("tiny", LoadedModel(FeedbackClassifier.from_model(tiny_model()), {}), Limits(), "k" * 16)
    transport = httpx.ASGITransport(Gate(endpoints.make_app(service), service, access_log=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        return [await client.get(path) for path in paths]


def test_it_is_served_without_a_key_and_loads_nothing_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("index.html", "page.js", "page.css", "secret.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(endpoints, "PAGE", tmp_path)
    answers = asyncio.run(ask(*KINDS))
    for answer, kind in zip(answers, KINDS.values(), strict=True):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in answer.headers["content-security-policy"]
    assert [answer.text for answer in answers] == ["index.html", "page.js", "page.css"]
    [other] = asyncio.run(ask("/secret.txt"))
    assert other.status_code == 401


def test_without_one_there_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "PAGE", tmp_path / "none")
    [answer] = asyncio.run(ask("/"))
    assert answer.status_code == 404

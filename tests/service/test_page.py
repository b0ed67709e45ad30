"""The page at `/` as files; `page/` tests what it does."""

from __future__ import annotations

import asyncio
import re

import httpx

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.service import app as endpoints
from feedbackclf.service.gate import Gate
from feedbackclf.service.limits import Limits
from feedbackclf.service.loaded import LoadedModel
from feedbackclf.service.page_files import PAGE_FILES
from feedbackclf.service.state import Service
from tests.tiny import tiny_model


async def ask(*paths: str) -> list[httpx.Response]:
    service = Service("tiny", LoadedModel(FeedbackClassifier.from_model(tiny_model()), {}), Limits(), "k" * 16)
    transport = httpx.ASGITransport(Gate(endpoints.make_app(service), service, access_log=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        return [await client.get(path) for path in paths]


def test_it_is_served_without_a_key_and_loads_nothing_from_elsewhere() -> None:
    answers = asyncio.run(ask(*PAGE_FILES))
    for answer, (file, kind) in zip(answers, PAGE_FILES.values(), strict=True):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in answer.headers["content-security-policy"]
        assert answer.content == file.read_bytes()
    [other] = asyncio.run(ask("/secret.txt"))
    assert other.status_code == 401


def test_all_that_it_loads_is_there() -> None:
    files = {file.name: file.read_text(encoding="utf-8") for file, _ in PAGE_FILES.values()}
    loaded = re.findall(r'(?:href|src)="([\w.]+)"', files["index.html"])
    loaded += [name for text in files.values() for name in re.findall(r'from "\./([\w.]+)"', text)]
    assert len(set(loaded)) >= 3
    assert {"index.html", *loaded} == set(files)

"""What the service says of texts is what the command line says of them."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from feedbackclf.corpus import Example
from tests.service.running import Running

ODD = [
    "",
    "   ",
    "👍👍",
    "Snelle levering, maar de rits was kapot 🤬",
    "line\nbreak\u2028and \x00 zero",
    "x" * 9000,
    '"quoted" \\',
]


def by_the_command_line(texts: list[str], folder: Path, *options: str) -> list[dict[str, Any]]:
    source, target = folder / "texts.jsonl", folder / "labels.jsonl"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "feedbackclf",
        "predict",
        str(source),
        "-o",
        str(target),
        "--no-progress",
        *options,
    ]
    subprocess.run(command, check=True, capture_output=True)
    rows = [json.loads(line) for line in target.read_bytes().splitlines()]
    return [{name: value for name, value in row.items() if name != "text"} for row in rows]


@pytest.mark.parametrize(
    ("asked", "options"),
    [
        ({}, []),
        ({"evidence": True}, ["--evidence"]),
        ({"language": "da"}, ["--language", "da"]),
        ({"language": "sv", "evidence": True}, ["--language", "sv", "--evidence"]),
        ({"language": None, "evidence": False}, []),
    ],
)
def test_predictions_are_those_of_the_command_line(
    asked: dict[str, Any], options: list[str], client: httpx.Client, corpus: tuple[Example, ...], tmp_path: Path
) -> None:
    texts = [*ODD, *(example.text for example in corpus[::40])]
    answer = client.post("/v1/predict", json={"texts": texts, **asked})
    assert answer.status_code == 200
    assert answer.json() == {"predictions": by_the_command_line(texts, tmp_path, *options)}


def test_evidence_is_quoted_only_if_it_is_asked_for(client: httpx.Client) -> None:
    text = "Quick delivery, but the zip broke on the first day"
    with_it, without = (
        client.post("/v1/predict", json={"texts": [text], "evidence": evidence}).json()["predictions"][0]
        for evidence in (True, False)
    )
    start = with_it["speed_evidence_start"]
    assert with_it["speed_evidence"] == text[start : start + with_it["speed_evidence_length"]]
    assert with_it["speed_evidence_weight"] > 0
    assert not [name for name in without if "evidence" in name]
    assert without == {name: value for name, value in with_it.items() if "evidence" not in name}


def test_no_texts_have_no_predictions(client: httpx.Client) -> None:
    answer = client.post("/v1/predict", json={"texts": []})
    assert (answer.status_code, answer.json()) == (200, {"predictions": []})


def test_many_at_once_each_get_their_own_answer(server: Running, corpus: tuple[Example, ...]) -> None:
    requests = [
        {"texts": [example.text for example in corpus[n * 7 : n * 7 + 1 + n % 70]], "evidence": n % 5 == 0}
        for n in range(120)
    ]
    with server.client() as client:
        alone = [client.post("/v1/predict", json=request).content for request in requests]
        with ThreadPoolExecutor(24) as threads:
            together = list(threads.map(lambda request: client.post("/v1/predict", json=request).content, requests))
    assert together == alone
    assert all(b'"predictions"' in answer for answer in alone)


def test_a_client_that_goes_away_harms_nobody(server: Running) -> None:
    many = {"texts": ["Nooit meer! " * 50] * 900, "evidence": True}
    with server.client() as client:
        for _ in range(5):
            with pytest.raises(httpx.ReadTimeout):
                client.post("/v1/predict", json=many, timeout=httpx.Timeout(30, read=0.001))
        answer = client.post("/v1/predict", json={"texts": ["Heel netjes"]})
    assert answer.status_code == 200
    assert answer.json()["predictions"][0]["language"] == "nl"


def test_the_model_says_what_it_answers(client: httpx.Client) -> None:
    about = client.get("/v1/model").json()
    assert about["name"] == "default"
    assert about["languages"] == ["nl", "da", "sv", "en"]
    heads = {head["name"]: head["labels"] for head in about["heads"]}
    assert heads["speed"] == ["positive", "negative", "mixed", "none"]
    assert next(iter(heads)) == "sentiment"
    assert about["limits"]["texts"] == 1000
    assert 0 < about["figures"]["summary"]["all"]["mentioned_f1"] < 1

"""The OpenAPI description holds, whatever is sent: `FEEDBACKCLF_FUZZ` requests to predict."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection

from tests.fuzz.rounds import TRIES
from tests.service.running import Running

ENDPOINTS = [
    ("POST", "/v1/predict"),
    ("GET", "/v1/model"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
]


@pytest.fixture(scope="module")
def described(strict: Running) -> Any:
    return schemathesis.openapi.from_url(f"{strict.url}/openapi.json")


def test_these_are_all_endpoints(described: Any) -> None:
    found = [result.ok() for result in described.get_all_operations()]
    assert sorted((operation.method.upper(), operation.path) for operation in found) == sorted(ENDPOINTS)


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [(*endpoint, GenerationMode.POSITIVE) for endpoint in ENDPOINTS] + [(*ENDPOINTS[0], GenerationMode.NEGATIVE)],
)
def test_every_answer_is_one_that_is_described(method: str, path: str, mode: GenerationMode, described: Any) -> None:
    operation = described[path][method]
    statuses = set()

    @settings(
        max_examples=TRIES // 2 if method == "POST" else 5,
        deadline=None,
        database=None,
        suppress_health_check=[*HealthCheck],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        answer = case.call()
        statuses.add(answer.status_code)
        case.validate_response(answer, excluded_checks=[negative_data_rejection])  # to which 413 is no rejection

    check()
    if mode == GenerationMode.NEGATIVE:
        assert 422 in statuses
        assert statuses <= {400, 413, 415, 422}
    else:
        assert 200 in statuses
        assert statuses <= {200, 413}


def test_the_description_follows_the_model(server: Running, strict: Running) -> None:
    with server.client() as client:
        schemas = client.get("/openapi.json").json()["components"]["schemas"]
        prediction = client.post("/v1/predict", json={"texts": ["netjes"], "evidence": True}).json()["predictions"][0]
    assert list(schemas["Prediction"]["properties"]) == list(prediction)
    assert schemas["Prediction"]["properties"]["sentiment"]["enum"] == [
        "positive", "negative", "neutral", "mixed", None
    ]  # fmt: skip
    assert schemas["PredictRequest"]["properties"]["texts"]["maxItems"] == 1000
    with strict.client() as client:
        schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert "tone" in schemas["Prediction"]["properties"]
    assert schemas["PredictRequest"]["properties"]["texts"]["maxItems"] == 3


def test_the_example_is_a_request_that_is_answered(server: Running) -> None:
    with server.client() as client:
        content = client.get("/openapi.json").json()["paths"]["/v1/predict"]["post"]["requestBody"]["content"]
        answer = client.post("/v1/predict", json=content["application/json"]["example"])
    assert answer.status_code == 200

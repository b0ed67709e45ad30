"""What Prometheus is told."""

from __future__ import annotations

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.service.running import Running


def values(client: httpx.Client) -> dict[str, float]:
    """Every sample by its name and labels."""
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {
        " ".join([sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))]): sample.value
        for family in families
        for sample in family.samples
    }


def test_requests_texts_and_batches_are_counted(server: Running) -> None:
    with server.client() as client:
        before = values(client)
        client.post("/v1/predict", json={"texts": ["netjes"] * 5})
        client.post("/v1/predict", json={"texts": ["netjes"] * 2})
        client.post("/v1/predict", json={"texts": 5})
        client.get("/secret-path")
        after = values(client)
    more = {name: value - before.get(name, 0) for name, value in after.items()}
    assert more["feedbackclf_requests_total path=/v1/predict status=200"] == 2
    assert more["feedbackclf_requests_total path=/v1/predict status=422"] == 1
    assert more["feedbackclf_requests_total path=other status=404"] == 1
    assert more["feedbackclf_texts_total"] == 7
    assert more["feedbackclf_batch_texts_count"] == 2
    assert more["feedbackclf_batch_texts_sum"] == 7
    assert more["feedbackclf_request_seconds_count path=/v1/predict"] == 3
    assert more["feedbackclf_request_seconds_sum path=/v1/predict"] > 0
    assert after["feedbackclf_queue_texts"] == 0
    assert not [name for name in after if "secret" in name]

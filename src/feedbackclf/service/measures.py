"""What Prometheus is told: counts and durations, and nothing of what texts say."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)
_TEXTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Measures:
    """The metrics of one server."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        self.requests = Counter("feedbackclf_requests", "Requests.", ("path", "status"), registry=registry)
        self.seconds = Histogram(
            "feedbackclf_request_seconds", "From the head of a request to the end of its answer.", ("path",),
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self.texts = Counter("feedbackclf_texts", "Texts that were labelled.", registry=registry)
        self.batch = Histogram("feedbackclf_batch_texts", "Texts of a batch.", buckets=_TEXTS, registry=registry)
        self.queue = Gauge("feedbackclf_queue_texts", "Texts that wait for the model.", registry=registry)
        self.reloads = Counter(
            "feedbackclf_model_reloads", "Loads of the model by SIGHUP.", ("result",), registry=registry
        )
        for result in ("ok", "failed"):
            self.reloads.labels(result)

    def rendered(self) -> bytes:
        """All metrics, in the text format of Prometheus."""
        return generate_latest(self._registry)

"""What stands before every request: the key, and after it metrics, the log and headers for safety."""

from __future__ import annotations

import time

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from feedbackclf.service.keys import OPEN_PATHS, has_key
from feedbackclf.service.logs import LOGGER
from feedbackclf.service.refusals import Refused, refusal
from feedbackclf.service.state import Service

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
SAFETY = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]
PATHS = OPEN_PATHS | {"/v1/predict", "/v1/model", "/metrics"}
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
OTHER = "other"
"""Stands in log and metrics for paths and methods that there are not: clients make them up, and without end."""
_NO_KEY = refusal(
    Refused(
        401,
        "this needs the API key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`",
        {"www-authenticate": "Bearer"},
    )
)
_TOO_MANY = refusal(Refused(503, "too many requests at a time; try again in a second", {"retry-after": "1"}))


class Gate:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp, service: Service, *, access_log: bool) -> None:
        self._app = app
        self._service = service
        self._access_log = access_log
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 0
        self._open += 1

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *SAFETY]
                if self._service.stopping and (b"connection", b"close") not in message["headers"]:
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        path = scope["path"] if scope["path"] in PATHS else OTHER
        try:
            await (self._refusal(scope, path) or self._app)(scope, receive, with_headers)
        except Exception as error:  # which has been answered
            LOGGER.error("a request to %s failed", path, exc_info=error)
        finally:
            self._open -= 1
            self._note(
                scope["method"] if scope["method"] in METHODS else OTHER, path, status, time.perf_counter() - start
            )

    def _refusal(self, scope: Scope, path: str) -> Response | None:
        """What is answered at once, if anything is."""
        if path in OPEN_PATHS:
            return None
        if self._service.key is not None and not has_key(scope["headers"], self._service.key):
            return _NO_KEY
        return _TOO_MANY if self._open > self._service.limits.requests else None

    def _note(self, method: str, path: str, status: int, seconds: float) -> None:
        measures = self._service.measures
        measures.requests.labels(path, status).inc()
        measures.seconds.labels(path).observe(seconds)
        if self._access_log:
            LOGGER.info("%s %s %d %.1f ms", method, path, status, seconds * 1000)

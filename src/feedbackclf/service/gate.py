"""What stands before every request: the key, and after it metrics, the log and headers for safety."""

from __future__ import annotations

import time

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
OTHER = "other"
"""Stands in log and metrics for all paths that there are not: these are of the client's making, and without end."""
_NO_KEY = refusal(
    Refused(
        401,
        "this needs the API key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`",
        {"www-authenticate": "Bearer"},
    )
)


class Gate:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp, service: Service, *, access_log: bool) -> None:
        self._app = app
        self._service = service
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 0

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
            key = self._service.key
            if key is not None and path not in OPEN_PATHS and not has_key(scope["headers"], key):
                await _NO_KEY(scope, receive, with_headers)
                return
            await self._app(scope, receive, with_headers)
        except Exception as error:  # which has been answered
            LOGGER.error("%s %s failed", scope["method"], path, exc_info=error)
        finally:
            self._note(scope["method"], path, status, time.perf_counter() - start)

    def _note(self, method: str, path: str, status: int, seconds: float) -> None:
        measures = self._service.measures
        measures.requests.labels(path, status).inc()
        measures.seconds.labels(path).observe(seconds)
        if self._access_log:
            LOGGER.info("%s %s %d %.1f ms", method, path, status, seconds * 1000)

"""The endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from starlette.responses import FileResponse

from feedbackclf import __version__
from feedbackclf.service import schema
from feedbackclf.service.bodies import Disconnected, read_body
from feedbackclf.service.measures import CONTENT_TYPE
from feedbackclf.service.page_files import PAGE_FILES
from feedbackclf.service.refusals import Refused, refusal
from feedbackclf.service.requests import parse_request
from feedbackclf.service.state import Service

JSON = "application/json"
GONE = 499
"""The status, in metrics and log, of a client that went away before its request was complete."""


def make_app(service: Service) -> FastAPI:
    """The application without its gate. msgspec reads and writes JSON, much faster than models would."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        labelling = asyncio.create_task(service.batcher.run())
        yield
        labelling.cancel()

    app = FastAPI(
        title="feedbackclf", version=__version__, lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None
    )

    @app.exception_handler(Refused)
    async def refuse(_: Request, refused: Refused) -> Response:
        return refusal(refused)

    @app.exception_handler(Disconnected)
    async def let_go(_: Request, __: Disconnected) -> Response:
        return Response(status_code=GONE)

    @app.exception_handler(Exception)  # which the gate then gets to log
    async def fail(_: Request, __: Exception) -> Response:
        return refusal(Refused(500, "something went wrong here; the log of the server says where"))

    @app.post("/v1/predict", summary="Label texts", openapi_extra=schema.PREDICT)
    async def predict(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise Refused(415, f"send the body as Content-Type: {JSON}")
        body = await read_body(request.receive, request.headers, service.limits)
        model = service.model
        asked = parse_request(body, service.limits, model.taxonomy.languages)
        rows = await service.batcher.predict(asked, model) if asked.texts else []
        service.measures.texts.inc(len(rows))
        return Response(b'{"predictions":[' + b",".join(rows) + b"]}", media_type=JSON)

    @app.get("/v1/model", summary="What the model answers", openapi_extra=schema.MODEL)
    async def model() -> Response:
        about = {**service.model.about, "limits": service.limits}
        return Response(msgspec.json.encode(about), media_type=JSON)

    @app.get("/healthz", summary="Whether the process lives", openapi_extra=schema.HEALTH)
    async def healthz() -> Response:
        return Response(b'{"status":"ok"}', media_type=JSON)

    @app.get("/readyz", summary="Whether requests should be sent here", openapi_extra=schema.READINESS)
    async def readyz() -> Response:
        if service.stopping:
            raise Refused(503, "this server is stopping")
        return Response(b'{"status":"ready"}', media_type=JSON)

    @app.get("/metrics", summary="Metrics for Prometheus", openapi_extra=schema.METRICS)
    async def metrics() -> Response:
        return Response(service.measures.rendered(), headers={"content-type": CONTENT_TYPE})

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        document: dict[str, Any] = schema.complete(app.openapi(), service.model.taxonomy, service.limits)
        return Response(msgspec.json.encode(document), media_type=JSON)

    for path, (file, media_type) in PAGE_FILES.items():
        app.add_api_route(path, _serves(file, media_type), include_in_schema=False, response_class=FileResponse)
    return app


def _serves(file: Path, media_type: str) -> Callable[[], FileResponse]:
    return lambda: FileResponse(file, media_type=media_type)

"""`feedbackclf serve`: the classifier as a web service."""

from __future__ import annotations

import os
from typing import Annotated

import typer

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen; 0.0.0.0 is everywhere.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="Port; 0 is any that is free.")] = 8000,
    model: Annotated[str, typer.Option(metavar="NAME|PATH", help="The model to use.")] = "default",
    api_key_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Clients need the key in it (default: that in FEEDBACKCLF_API_KEY, if any)."),
    ] = None,
    max_texts: Annotated[int, typer.Option(min=1, metavar="N", help="Texts of a request.")] = 1000,
    max_characters: Annotated[int, typer.Option(min=1, metavar="N", help="Characters of a text.")] = 10_000,
    max_body: Annotated[int, typer.Option(min=1, metavar="BYTES", help="Size of a request.")] = 1 << 20,
    max_queue: Annotated[
        int, typer.Option(min=1, metavar="N", help="Texts that wait; more are answered 503.")
    ] = 20_000,
    max_requests: Annotated[
        int, typer.Option(min=1, metavar="N", help="Requests at a time; more are answered 503.")
    ] = 1024,
    batch: Annotated[int, typer.Option(min=1, metavar="N", help="Texts that are labelled at a time.")] = 256,
    body_timeout: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="How long a request may take to arrive.")
    ] = 30.0,
    grace: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="How long to finish what was accepted when told to stop.")
    ] = 30.0,
    access_log: Annotated[bool, typer.Option(help="A line on stderr for each request, without its text.")] = True,
) -> None:
    """Answer requests with labels, as a web service. It needs the extra `serve`.

    POST /v1/predict takes {"texts": [...]}; /openapi.json describes the rest. Requests that come at the same time are
    labelled together. SIGTERM and Ctrl-C finish what was accepted, SIGHUP loads the model folder again. A browser that
    opens the address gets a page to paste texts or choose a CSV file.

    Examples:

    feedbackclf serve

    feedbackclf serve --model models/mine --port 9000

    feedbackclf serve --host 0.0.0.0 --api-key-file key.txt
    """
    from feedbackclf.workers import one_thread_each

    one_thread_each()
    from feedbackclf.errors import UsageError

    try:
        import fastapi  # noqa: F401
        import prometheus_client  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise UsageError(f"serve needs {error.name}; install it with: pip install 'feedbackclf[serve]'") from None
    from feedbackclf.service.keys import ENVIRONMENT, read_key
    from feedbackclf.service.limits import Limits
    from feedbackclf.service.loaded import load_model
    from feedbackclf.service.logs import LOGGER, start_logging
    from feedbackclf.service.server import listen
    from feedbackclf.service.server import serve as serve_on
    from feedbackclf.service.state import Service

    if max_queue < max_texts:
        raise UsageError(f"--max-queue {max_queue}: a request may have {max_texts} texts (--max-texts)")
    key = read_key(api_key_file, os.environ)
    limits = Limits(max_body, max_texts, max_characters, max_queue, batch, body_timeout, max_requests)
    loaded = load_model(model)
    with listen(host, port) as listening:
        start_logging()
        if key is None and host not in LOOPBACK:
            LOGGER.warning(
                "whoever reaches %s can use this service: give it a key with --api-key-file or %s", host, ENVIRONMENT
            )
        serve_on(
            lambda: Service(model, loaded, limits, key),
            listening,
            grace=grace,
            access_log=access_log,
        )

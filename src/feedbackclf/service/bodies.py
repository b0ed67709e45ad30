"""Receiving the body of a request: not too much of it, and not for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.types import Receive

from feedbackclf.service.limits import Limits
from feedbackclf.service.refusals import CLOSE, Refused


class Disconnected(Exception):  # noqa: N818 - nothing went wrong here
    """The client went away before its request was complete, so that there is nobody to answer."""


async def read_body(receive: Receive, headers: Mapping[str, str], limits: Limits) -> bytes:
    """The whole body.

    Raises:
        Refused: it has more bytes than it may (413), or takes longer than it may (408).
        Disconnected: the client went away.
    """
    declared = headers.get("content-length", "")
    too_large = Refused(413, f"the body may have {limits.body_bytes:,} bytes; send fewer texts at a time", CLOSE)
    if declared.isdecimal() and int(declared) > limits.body_bytes and "expect" in headers:
        raise too_large  # the client waits for our leave to send it
    try:
        async with asyncio.timeout(limits.body_seconds):
            body = await _at_most(limits.body_bytes, receive)
    except TimeoutError:
        seconds = f"{limits.body_seconds:g}"
        raise Refused(408, f"the body took longer than {seconds} s", CLOSE) from None
    if body is None:
        raise too_large
    return body


async def _at_most(size: int, receive: Receive) -> bytes | None:
    """The body, or None if it has more bytes.

    Of what is too much as much again is read, and thrown away: many clients look for an answer only when they have sent
    all, and would otherwise learn no more than that the connection was closed.
    """
    parts: list[bytes] = []
    received = 0
    while received <= 2 * size:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        received += len(message["body"])
        if received <= size:
            parts.append(message["body"])
        else:
            parts.clear()
        if not message["more_body"]:
            break
    return None if received > size else b"".join(parts)

"""Answers that say what is wrong with a request, and never what it holds."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

CLOSE = {"connection": "close"}
"""For where the rest of a request will not be read, so that the connection cannot be used for another."""


class Refused(Exception):  # noqa: N818 - it is an answer, and not a mistake of ours
    """A request that is not answered with predictions.

    Args:
        status: of the response.
        detail: a sentence for a person, without anything of the customer's text.
        headers: of the response, further ones.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def refusal(refused: Refused) -> Response:
    """The response, whose body is a JSON object."""
    body = msgspec.json.encode({"detail": refused.detail})
    return Response(body, refused.status, refused.headers, media_type="application/json")

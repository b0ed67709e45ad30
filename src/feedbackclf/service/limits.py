"""How much the service takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a request may have, and how much may wait.

    Attributes:
        body_bytes: of the body of a request.
        texts: of a request.
        characters: of a text.
        queue_texts: that wait for the model, of all requests together.
        batch_texts: that the model is given at a time.
        body_seconds: from the head of a request to the last byte of its body.
        requests: at a time, those that are still arriving with them.
    """

    body_bytes: int = 1 << 20
    texts: int = 1000
    characters: int = 10_000
    queue_texts: int = 20_000
    batch_texts: int = 256
    body_seconds: float = 30.0
    requests: int = 1024

"""The API key: where it is from, and who has it."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from pathlib import Path

from feedbackclf.errors import UsageError
from feedbackclf.service.page_files import PAGE_FILES

ENVIRONMENT = "FEEDBACKCLF_API_KEY"
OPEN_PATHS = frozenset({*PAGE_FILES, "/openapi.json", "/healthz", "/readyz"})
"""What is answered without a key: it holds nothing, and probes and browsers cannot send one."""
SHORTEST = 16
"""Characters that a key must have; shorter ones can be guessed."""


def read_key(path: str | None, environment: Mapping[str, str]) -> str | None:
    """The key in a file or, without one, in the environment; None if there is none.

    Raises:
        UsageError: the file cannot be read, or the key is too short or no ASCII.
    """
    source, key = (f"--api-key-file {path}", "") if path is not None else (ENVIRONMENT, environment.get(ENVIRONMENT))
    if path is not None:
        try:
            key = Path(path).read_text(encoding="ascii")
        except OSError as error:
            raise UsageError(f"{source}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise UsageError(f"{source}: a key is of ASCII characters") from None
    if key is None:
        return None
    key = key.strip()
    if len(key) < SHORTEST or not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            f"{source}: a key is one word of {SHORTEST} ASCII characters or more; make one with: openssl rand -hex 32"
        )
    return key


def has_key(headers: Iterable[tuple[bytes, bytes]], key: str) -> bool:
    """Whether a request shows the key, as `Authorization: Bearer` or as `X-API-Key`. A wrong one takes as long."""
    shown = b""
    for name, value in headers:
        if name == b"x-api-key":
            shown = value
        elif name == b"authorization" and value[:7].lower() == b"bearer ":
            shown = value[7:].strip()
    return hmac.compare_digest(shown, key.encode())

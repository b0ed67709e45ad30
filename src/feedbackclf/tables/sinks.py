"""Bytes out: to a file, all or nothing, or to stdout."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.formats import STDIO


class Sink:
    """Bytes for a file or stdout. A file is written beside its name and takes it with `commit`.

    What is no regular file (`/dev/null`, a pipe) is written straight. `hold_back` keeps what is meant for stdout
    until `commit`, for formats that need to know where they are.
    """

    def __init__(self, path: str, *, hold_back: bool = False) -> None:
        self.path = path
        self._held = io.BytesIO() if hold_back and path == STDIO else None
        self._target: Path | None = None
        self._beside: Path | None = None
        with self.explained():
            if path == STDIO:
                self.stream: BinaryIO = self._held or sys.stdout.buffer
                return
            self._target = Path(path).resolve()  # a link stays a link
            if self._target.exists() and not self._target.is_file():
                self.stream = self._target.open("wb")
            else:
                self._beside = self._target.with_name(f".{self._target.name}.{os.getpid()}.tmp")
                self.stream = self._beside.open("wb")

    def write(self, data: bytes | memoryview) -> None:
        """Append bytes.

        Raises:
            FeedbackError: the disk is full, or the like.
            BrokenPipeError: nobody reads stdout any more.
        """
        with self.explained():
            self.stream.write(data)

    def commit(self) -> None:
        """Everything is written: flush, and give the file its name."""
        with self.explained():
            if self._target is None:
                if self._held:
                    sys.stdout.buffer.write(self._held.getbuffer())
                sys.stdout.buffer.flush()
                return
            self.stream.close()
            if self._beside:
                self._beside.replace(self._target)
                self._beside = None

    def discard(self) -> None:
        """Drop what was not committed; does nothing after `commit`."""
        if self._target is not None:
            with suppress(OSError):
                self.stream.close()
        if self._beside:
            self._beside.unlink(missing_ok=True)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn the system's errors into a `FeedbackError` that names the file."""
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            raise FeedbackError(f"{self.path}: cannot be written ({error.strerror})") from None

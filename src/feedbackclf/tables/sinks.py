"""Bytes out: to stdout, or to a file, which is written under another name and takes its own when it is complete."""

from __future__ import annotations

import errno
import io
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from feedbackclf.errors import FeedbackError, StoppedError
from feedbackclf.tables.formats import STDIO

try:
    import fcntl
except ImportError:  # Windows, where two runs that write the same file are not told from one
    fcntl = None  # type: ignore[assignment]

PART = ".part"
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP}
"""What file systems say that have no locks, as some do that are on other machines."""


def part_of(path: str, ending: str = PART) -> Path | None:
    """Where what is meant for a file is written until it is complete; None for stdout, pipes and devices."""
    target = Path(path).resolve()  # a link stays a link
    if path == STDIO or (target.exists() and not target.is_file()):
        return None
    return target.with_name(target.name + ending)


@dataclass(frozen=True)
class Written:
    """How much of a part is written: a place from which another run can go on.

    Attributes:
        size: in bytes.
        checksum: CRC-32 of these bytes.
    """

    size: int = 0
    checksum: int = 0


class Sink:
    """Bytes for a file or stdout. A file is written beside its name (`part_of`) and takes it with `commit`.

    What is no regular file (`/dev/null`, a pipe) is written straight.

    Args:
        hold_back: what is meant for stdout until `commit`, for formats that need to know where they are.
        after: what another run wrote of the part, and this one goes on after.
        ending: of the name of the part.

    Attributes:
        written: how much is, what another run wrote included.
        part: None where there is none, or not any more.
    """

    def __init__(self, path: str, *, hold_back: bool = False, after: Written | None = None, ending: str = PART) -> None:
        self.path = path
        self.written = after or Written()
        self._held = io.BytesIO() if hold_back and path == STDIO else None
        with self.explained():
            self.part = part_of(path, ending)
            if path == STDIO:
                self.stream: BinaryIO = self._held or sys.stdout.buffer
            elif self.part is None:
                self.stream = Path(path).open("wb")  # noqa: SIM115
            else:
                self.stream = _open_alone(path, self.part)
                self.stream.truncate(self.written.size)
                self.stream.seek(self.written.size)

    def write(self, data: bytes | memoryview) -> None:
        """Append bytes.

        Raises:
            StoppedError: the disk is full, or the like.
            BrokenPipeError: nobody reads stdout any more.
        """
        with self.explained():
            self.stream.write(data)
        if self.part is not None:
            self.written = Written(self.written.size + len(data), zlib.crc32(data, self.written.checksum))

    def flush(self) -> None:
        """Give the system all that was written."""
        with self.explained():
            self.stream.flush()

    def commit(self) -> None:
        """Everything is written: flush, and give the file its name."""
        with self.explained():
            if self._held:
                sys.stdout.buffer.write(self._held.getbuffer())
            if self.path == STDIO:
                sys.stdout.buffer.flush()
                return
            self.stream.flush()
            if self.part is not None:
                os.fsync(self.stream.fileno())  # or, after a power cut, the name might be there and not the bytes
                if fcntl is None:
                    self.stream.close()
                self.part.replace(Path(self.path).resolve())
                self.part = None
            self.stream.close()

    def discard(self) -> None:
        """Drop what was not committed; does nothing after `commit` or `set_aside`."""
        part, self.part = self.part, None
        if part is not None:
            part.unlink(missing_ok=True)
        self.set_aside()

    def set_aside(self) -> None:
        """Let go of the file, and leave the part for a run that goes on after it."""
        self.part = None
        if self.path != STDIO:
            with suppress(OSError):
                self.stream.close()

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn the system's errors into a `StoppedError` that names the file."""
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            raise StoppedError(f"{self.path}: cannot be written ({error.strerror})") from None


def write_output(path: str, data: bytes) -> None:
    """Write to a file, which appears only when it is complete, or to stdout.

    Raises:
        StoppedError: it cannot be written.
    """
    sink = Sink(path)
    try:
        sink.write(data)
        sink.commit()
    finally:
        sink.discard()


def _open_alone(path: str, part: Path) -> BinaryIO:
    """Open the part for writing, and keep other runs from doing so until it is closed."""
    while True:
        stream = os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o666), "wb")
        try:
            _lock(stream)
            if os.path.samestat(os.fstat(stream.fileno()), part.stat()):
                return stream
        except BlockingIOError:
            stream.close()
            raise FeedbackError(f"{path}: another run is writing it; wait for that or write elsewhere") from None
        except FileNotFoundError:
            pass
        stream.close()  # the other run was just done, and this is its file by now


def _lock(stream: BinaryIO) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise

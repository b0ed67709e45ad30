"""Bytes in: files and stdin, unpacked on the way if they are compressed. Nothing is ever held whole.

Compression is told by the first bytes. Python's gzip says when a file is cut off; for Zstandard it is Arrow that does,
and it reads the files of several frames that parallel compressors write.
"""

from __future__ import annotations

import gzip
import io
import stat
import sys
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.formats import STDIO

_MAGIC = {"gzip": b"\x1f\x8b", "Zstandard": b"\x28\xb5\x2f\xfd"}
_EXTENSIONS = {".gz": "gzip", ".zst": "Zstandard"}
# Zstandard files may begin with a frame to be skipped; there are sixteen marks for those.
_SKIPPABLE = tuple(bytes([low, 0x2A, 0x4D, 0x18]) for low in range(0x50, 0x60))
_OTHER_FORMATS = {
    b"PK\x03\x04": "an Excel workbook (or another zip file); name it .xlsx or pass --format xlsx",
    b"PK\x05\x06": "an empty zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as .xlsx or CSV",
    b"PAR1\x15": "a Parquet file; name it .parquet or pass --format parquet",
    b"%PDF-": "a PDF; export the table as CSV",
    _MAGIC["gzip"]: "compressed twice; unpack it once",
    _MAGIC["Zstandard"]: "compressed twice; unpack it once",
}


class Source(io.RawIOBase):
    """A stream of bytes that can be looked at before they are read, and whose errors name the file."""

    def __init__(self, path: str, stream: BinaryIO, packed: Source | None = None, size: int = 0) -> None:
        self.path = path
        self._stream = stream
        self._size = size
        self._taken = 0
        self._packed = packed  # what `stream` unpacks, and does not close
        self._ahead = b""

    def readable(self) -> bool:
        return True

    @property
    def share(self) -> float:
        """How much of the file is read, from 0 to 1, in bytes as they are on the disk; 0 if it has no known size."""
        if self._packed is not None:
            return self._packed.share
        return min((self._taken - len(self._ahead)) / self._size, 1.0) if self._size else 0.0

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer only if there are no more; they stay to be read.

        Raises:
            FeedbackError: the file is damaged or cannot be read.
        """
        if len(self._ahead) < size:
            self._ahead += self._take(size - len(self._ahead))
        return self._ahead[:size]

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, fewer only if there are no more; all of them if `size` is negative.

        Raises:
            FeedbackError: the file is damaged or cannot be read.
        """
        ahead = self._ahead if size < 0 else self._ahead[:size]
        self._ahead = self._ahead[len(ahead) :]
        if size == len(ahead):
            return ahead
        return ahead + self._take(size if size < 0 else size - len(ahead))

    def close(self) -> None:
        if not self.closed and self._stream is not getattr(sys.stdin, "buffer", None):
            self._stream.close()
        if self._packed is not None:
            self._packed.close()
        super().close()

    def _take(self, size: int) -> bytes:
        pieces: list[bytes] = []
        try:
            while size and (piece := self._stream.read(size)):
                pieces.append(piece)
                self._taken += len(piece)
                size -= len(piece) if size > 0 else 0
        except FeedbackError:
            raise
        except (EOFError, zlib.error, gzip.BadGzipFile, pa.ArrowException):
            raise FeedbackError(f"{self.path}: is damaged or cut off; its rows cannot be read") from None
        except (OSError, ValueError) as error:
            # Arrow says `OSError` without a number for what it cannot unpack.
            reason = getattr(error, "strerror", None) or "it is damaged or cut off"
            raise FeedbackError(f"{self.path}: cannot be read ({reason})") from None
        return b"".join(pieces)


def open_bytes(path: str) -> Source:
    """Open a file, or stdin, for reading; what is compressed with gzip or Zstandard is unpacked.

    Raises:
        FeedbackError: it is missing, cannot be opened, or is not compressed though its name says so.
    """
    packed = Source(path, _open(path), size=size_of(path))
    try:
        kind = _compression(packed.peek(4))
        promised = _EXTENSIONS.get(Path(path).suffix.lower())
        if promised is not None and kind != promised:
            raise FeedbackError(f"{path}: is not compressed with {promised}, as its name says; name it as what it is")
        if kind == "gzip":
            return Source(path, cast("BinaryIO", gzip.GzipFile(fileobj=packed)), packed)
        if kind == "Zstandard":
            return Source(path, pa.CompressedInputStream(packed, "zstd"), packed)
    except BaseException:
        packed.close()
        raise
    return packed


def size_of(path: str) -> int:
    """Bytes of a file; 0 of stdin and of what is no file, whose end nobody knows."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return 0
    return status.st_size if path != STDIO and stat.S_ISREG(status.st_mode) else 0


def refuse_other_formats(source: Source) -> None:
    """See that the first bytes are not those of a format that is no text.

    Raises:
        FeedbackError: they are.
    """
    begin = source.peek(5)
    for magic, what in _OTHER_FORMATS.items():
        if begin.startswith(magic):
            raise FeedbackError(f"{source.path}: is {what}")


def _open(path: str) -> BinaryIO:
    if path == STDIO:
        if sys.stdin is None:
            raise FeedbackError(f"{path}: stdin is closed; name a file")
        return sys.stdin.buffer
    try:
        return Path(path).open("rb")
    except FileNotFoundError:
        raise FeedbackError(f"{path}: no such file") from None
    except OSError as error:
        raise FeedbackError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError:  # a NUL in the name
        raise FeedbackError(f"{path!r}: is no name of a file") from None


def _compression(begin: bytes) -> str | None:
    if begin in _SKIPPABLE:
        return "Zstandard"
    return next((kind for kind, magic in _MAGIC.items() if begin.startswith(magic)), None)

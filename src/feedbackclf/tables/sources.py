"""Bytes in: files and stdin, gzip, encodings."""

from __future__ import annotations

import codecs
import gzip
import io
import sys
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.tables.formats import STDIO

_CHUNK = 1 << 18


def open_bytes(path: str) -> BinaryIO:
    """Open a file, or stdin, for reading; `.gz` is unpacked.

    Raises:
        FeedbackError: it is missing or cannot be opened.
    """
    if path == STDIO:
        return sys.stdin.buffer
    try:
        return cast("BinaryIO", gzip.open(path)) if path.lower().endswith(".gz") else Path(path).open("rb")
    except FileNotFoundError:
        raise FeedbackError(f"{path}: no such file") from None
    except OSError as error:
        raise FeedbackError(f"{path}: cannot be read ({error.strerror})") from None


def open_utf8(path: str, encoding: str) -> BinaryIO:
    """Open a text file as a stream of valid UTF-8, whatever its encoding is.

    Raises:
        UsageError: the encoding is unknown.
        FeedbackError: the file cannot be opened, or (while reading) it is not in that encoding, or damaged.
    """
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise UsageError(f"--encoding {encoding}: unknown encoding; try utf-8, cp1252 or utf-16") from None
    return cast("BinaryIO", io.BufferedReader(_Utf8Stream(path, encoding, decoder), _CHUNK))


class _Utf8Stream(io.RawIOBase):
    """Decodes on the way, so that a wrong encoding is told once, with its line, for every text format."""

    def __init__(self, path: str, encoding: str, decoder: codecs.IncrementalDecoder) -> None:
        self._path = path
        self._encoding = encoding
        self._decoder = decoder
        self._is_utf8 = codecs.lookup(encoding).name == "utf-8"  # then it is checked, and passed on as it is
        self._source = open_bytes(path)
        self._ready = b""
        self._line = 1
        self._done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._done:
            self._ready = self._next()
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _next(self) -> bytes:
        try:
            chunk = self._source.read(_CHUNK)
            self._done = not chunk
            text = self._decoder.decode(chunk, final=self._done)
        except UnicodeError as error:
            bad = error.object[: error.start].count(b"\n") if isinstance(error, UnicodeDecodeError) else 0
            where = f"{self._path}, line {self._line + bad}"
            raise FeedbackError(
                f"{where}: not {self._encoding}; say with --encoding what it is (often utf-8, cp1252 or utf-16)"
            ) from None
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise FeedbackError(f"{self._path}: damaged, or not a gzip file") from None
        except OSError as error:
            raise FeedbackError(f"{self._path}: cannot be read ({error.strerror or error})") from None
        self._line += text.count("\n")
        return chunk if self._is_utf8 else text.encode("utf-8", "replace")

    def close(self) -> None:
        if not self.closed and self._path != STDIO:
            self._source.close()
        super().close()

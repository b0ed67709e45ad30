"""Bytes in and out: which format a path has, stdin and stdout, gzip, encodings, writing that is all or nothing."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from feedbackclf.errors import FeedbackError, UsageError

STDIO = "-"
FORMATS = ("csv", "tsv", "jsonl", "parquet")
_EXTENSIONS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
_CHUNK = 1 << 18


def format_of(path: str, format: str | None = None, *, writing: bool = False) -> str:
    """The format to use for `path`: `format` if given, else by extension, else (stdin, stdout) csv.

    Raises:
        UsageError: it is unknown, or gzip is asked for where it cannot be.
    """
    option = "--output-format" if writing else "--format"
    name, zipped = Path(path), path.lower().endswith(".gz")
    if zipped:
        name = name.with_suffix("")
    if format is not None and format not in FORMATS:
        raise UsageError(f"{option} {format}: unknown format; choose one of {', '.join(FORMATS)}")
    found = format or ("csv" if path == STDIO else _EXTENSIONS.get(name.suffix.lower()))
    if found is None:
        raise UsageError(f"{path}: the extension names no format; pass {option} ({', '.join(FORMATS)})")
    if zipped and (writing or found == "parquet"):
        raise UsageError(f"{path}: only CSV, TSV and JSONL input can be gzipped; leave out .gz")
    return found


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

"""Text in: the bytes of a file, whatever its encoding is, as UTF-8 in which the bad places can still be told."""

from __future__ import annotations

import codecs
import re

from feedbackclf.errors import FeedbackError
from feedbackclf.tables import encoding as encodings
from feedbackclf.tables.base import Rejected
from feedbackclf.tables.encoding import Charset
from feedbackclf.tables.sources import open_bytes, refuse_other_formats

_SAMPLE_BYTES = 1 << 20  # four times as much takes a quarter of a second, and says no more
_KEPT_BYTES = 1 << 20  # of a row that is too long
_SKIPPED_BYTES = 1 << 20
_HIGH = bytes(range(0x80, 0x100))  # where a text is cut, they may be half a character
# How UTF-8 looks in these languages if it is read as Windows-1252: é “ and emoji are Ã© â€œ and ðŸ… The bytes are the
# UTF-8 of Ã Â â or ð and the beginning of that of a sign between 80 and BF. (É’ and NÄ… might be UTF-8, too, but people
# write so.)
_MOJIBAKE = re.compile(rb"\xc3[\x82\x83\xa2\xb0][\xc2\xc5\xc6\xcb\xe2\xed]")


class TextStream:
    r"""A file as UTF-8. Bytes that its encoding does not allow are in there as invalid UTF-8 (see `encoding`).

    Without a given encoding it is detected, at the beginning or where the first byte outside ASCII is. `notes` are
    what the user should know about that; they may grow while reading. With `ends_in_returns`, which the reader sets,
    each `\r` is read as `\n`.

    Raises:
        UsageError: the encoding is unknown.
        FeedbackError: the file cannot be opened or is of another format, or (also while reading) it is damaged, or its
            encoding cannot be told.
    """

    def __init__(self, path: str, encoding: str | None = None, notes: list[str] | None = None) -> None:
        self.path = path
        self._notes = [] if notes is None else notes
        self._source = open_bytes(path)
        self._charset: Charset | None = None  # as long as all is ASCII
        self._decoder: codecs.IncrementalDecoder | None = None  # for UTF-8 there is nothing to do
        self._ended = False
        self._ahead = b""
        self.ends_in_returns = False
        try:
            refuse_other_formats(self._source)
            begin = self._source.peek(encodings.BEGINNING)
            charset = encodings.begun(begin) if encoding is None else encodings.given(encoding, begin)
            if charset is not None:
                self._settle(charset)
                self._source.read(charset.mark)
        except BaseException:
            self._source.close()
            raise

    def read(self, size: int) -> bytes:
        """About `size` bytes more; none only at the end."""
        if self._ahead:
            text, self._ahead = self._ahead[:size], self._ahead[size:]
        else:
            pieces: list[bytes] = []
            length = 0
            while length < size and not self._ended:
                pieces.append(self._next(size - length))
                length += len(pieces[-1])
            text = b"".join(pieces)
        return text.replace(b"\r", b"\n") if self.ends_in_returns else text

    def is_clean(self, block: bytes) -> bool:
        """Whether no row of the block has a flaw, told quickly."""
        return encodings.is_utf8(block) and not (self._may_hide_utf8 and _MOJIBAKE.search(block))

    def flaw(self, row: bytes) -> str | None:
        """Why a row cannot be taken as the text it seems to be; None if it can."""
        charset = self._known
        if self._may_hide_utf8 and _MOJIBAKE.search(row) and encodings.is_utf8(charset.original(charset.escaped(row))):
            return "UTF-8 in a Windows-1252 file"
        try:
            row.decode()
        except UnicodeDecodeError:
            byte = encodings.first_escaped(charset.escaped(row))
            return f"not {charset.title}" + ("" if byte is None else f" (byte 0x{byte:02X})")
        return None

    def reject(self, number: int, reason: str, row: bytes) -> Rejected:
        """The row as one that is rejected; its original bytes are kept if its text says less."""
        text = self._known.escaped(row)
        original = self._known.original(text) if self.flaw(row) else None
        return Rejected(self.path, number, reason, encodings.spelled(text), original)

    def reject_long(self, number: int, reason: str, row: bytes) -> Rejected:
        """The same for a row of any length, of which no more than the beginning is kept."""
        if len(row) <= _KEPT_BYTES:
            return self.reject(number, reason, row)
        return self.reject(number, f"{reason}; `raw` is its beginning", row[:_KEPT_BYTES].rstrip(_HIGH))

    def skip_line(self) -> None:
        """Pass over what is left of a line of any length."""
        end = -1
        while end < 0 and (chunk := self.read(_SKIPPED_BYTES)):
            end = chunk.find(b"\n")
            self.unread(chunk[end + 1 :] if end >= 0 else b"")

    def unread(self, text: bytes) -> None:
        """Put back what was read, to be read again."""
        self._ahead = text + self._ahead

    def note(self, what: str) -> None:
        """Have something told to the user, once."""
        line = f"{self.path}: {what}"
        if line not in self._notes:
            self._notes.append(line)

    @property
    def share(self) -> float:
        """How much of the file is read, see `Source.share`."""
        return self._source.share

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    @property
    def _known(self) -> Charset:
        return self._charset or Charset("utf-8")  # so far it is ASCII

    @property
    def _may_hide_utf8(self) -> bool:
        return self._charset is not None and self._charset.detected and self._charset.codec == "cp1252"

    def _next(self, size: int) -> bytes:
        chunk = self._source.read(size)
        self._ended = not chunk
        if self._charset is None and not chunk.isascii():
            self._settle(self._detected(chunk))
        if self._decoder is None:
            return chunk
        try:
            return self._decoder.decode(chunk, final=self._ended).encode("utf-8", "surrogatepass")
        except (ValueError, ArithmeticError):  # codecs that do not ask what to do with what they cannot decode
            raise FeedbackError(f"{self.path}: not {self._known.title}; say with --encoding what it is") from None

    def _detected(self, begin: bytes) -> Charset:
        sample = begin + self._source.peek(_SAMPLE_BYTES)
        found = encodings.detected(sample.rstrip(_HIGH) if len(sample) > _SAMPLE_BYTES else sample)
        if found is None:
            raise FeedbackError(
                f"{self.path}: neither UTF-8 nor Windows-1252; say with --encoding what it is (perhaps cp850 of DOS, "
                "or mac-roman)"
            )
        return found

    def _settle(self, charset: Charset) -> None:
        self._charset = charset
        self._decoder = None if charset.codec == "utf-8" else charset.decoder()
        if charset.detected and charset.codec != "utf-8":
            self.note(f"read as {charset.title}; pass --encoding if it is something else")

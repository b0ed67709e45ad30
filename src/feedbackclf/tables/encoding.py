"""Encodings: which one a text has, and what becomes of the bytes that it does not allow.

Inside, everything is UTF-8. A byte that cannot be decoded becomes the lone surrogate U+DC00 + byte, which no valid
UTF-8 holds: so whoever checks a row for UTF-8 finds it, and the byte itself is not lost.

The rules of `detected` are our own. Feedback comes from spreadsheets and web shops of four languages, where UTF-8,
UTF-16 and Windows-1252 are all there is; `docs/sniffing.md` says how general detectors do on such files.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from feedbackclf.errors import UsageError

_MARKS = {  # that of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_TITLES = {"utf-8": "UTF-8", "cp1252": "Windows-1252"}
_ORDER_UNSAID = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
# Codecs of Python that make text of bytes, but not of those of a file.
_NOT_OF_FILES = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}

_ERRORS = "feedbackclf-escape"
_ESCAPED = re.compile("[\udc00-\udcff]")

# Of UTF-8 in these languages: letters like é, and signs like “ € and emoji. É’ or NÄ… give others by accident.
_LIKELY = re.compile("[\x80-\xff\u2000-\U0010ffff]")
BEGINNING = 4096  # bytes that `begun` looks at
# What Windows-1252 makes of the letters and signs of DOS and Macintosh files: signs where nobody writes them.
_ODD = re.compile(
    rb"(?<=[A-Za-z])[\x81\x83\x86-\x89\x8d\x8f\x90\x98\x9d]|[\x81\x83\x86-\x89\x8d\x8f\x90\x98\x9d](?=[A-Za-z])"  # † ‡
    rb"|(?<=[A-Za-z])[\x84\x8b\x91\x93-\x95\x99-\x9c\x9e\xa1-\xac\xae-\xb3\xb5\xb6\xb8-\xbf]{1,2}(?=[A-Za-z])"  # ” ™
    rb"|(?<=[a-z])[\x82\x84\x8a\x8c\x8e\x9f\xa1\xbf-\xd6\xd8-\xde]"  # ‚ „ ¡ and capitals
    rb"|\x82\x82|\x8e\x8e|\x9c(?=[0-9])|\xdb(?=[ 0-9])|(?<= )\xd0(?= )"  # é twice, £ € –
)
_LETTERS = re.compile(
    rb"(?<=[A-Za-z])[\xdf-\xf6\xf8-\xff]|[\xdf-\xf6\xf8-\xff](?=[A-Za-z])|(?<![a-z])[\xc0-\xd6\xd8-\xde](?=[A-Za-z])"
)


@dataclass(frozen=True)
class Charset:
    """The encoding of a file.

    Attributes:
        codec: Python's name for it.
        mark: length in bytes of the byte order mark the file begins with.
        detected: it was not given, but told by the bytes themselves (and not by a mark).
    """

    codec: str
    mark: int = 0
    detected: bool = False

    @property
    def title(self) -> str:
        """Its name for people."""
        return _TITLES.get(self.codec, self.codec.upper())

    def decoder(self) -> codecs.IncrementalDecoder:
        """Decodes piece by piece; what cannot be decoded is escaped."""
        return codecs.getincrementaldecoder(self.codec)(_ERRORS)

    def escaped(self, utf8: bytes) -> str:
        """A piece of text as it is inside, as a string with what could not be decoded as surrogates."""
        return utf8.decode("utf-8", "surrogateescape" if self.codec == "utf-8" else "surrogatepass")

    def original(self, escaped: str) -> bytes:
        """The bytes that stood in the file for what `escaped` gave."""
        ends = [0]
        pieces: list[bytes] = []
        for bad in _ESCAPED.finditer(escaped):
            pieces += [self._encoded(escaped[ends[-1] : bad.start()]), bytes([ord(bad[0]) - 0xDC00])]
            ends.append(bad.end())
        return b"".join([*pieces, self._encoded(escaped[ends[-1] :])])

    def _encoded(self, text: str) -> bytes:
        return text.encode(self.codec, "backslashreplace")


def first_escaped(text: str) -> int | None:
    """The first byte that could not be decoded; None if all could."""
    bad = _ESCAPED.search(text)
    return bad and ord(bad[0]) - 0xDC00


def spelled(text: str) -> str:
    r"""The text with `\xe5` for the byte E5 that could not be decoded."""
    return _ESCAPED.sub(lambda bad: f"\\x{ord(bad[0]) - 0xDC00:02x}", text)


def is_utf8(data: bytes) -> bool:
    """Whether all of it is valid. Arrow is four times as quick as Python at this."""
    ends = pa.py_buffer(np.array([0, len(data)], np.int64))
    try:
        pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(data)]).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def given(name: str, begin: bytes) -> Charset:
    """The encoding that the user named, for a file with these first bytes.

    Raises:
        UsageError: there is no such encoding of text.
    """
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):  # a NUL in the name
        info = None
    codec = info.name.replace("_", "-") if info else ""
    if info is None or not info._is_text_encoding or info.incrementaldecoder is None or codec in _NOT_OF_FILES:
        raise UsageError(f"--encoding {name!r}: unknown encoding; try utf-8, cp1252 or utf-16")
    codec = codec.removesuffix("-sig")
    marked = _marked(begin)
    if marked is not None and marked.codec.startswith(codec):
        return marked
    return Charset(_ORDER_UNSAID.get(codec, codec))


def begun(begin: bytes) -> Charset | None:
    """The encoding that the beginning of a file tells: by a byte order mark, or by the zeros of UTF-16."""
    marked = _marked(begin)
    if marked is not None:
        return marked
    first, second = begin[:BEGINNING:2], begin[1:BEGINNING:2]
    # The first character belongs to a column name, or is a brace: its upper byte is zero in any case.
    if second[:1] == b"\0" != first[:1] and second.count(0) > 0.7 * len(second) and first.count(0) < 0.1 * len(first):
        return Charset("utf-16-le", detected=True)
    if first[:1] == b"\0" != second[:1] and first.count(0) > 0.7 * len(first) and second.count(0) < 0.1 * len(second):
        return Charset("utf-16-be", detected=True)
    return None


def detected(sample: bytes) -> Charset | None:
    """The encoding of text with bytes outside ASCII; None if it is neither UTF-8 nor, plausibly, Windows-1252.

    UTF-8 is right by accident so seldom that it wins where as many characters are valid as bytes are not.
    """
    if is_utf8(sample):
        return Charset("utf-8", detected=True)
    valid = sample.decode("utf-8", "ignore")
    bad = len(sample) - len(valid.encode("utf-8"))
    good = len(_LIKELY.findall(valid))
    if good >= bad:
        return Charset("utf-8", detected=True)
    signs = _outside_ascii(sample)
    if len(_ODD.findall(signs)) > len(_LETTERS.findall(signs)):
        return None
    return Charset("cp1252", detected=True)


def _outside_ascii(sample: bytes) -> bytes:
    """The bytes outside ASCII with their neighbours, all of which still stand beside them."""
    padded = np.frombuffer(b" " + sample + b" ", np.uint8)
    high = padded >= 0x80
    return padded[1:-1][high[:-2] | high[1:-1] | high[2:]].tobytes()


def _marked(begin: bytes) -> Charset | None:
    return next((Charset(codec, len(mark)) for mark, codec in _MARKS.items() if begin.startswith(mark)), None)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_ERRORS, _escape)

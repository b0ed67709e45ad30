"""What no sane workbook holds is refused before anything of it is unpacked."""

from __future__ import annotations

import zipfile
from typing import IO, BinaryIO
from xml.parsers import expat

from feedbackclf.errors import FeedbackError
from feedbackclf.tables.names import named

_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
_LARGEST_SHEET = 4 << 30  # a million rows of 4,000 bytes; a sheet is streamed
_LARGEST_PART = 1 << 30  # the others are held in memory; it is mostly the texts of all sheets
# Sheets shrink about ten times. Only what is large is refused for its ratio.
_LARGE_PART = 4 << 20
_LARGEST_RATIO = 100


def check_workbook(path: str, file: BinaryIO) -> None:
    """See that the file is a zip archive that can be unpacked without harm; `path` is for messages.

    Raises:
        FeedbackError: it is something else, a part is absurdly large, or a part declares entities of its own.
        zipfile.BadZipFile, OSError, and whatever else zipfile raises: it is damaged.
    """
    start = file.read(len(_COMPOUND_FILE))
    file.seek(0)
    if start == _COMPOUND_FILE:
        raise FeedbackError(f"{path}: an old workbook (.xls), or one with a password; save it as .xlsx without one")
    if not start.startswith(b"PK"):
        raise FeedbackError(f"{path}: not a workbook (.xlsx); pass --format if it is something else")
    with zipfile.ZipFile(file) as archive:
        for part in archive.infolist():
            if _is_absurd(part):
                size = f"{part.file_size >> 20:,} MB"
                raise FeedbackError(
                    f"{path}: its part {named(part.filename)} unpacks to {size}, more than a workbook needs; copy the "
                    "sheet into a new workbook"
                )
            with archive.open(part) as stream:
                if _has_doctype(stream):
                    raise FeedbackError(f"{path}: its part {named(part.filename)} has a DOCTYPE, which no workbook has")


def _is_absurd(part: zipfile.ZipInfo) -> bool:
    # zipfile never unpacks more than the size that is claimed.
    largest = _LARGEST_SHEET if "worksheets/" in part.filename else _LARGEST_PART
    ratio = part.file_size / max(part.compress_size, 1)
    return part.file_size > largest or (part.file_size > _LARGE_PART and ratio > _LARGEST_RATIO)


def _has_doctype(stream: IO[bytes]) -> bool:
    """Whether an XML document has a DOCTYPE, where entities that grow exponentially are declared."""
    seen: list[bool] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: seen.append(True)
    parser.StartElementHandler = lambda *_: seen.append(False)
    try:
        while not seen and (chunk := stream.read(1 << 12)):
            parser.Parse(chunk)
    except expat.ExpatError:  # a picture, or damaged, which is told where it matters
        pass
    return seen[:1] == [True]

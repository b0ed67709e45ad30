"""What happens to the bytes of a file on bad days, and soups of what files of tables are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

# fmt: off
ODD_TEXT = [
    b'"', b'""', b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\n\n", b" ", b"\0", b"\0\0", b"\x1a", b"\x1f",
    b"\x85", b"\xe5", b"\x81", b"\xc3", b"\xc3\xb8", b"\xc3\x83\xc2\xa9", b"\xed\xa0\xbd", b"\xf0\x9f\x98\x80",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\x3d\xd8", b"sep=;\n", b"sep=,", b"\n\n,\n",
    b",,,,,,,,,,,,", b"text,text\n", b"{", b"}", b"[", b"]", b":", b"\\", b"{}", b"\\ud83d", b"\\u0000", b"NaN",
    b"-Infinity", b"1e999", b"null", b"[" * 3000, b'{"a":' * 2000, b'{"\\u0000json": 1}\n', b'{"": "a"}\n', b"PK\3\4",
    b"PAR1\x15", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"=cmd", b"+AGE-", b"~{", b"\x1b$B", b"\x0e",
]
ODD_BYTES = [
    b"", b"\0", b"\xff", b"\xff" * 4, b"\0" * 8, b"\x7f", b"\x80", b"\xff\xff\xff\xff\x0f", b"\x80\x80\x80\x80\x08",
    b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PAR1", b"PARE", b"\x15", b"\x18", b"\x1c", b"\x2c",
    b"\x19", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18\3\0\0\0abc",
]
ODD_XML = [
    b"<row>", b"</row>", b'<row r="99999999999">', b'<row r="1">', b'<row r="1048576">', b'<c r="XFD1">',
    b'<c r="A0"/>', b'<c r="ZZZ1"><v>1</v></c>', b'<c t="s"><v>99</v></c>', b'<c t="b"><v>2</v></c>',
    b'<c t="d"><v>1999</v></c>', b'<c t="e"><v>#N/A</v></c>', b'<c t="str"><v>a</v></c>', b'<c t="n"><v>1e999</v></c>',
    b"<c><v>nan</v></c>", b'<c t="inlineStr"><is><t>a</t></is></c>', b'<c s="1"><v>-1</v></c>',
    b'<c s="2"><v>99999999</v></c>', b"<v>0</v>", b' s="99"', b' s="1"', b' t="s"', b' r="B2"', b"<is>", b"<t>",
    b"</t>", b"&#0;", b"&#10;", b"&amp;", b"&x;", b"<!DOCTYPE a>", b"<![CDATA[", b"]]>", b"<!--",
    b"<?xml version='1.0' encoding='utf-16'?>", b"_x000D_", b"_xD83D_", b"\xff", b"\0", b"xmlns=",
    b'<sheet name="a&#10;b" sheetId="9" r:id="rId1"/>', b' state="hidden"', b' date1904="1"', b"<f>1/0</f>", b"/",
    b"<", b">", b'"',
]
# fmt: on


# Where something begins or ends: a tag, or else a record of an archive, or else a cell.
MARKS = re.compile(rb'<(?=c |row|v>|is>|si>|sheet |/row|/worksheet)|PK|PAR1|[",;\r\n{}:](?![^<>]{0,80}>)')


@dataclass(frozen=True)
class Edit:
    """A change of a file somewhere.

    Attributes:
        how: one of `flip`, `over`, `insert`, `cut`, `delete`, `repeat`, `splice`.
        place: where, whatever the length of the file is.
        size: bytes behind `place` that are deleted, repeated or taken from another file.
        anywhere: not where something begins or ends.
        times: how often a piece is repeated.
        new: the bytes that are put there.
    """

    how: str
    place: int
    size: int
    anywhere: bool
    times: int
    new: bytes


def edits(odd: Sequence[bytes]) -> st.SearchStrategy[list[Edit]]:
    """Up to three edits with these pieces, or with random bytes."""
    one = st.builds(
        Edit,
        how=st.sampled_from(["flip", "over", "insert", "insert", "insert", "cut", "delete", "repeat", "splice"]),
        place=st.integers(0, 2**20),
        size=st.integers(0, 80),
        anywhere=st.booleans(),
        times=st.sampled_from([1, 1, 2, 40, 300]),
        new=st.sampled_from(odd) | st.binary(max_size=8),
    )
    return st.lists(one, min_size=1, max_size=3)


def edited(content: bytes, changes: list[Edit], other: bytes) -> bytes:
    """Content with these changes, one after the other; pieces may come from another file."""
    for edit in changes:
        marks = [found.start() for found in MARKS.finditer(content)]
        at = edit.place % (len(content) + 1) if edit.anywhere or not marks else marks[edit.place % len(marks)]
        piece = content[at : at + edit.size]
        before, behind = content[:at], content[at:]
        if edit.how == "flip" and behind:
            content = before + bytes([behind[0] ^ (1 << edit.place % 8)]) + behind[1:]
        elif edit.how == "over":
            content = before + edit.new + behind[len(edit.new) :]
        elif edit.how == "insert":
            content = before + edit.new + behind
        elif edit.how == "cut":
            content = before
        elif edit.how == "delete":
            content = before + behind[edit.size :]
        elif edit.how == "repeat":
            content = before + piece * min(edit.times, 20_000 // len(content or b" ")) + behind
        elif edit.how == "splice":
            start = edit.place % (len(other) + 1)
            content = before + other[start : start + 3 * edit.size] + behind
    return content


HEADS = ["", "", "text\n", "id,text\n", "id;text\r\n", "a\tb\tc\n", '{"text": "a"}\n', "sep=;\nid;text\n", "a,b\r"]
CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "cp1252", "cp850"]
SIGNS = st.sampled_from(['"', '""', ",", ";", "\n", "\r", "\r\n", "a", "é", "🙂", "\0", "\ufeff", " "])
JSON_SIGNS = st.sampled_from(
    ['{"text": "', '"}\n', '{"', '": ', "{", "}", "[", "]", '"', "1", "NaN", "\\u", "d83d", ",", "\n", "\r"]
)


def soups() -> st.SearchStrategy[bytes]:
    """Quotes, delimiters, line ends and odd bytes in a row, most of it in one encoding."""
    pieces = st.lists(SIGNS | st.sampled_from(ODD_TEXT), max_size=30) | st.lists(JSON_SIGNS, max_size=30)
    return st.builds(_soup, st.sampled_from(HEADS), pieces, st.sampled_from(CODECS)) | st.binary(max_size=80)


def _soup(head: str, pieces: list[str | bytes], codec: str) -> bytes:
    rest = [piece if isinstance(piece, bytes) else piece.encode(codec, "ignore") for piece in pieces]
    return b"".join([head.encode(codec), *rest])

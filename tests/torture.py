"""Files as they come from the world, as bytes, and what is to become of them. All texts are made up here."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class Case:
    """A file and what is to become of it.

    Attributes:
        name, data: what is special about it, and its bytes.
        texts: what is read from the column with the text, in order; None if the file cannot be read.
        rejected: row and a part of the reason of each row that is rejected.
        error: a part of the message if it cannot be read.
        is_usage: the mistake is one of usage, exit code 2 and not 1.
        file, options: what it is called, and how it is opened.
        note: a part of what the user is told; None if there is nothing to tell.
        column: the column with the text, by default the one that is found.
    """

    name: str
    data: bytes
    texts: tuple[str, ...] | None = None
    rejected: tuple[tuple[int, str], ...] = ()
    error: str | None = None
    is_usage: bool = False
    file: str = "a.csv"
    options: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None
    column: str | None = None

    @property
    def exit_code(self) -> int:
        """Of the command: 3 says that rows were rejected."""
        if self.texts is None:
            return 2 if self.is_usage else 1
        return 3 if self.rejected else 0


def zst(data: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(data))


TABLE = 'id,text\n1,smørrebrød på café\n2,"blå, grön"\n'
READ = ("smørrebrød på café", "blå, grön")
SKIPPED = b"\x50\x2a\x4d\x18\x03\0\0\0abc"
LONG = (32 << 20) + 1
NOT_UTF8, NOT_1252 = "not UTF-8 (byte 0xE5)", "not Windows-1252 (byte 0x81)"

# fmt: off
ENCODINGS = [
    Case("UTF-8", TABLE.encode(), READ),
    Case("UTF-8 with a mark", TABLE.encode("utf-8-sig"), READ),
    Case("UTF-16 little-endian with a mark", b"\xff\xfe" + TABLE.encode("utf-16-le"), READ),
    Case("UTF-16 big-endian with a mark", b"\xfe\xff" + TABLE.encode("utf-16-be"), READ),
    Case("UTF-16 little-endian without", TABLE.encode("utf-16-le"), READ, note="UTF-16-LE"),
    Case("UTF-16 big-endian without", TABLE.encode("utf-16-be"), READ, note="UTF-16-BE"),
    Case("UTF-32 little-endian with a mark", b"\xff\xfe\0\0" + TABLE.encode("utf-32-le"), READ),
    Case("UTF-32 big-endian with a mark", b"\0\0\xfe\xff" + TABLE.encode("utf-32-be"), READ),
    Case("UTF-32 without a mark", TABLE.encode("utf-32-le"), error="--encoding"),
    Case("UTF-16 of JSON lines", '{"text": "blå"}\n'.encode("utf-16"), ("blå",), file="a.jsonl"),
    Case("UTF-16 with an emoji", "text\n😀 grön\n".encode("utf-16"), ("😀 grön",)),
    Case("UTF-16 with half an emoji", "text\na\n".encode("utf-16") + b"\x3d\xd8\x0a\0b\0\x0a\0", ("a", "b"),
         ((2, "not UTF-16-LE (byte 0x3D)"),)),
    Case("UTF-16 that is cut off", "text\na\nb".encode("utf-16")[:-1], ("a",), ((2, "not UTF-16-LE (byte 0x62)"),)),
    Case("Windows-1252", TABLE.encode("cp1252"), READ, note="Windows-1252"),
    Case("Windows-1252 with its own signs", "text\n“5 €” – så…\n".encode("cp1252"),
         ("“5 €” – så…",), note="Windows-1252"),
    Case("Windows-1252 in one byte", b"text\np\xe5", ("på",), note="Windows-1252"),
    Case("Windows-1252 that could be UTF-8", "text\nCAFÉ’S, NÄ… på\n".encode("cp1252"), ("CAFÉ’S, NÄ… på",),
         note="1252"),
    Case("Latin-1, which has no other text", TABLE.encode("latin-1"), READ, note="Windows-1252"),
    Case("Windows-1252 with a byte it lacks", b"text\np\xe5\n\x81\nbl\xe5\n", ("på", "blå"), ((2, NOT_1252),),
         note="1252"),
    Case("UTF-8 in Windows-1252", b"text\np\xe5\ns\xc3\xa5\nbl\xe5 gr\xf6n\n", ("på", "blå grön"),
         ((2, "UTF-8 in a Windows-1252 file"),), note="1252"),
    Case("an emoji in Windows-1252", b"text\np\xe5 n\xe5 f\xe5 g\xe5\n\xf0\x9f\x98\x80\n", ("på nå få gå",),
         ((2, "UTF-8 in a Windows-1252"),), note="1252"),
    Case("Windows-1252 in UTF-8", "text\ngrön\n".encode() + b"p\xe5\nok\n", ("grön", "ok"), ((2, NOT_UTF8),)),
    Case("both in a row", "id,text\n1,grön blå\n".encode() + b"2,gr\xc3\xb6n p\xe5\n3,ok\n", ("grön blå", "ok"),
         ((2, NOT_UTF8),)),
    Case("not UTF-8 in JSON lines", '{"text": "grön"}\n'.encode() + b'\n{"text": "p\xe5"}\n{"text": "ok"}',
         ("grön", "ok"), ((2, NOT_UTF8),), file="a.jsonl"),
    Case("Windows-1252 of JSON lines", '{"text": "på"}\n'.encode("cp1252"), ("på",), file="a.jsonl", note="1252"),
    Case("surrogates in UTF-8", "text\nblå rød grøn, gęś\n".encode() + b"\xed\xa0\xbd\nok\n",
         ("blå rød grøn, gęś", "ok"), ((2, "not UTF-8 (byte 0xED)"),)),
    Case("too long a spelling in UTF-8", "text\ngrön, blå\n".encode() + b"\xc0\xaf\nok\n", ("grön, blå", "ok"),
         ((2, "not UTF-8 (byte 0xC0)"),)),
    Case("ASCII and then Windows-1252, far behind", b"text\n" + b"ok\n" * 2_000_000 + b"p\xe5\n",
         ("ok",) * 2_000_000 + ("på",), note="1252"),
    Case("ASCII and then UTF-8, far behind", b"text\n" + b"ok\n" * 2_000_000 + "på\n".encode(),
         ("ok",) * 2_000_000 + ("på",)),
    Case("cp850 of DOS", "text\nsmørrebrød på blåbær\n".encode("cp850"), error="--encoding"),
    Case("Mac Roman", "text\nsmørrebrød på blåbær\n".encode("mac-roman"), error="--encoding"),
    Case("cp850, given", "text\nsmørrebrød på blåbær\n".encode("cp850"), ("smørrebrød på blåbær",),
         options={"encoding": "cp850"}),
    Case("UTF-8, given, but it is not", b"text\np\xe5\nok\n", ("ok",), ((1, NOT_UTF8),), options={"encoding": "utf-8"}),
    Case("UTF-16, given, without a mark", TABLE.encode("utf-16-le"), READ, options={"encoding": "utf-16"}),
    Case("UTF-16, given, big-endian mark",
         b"\xfe\xff" + TABLE.encode("utf-16-be"), READ, options={"encoding": "UTF16"}),
    Case("ASCII, given, but it is not", b"text\nok\np\xe5\n", ("ok",), ((2, "not ASCII (byte 0xE5)"),),
         options={"encoding": "ascii"}),
    Case("Shift-JIS, given, with a bad byte", b"text\nok\n\x81\x20\n", ("ok",), ((2, "not SHIFT-JIS (byte 0x81)"),),
         options={"encoding": "shift_jis"}),
    Case("an unknown encoding", b"text\na\n", error="unknown encoding", is_usage=True, options={"encoding": "klingon"}),
    Case("an encoding that is no text", b"text\na\n", error="unknown encoding", is_usage=True,
         options={"encoding": "rot13"}),
    Case("an encoding that is a packer", b"text\na\n", error="unknown encoding", is_usage=True,
         options={"encoding": "zip"}),
    Case("column names in another encoding", "text,på\na,b\n".encode("cp1252"), error="--encoding",
         options={"encoding": "utf-8"}),
]

DELIMITERS = [
    Case("semicolons", b"id;text\n1;a, b\n2;c\n", ("a, b", "c")),
    Case("semicolons as Excel writes them", b"id;tekst\r\n1;goed, maar duur\r\n", ("goed, maar duur",)),
    Case("semicolons, and commas in numbers", b"id;prijs;tekst\n1;2,50;a\n2;3,10;b, c\n", ("a", "b, c")),
    Case("semicolons, and a comma in a name", b"id;prijs, ca.;tekst\n1;2;a\n2;3;b\n", ("a", "b")),
    Case("commas, and semicolons in texts", b"id,text\n1,a; b; c\n2,d\n", ("a; b; c", "d")),
    Case("commas, and a semicolon in a name", b"id,text,a;b\n1,x,y\n2,z;z,y\n", ("x", "z;z")),
    Case("tabs in a CSV file", b"id\ttext\n1\ta, b; c\n", ("a, b; c",), note="tab"),
    Case("pipes", b"id|text\n1|a, b\n", ("a, b",), note="|"),
    Case("commas in quotes", b'"id","text"\n"1","a;b"\n"2","c;d"\n', ("a;b", "c;d")),
    Case("a delimiter that is given", b"id:text\n1:a, b\n", ("a, b",), options={"delimiter": ":"}),
    Case("a delimiter that is given as a word", b"id,x;text\n1,y;a\n", ("a",), options={"delimiter": "semicolon"}),
    Case("a delimiter that is given for TSV",
         b"id;text\n1;a\tb\n", ("a\tb",), file="a.tsv", options={"delimiter": ";"}),
    Case("an unknown encoding of two lines", b"a\n", error=r"'a\nb': unknown", is_usage=True,
         options={"encoding": "a\nb"}),
    Case("two signs", b"a\n", error="--delimiter", is_usage=True, options={"delimiter": "::"}),
    Case("a letter", b"a\n", error="--delimiter", is_usage=True, options={"delimiter": "x"}),
    Case("a quote", b"a\n", error="--delimiter", is_usage=True, options={"delimiter": '"'}),
    Case("sep=", b"sep=;\r\nid;text\r\n1;a,b\r\n", ("a,b",)),
    Case("sep= wins", b"sep=|\nid;x|text\n1;2|a\n", ("a",)),
    Case("sep= after a mark", b"\xef\xbb\xbfsep=,\nid,text\n1,a\n", ("a",)),
    Case("sep= in UTF-16", "sep=\t\nid\ttext\n1\tblå\n".encode("utf-16"), ("blå",)),
    Case("a column called sep", b"sep\na\n", ("a",)),
    Case("one column", b"text\na, b\nc; d\n", ("a, b", "c; d")),
    Case("one column, quoted", b'text\n"a, ""b"""\n"c\nd"\ne "f", g\n', ('a, "b"', "c\nd", 'e "f", g')),
    Case("one column with signs for machines", b"text\na\x1fb, c\n\x1f\nd\x1e\n", ("a\x1fb, c", "\x1f", "d\x1e")),
    Case("one column with blank lines", b"text\na\n\nb", ("a", "", "b")),
    Case("one column that is not UTF-8", "text\nå\n\n".encode() + b"\xe5\nb\n", ("å", "", "b"), ((3, NOT_UTF8),)),
    Case("TSV", b'id\ttext\n1\ta, "b"\n', ('a, "b"',), file="a.tsv"),
]

ROWS = [
    Case("quoted line ends", b'id,text\n1,"a\nb\r\nc"\n2,d\n', ("a\nb\r\nc", "d")),
    Case("CRLF", b"id,text\r\n1,a\r\n\r\n2,b\r\n", ("a", "b")),
    Case("CR alone", b'id,text\r1,a\r2,"b\rc"\r', ("a", "b\nc"), note="\\r"),
    Case("CR alone, and a quoted LF", b'id,text\r1,"a\nb"\r2,c', ("a\nb", "c"), note="\\r"),
    Case("CR alone in UTF-16", "id,text\r1,blå\r".encode("utf-16"), ("blå",), note="\\r"),
    Case("CR alone in JSON lines", b'{"text": "a"}\r{"text": "b"}\r', ("a", "b"), file="a.jsonl"),
    Case("no line end at the end", b"id,text\n1,a", ("a",)),
    Case("NUL", b"id,text\n1,a\0b\n2,\0\n", ("a\0b", "\0")),
    Case("a mark in the middle", b"\xef\xbb\xbfid,text\n\xef\xbb\xbf1,\xef\xbb\xbfa\n", ("\ufeffa",)),
    Case("too few and too many cells", b"id,text\n1\n2,b\n3,c,d\n", ("b",), ((1, "1 cells"), (3, "3 cells"))),
    Case("too many cells, and not UTF-8", "id,text\n1,å\n".encode() + b"2,\xe5,\n3,c,d\n4,e\n", ("å", "e"),
         ((2, NOT_UTF8), (3, "3 cells"))),
    Case("not UTF-8 in quotes over two lines", "id,text\n1,å\n".encode() + b'2,"a\n\xe5"\n3,b\n', ("å", "b"),
         ((2, NOT_UTF8),)),
    Case("blank lines and not UTF-8", "\n\nid,text\n\n1,å\n\r\n".encode() + b"2,\xe5\n\n3,b\n", ("å", "b"),
         ((2, NOT_UTF8),)),
    Case("an open quote", b'id,text\n1,a\n2,"b\n3,c\n4,d\n', ("a", "c", "d"), ((2, "never closed"),)),
    Case("an open quote in the last row", b'id,text\n1,a\n2,"b', ("a",), ((2, "never closed"),)),
    Case("an open quote before doubled ones", b'id,text\n1,"a ""b""\n2,""\n3,c "" d\n4,""""', ("", 'c "" d', '"'),
         ((1, "never closed"),)),
    Case("an open quote behind quoted lines", b'id,text,c\n1,"a\nb","c\n2,d,e\n', ("d",), ((1, "never closed"),)),
    Case("an open quote before a lot of text", b'id,text\n1,"a\n' + b"2,b\n" * 9_000_000 + b"3,c,d\n",
         ("b",) * 9_000_000, ((1, "never closed"), (9_000_002, "3 cells"))),
    Case("a row that is too long", b"id,text\n1,a\n2," + b"b" * LONG + b"\n3,c\n", ("a", "c"),
         ((2, "longer than 32 MB"),)),
    Case("a quoted line that is too long", b'id,text\n1,a\n2,"' + b"b" * LONG + b"\n3,c\n", ("a", "c"),
         ((2, "never closed"),)),
    Case("a row that is long", b"id,text\n1,a\n2," + b"b" * (8 << 20) + b"\n3,c\n", ("a", "b" * (8 << 20), "c")),
    Case("quotes where they do not belong", b'id,text\n1,a "b" c\n2,"d" e\n', ('a "b" c', "d e")),
]

HEADERS = [
    Case("nothing", b"", error="is empty"),
    Case("blank lines", b"\n \n\r\n", error="is empty"),
    Case("a mark alone", b"\xef\xbb\xbf", error="is empty"),
    Case("sep= alone", b"sep=;", error="is empty"),
    Case("column names alone", b"id,text\n", ()),
    Case("column names without a line end", b"id;text", ()),
    Case("a name that is there twice", b"a,text,a\n1,2,3\n", error="'a' is there twice"),
    Case("a long name that is there twice", b"a" * 999 + b"," + b"a" * 999, error="a…' is there twice"),
    Case("many blank names", b"text" + b"," * 999 + b"\na" + b"," * 999, ("a",), note="column_3, column_4,"),
    Case("a blank name", b",text\n1,a\n", ("a",)),
    Case("blank names at the end", b"id;tekst;;;\n1;a;;;\n", ("a",), note="column_4, column_5"),
    Case("a blank name, and one as it would be called", b"text,,,column_3\na,b,c,d\n", ("a",), note="column_3_"),
    Case("names with spaces", b"id, text \n1,a\n", ("a",), column=" text "),
    Case("a name over two lines", b'id,"te\nxt"\n1,a\n', ("a",), column="te\nxt"),
    Case("NUL in a name", b"id,te\0xt\n1,a\n", error="--encoding"),
    Case("an open quote in the names", b'id,"text\n1,a\n', error="do not end"),
    Case("names that do not end", b"a" * (2 << 20), error="do not end"),
    Case("too many columns", b",".join(b"%d" % n for n in range(5000)), error="5,000 columns"),
]

JSONL = [
    Case("JSON lines", b'{"text": "a", "n": 1.10}\r\n\n{"n": null, "text": "b"}', ("a", "b"), file="a.jsonl"),
    Case("JSON lines with a mark", b'\xef\xbb\xbf{"text": "a"}\n', ("a",), file="a.jsonl"),
    Case("what is no object", b'{"text": "a"}\n[1]\nnope\n{"text": "b"} x\n', ("a",),
         ((2, "not a JSON"), (3, "not a JSON"), (4, "not a JSON")), file="a.jsonl"),
    Case("deep nesting", b'{"text": "a"}\n' + b"[" * 100_000 + b'\n{"text": "b"}\n', ("a", "b"), ((2, "not a JSON"),),
         file="a.jsonl"),
    Case("NaN", b'{"text": "NaN \\" NaN", "n": NaN, "m": [-Infinity]}\n', ('NaN " NaN',), file="a.jsonl", note="null"),
    Case("a JSON array in a line", b'[{"text": "a"}, {"text": "b"}]', error="is one JSON array", file="a.jsonl"),
    Case("a JSON array over lines",
         b'[\n{"text": "a"},\n{"text": "b"}\n]\n', error="is one JSON array", file="a.jsonl"),
    Case("no JSON at all", b"id,text\n1,a\n", error="no line is a JSON object", file="a.jsonl"),
    Case("empty JSON lines", b"\n", error="is empty", file="a.jsonl"),
    Case("a line that is too long", b'{"text": "a"}\n{"text": "' + b"b" * LONG + b'"}\n{"text": "c"}\n', ("a", "c"),
         ((2, "longer than 32 MB"),), file="a.jsonl"),
    Case("a key that is ours",
         b'{"text": "a"}\n{"\\u0000json": 1}\n', ("a",), ((2, "cannot be read"),), file="a.jsonl"),
    Case("half an emoji in JSON", b'{"text": "a \\ud83d"}\n{"text": "\\ud83d\\ude00", "n": ["\\ud83d"]}\n', ("😀",),
         ((1, "half a character"),), file="a.jsonl"),
    Case("half an emoji in a key", b'{"text": "a"}\n{"a\\uD83D": 1}\n{"\\ud83d\\ude00": 1, "text": "b"}', ("a", "b"),
         ((2, "half a character"),), file="a.jsonl"),
    Case("too many keys", b"".join(b'{"%d": 1}\n' % n for n in range(5000)), error="4,096", file="a.jsonl"),
]

PACKED = [
    Case("gzip", gzip.compress(TABLE.encode()), READ, file="a.csv.gz"),
    Case("gzip without its extension", gzip.compress(TABLE.encode()), READ),
    Case("gzip in two members", gzip.compress(TABLE.encode()) + gzip.compress(b"3,c\n"), (*READ, "c"), file="a.csv.gz"),
    Case("gzip of UTF-16", gzip.compress(TABLE.encode("utf-16")), READ, file="a.csv.gz"),
    Case("gzip of JSON lines", gzip.compress(b'{"text": "a"}\n'), ("a",), file="a.jsonl.gz"),
    Case("not gzip", TABLE.encode(), error="not compressed with gzip", file="a.csv.gz"),
    Case("gzip that is cut off", gzip.compress(TABLE.encode())[:-9], error="cut off", file="a.csv.gz"),
    Case("gzip with something behind", gzip.compress(TABLE.encode()) + b"x", error="damaged", file="a.csv.gz"),
    Case("gzip of gzip", gzip.compress(gzip.compress(b"text\na\n")), error="compressed twice", file="a.csv.gz"),
    Case("Zstandard", zst(TABLE.encode()), READ, file="a.csv.zst", options={"format": "csv"}),
    Case("Zstandard without its extension", zst(TABLE.encode()), READ),
    Case("Zstandard in two frames", zst(TABLE.encode()) + SKIPPED + zst(b"3,c\n"), (*READ, "c")),
    Case("Zstandard with a frame to skip", SKIPPED + zst(TABLE.encode()), READ),
    Case("Zstandard that is cut off", zst(TABLE.encode())[:-3], error="cut off"),
    Case("Zstandard cut off in the second frame", zst(TABLE.encode()) + zst(b"3,c\n")[:-2], error="cut off"),
    Case("Zstandard with something behind", zst(TABLE.encode()) + b"xxxx", error="damaged"),
    Case("not Zstandard", TABLE.encode(), error="not compressed with Zstandard", file="a.csv.zst",
         options={"format": "csv"}),
    Case("a workbook", b"PK\x03\x04" + b"\0" * 40, error="--format xlsx"),
    Case("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", error="old Excel"),
    Case("a Parquet file", b"PAR1\x15\x04\x15", error="--format parquet", file="a.jsonl"),
    Case("a column called PAR1", b"PAR1,text\n1,a\n", ("a",)),
    Case("a PDF", b"%PDF-1.7\n", error="PDF"),
]

# fmt: on
CASES = [*ENCODINGS, *DELIMITERS, *ROWS, *HEADERS, *JSONL, *PACKED]

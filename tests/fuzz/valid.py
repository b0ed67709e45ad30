"""Small valid files of every format, all of which hold `CANARY` in their cells and nowhere else."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pyarrow as pa
from pyarrow import parquet as pq

CANARY = "zyxwv"
"""No message may quote it."""
ROWS = [
    (1, f"Leuk, {CANARY} 🙂", "ja"),
    (2, f'smørrebrød på "{CANARY}"\ncafé', ""),
    (3, "", f"nej; {CANARY}"),
    (40, f"{CANARY} en nog wat\r\n= grön|blå\t", "x"),
    (5, f"{CANARY}{CANARY}", "€ 5"),
]
NAMES = ("id", "text", "svar")
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": lambda data: bytes(pa.Codec("zstd").compress(data)),
}


def _delimited(delimiter: str, end: str) -> str:
    rows = [NAMES, *((str(number), _quoted(text), _quoted(answer)) for number, text, answer in ROWS)]
    return "".join(delimiter.join(row) + end for row in rows)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if text else ""


def _json_lines(**options: Any) -> str:
    return "".join(json.dumps(dict(zip(NAMES, row, strict=True)), **options) + "\n" for row in ROWS) + (
        f'{{"text": ["{CANARY}", 1.10, {{"a": null}}], "n": 12345678901234567890, "text ": NaN}}\n'
    )


def _encoded(text: str) -> list[bytes]:
    codecs = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252"]
    return [text.encode(codec, "ignore") for codec in codecs]


TEXTS = {
    "csv": [data for d, end in [(",", "\n"), (";", "\r\n"), ("|", "\r")] for data in _encoded(_delimited(d, end))],
    "tsv": _encoded(_delimited("\t", "\n")),
    "jsonl": _encoded(_json_lines(ensure_ascii=False)) + _encoded(_json_lines()),
}
TEXTS["csv"] += [f"text\n{CANARY}\n\na {CANARY}\n".encode(), f"sep=;\nid;text\n1;{CANARY}\n".encode()]


DELTAS = {"id": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "svar": "DELTA_LENGTH_BYTE_ARRAY"}


def _parquet(table: pa.Table, **options: Any) -> bytes:
    pq.write_table(table, file := io.BytesIO(), **options)
    return file.getvalue()


def _parquets() -> list[bytes]:
    rows = ROWS * 4
    columns = {name: [row[place] for row in rows] for place, name in enumerate(NAMES)}
    plain = pa.table(columns)
    rich = pa.table(
        {
            **columns,
            "label": pa.array(columns["svar"]).dictionary_encode(),
            "nested": [{"a": [text, None], "b": 1.5} for text in columns["text"]],
            "when": [datetime.datetime(2024, 1, 2, 3, 4)] * len(rows),
            "map": pa.array([[("a", CANARY)]] * len(rows), pa.map_(pa.string(), pa.string())),
            "none": pa.array([None, *columns["text"][1:]], pa.large_string()),
            "bytes": pa.array([CANARY.encode()] * len(rows), pa.binary()),
            "view": pa.array(columns["text"], pa.string_view()),
        }
    )
    return [
        *(_parquet(plain, compression=packing) for packing in ["none", "snappy", "zstd", "gzip", "lz4", "brotli"]),
        _parquet(rich, compression="none", row_group_size=7, data_page_size=50),
        _parquet(rich, use_dictionary=False, data_page_version="2.0", store_schema=False, write_statistics=False),
        _parquet(plain, compression="none", use_dictionary=False, column_encoding=DELTAS),
        _parquet(plain, compression="none", write_page_checksum=True, write_page_index=True),
    ]


PARQUETS = _parquets()
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml"
Parts = list[tuple[str, bytes]]
"""Name and content of the files in an archive."""


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [NAMES, *ROWS]:
        sheet.append([cell if isinstance(cell, int) else cell.replace("=", "") for cell in row])
    sheet.append([datetime.datetime(2024, 1, 2, 3, 4), True, 1.5])
    sheet.append([datetime.date(2024, 1, 2), datetime.timedelta(hours=30), "=1+1"])
    book.create_sheet("blad 2").append(["text"])
    book.create_sheet("hidden").sheet_state = "hidden"
    book.save(file := io.BytesIO())
    return file.getvalue()


def parts_of(workbook: bytes) -> Parts:
    """The files in an archive."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def packed(parts: Parts) -> bytes:
    """An archive of them, with right checksums. Names may be there twice, at which `writestr` would warn."""
    with zipfile.ZipFile(file := io.BytesIO(), "w") as archive:
        for name, content in parts:
            archive.NameToInfo.clear()  # where names that are there are looked up
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _sharing(parts: Parts) -> Parts:
    """With a table of strings, as Excel writes them."""
    shared: list[bytes] = []

    def share(cell: re.Match[bytes]) -> bytes:
        shared.append(cell[2])
        return b'<c r="%s" t="s"><v>%d</v></c>' % (cell[1], len(shared) - 1)

    parts = [
        (name, re.sub(rb'<c r="(\w+)" t="inlineStr"><is>(.*?)</is></c>', share, content, flags=re.DOTALL))
        for name, content in parts
    ]
    kind = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s.sharedStrings+xml"/></Types>' % TYPE
    parts = [(name, content.replace(b"</Types>", kind)) for name, content in parts]
    table = b'<sst xmlns="%s">%s</sst>' % (MAIN, b"".join(b"<si>%s</si>" % text for text in shared))
    return [*parts, ("xl/sharedStrings.xml", table)]


ARCHIVES = [parts_of(_workbook()), _sharing(parts_of(_workbook()))]
WORKBOOKS = [packed(parts) for parts in ARCHIVES]

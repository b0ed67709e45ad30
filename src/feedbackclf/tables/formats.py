"""Which format a path has."""

from __future__ import annotations

from pathlib import Path

from feedbackclf.errors import UsageError

STDIO = "-"
WRITABLE = ("csv", "tsv", "jsonl", "parquet")
FORMATS = (*WRITABLE, "xlsx")
_EXTENSIONS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}
_COMPRESSED = (".gz", ".zst")
_OTHER_WORKBOOKS = (".xls", ".xlsb", ".ods", ".numbers")


def format_of(path: str, format: str | None = None, *, writing: bool = False) -> str:
    """The format to use for `path`: `format` if given, else by extension, else (stdin, stdout) csv.

    Raises:
        UsageError: it is unknown, cannot be written, or compression is asked for where it cannot be.
    """
    option, formats = ("--output-format", WRITABLE) if writing else ("--format", FORMATS)
    name = Path(path)
    packing = name.suffix.lower() if name.suffix.lower() in _COMPRESSED else None
    if packing:
        name = name.with_suffix("")
    extension = name.suffix.lower()
    found = format or ("csv" if path == STDIO else _EXTENSIONS.get(extension))
    if found == "xlsx" and writing:
        raise UsageError(f"{path}: workbooks are only read; write .csv, or pass {option} ({', '.join(formats)})")
    if found is None and extension in _OTHER_WORKBOOKS:
        raise UsageError(f"{path}: of workbooks only .xlsx can be read; save it as .xlsx")
    if found is None:
        raise UsageError(f"{path}: the extension names no format; pass {option} ({', '.join(formats)})")
    if found not in formats:
        raise UsageError(f"{option} {found!r}: unknown format; choose one of {', '.join(formats)}")
    if packing and (writing or found in ("parquet", "xlsx")):
        raise UsageError(f"{path}: only CSV, TSV and JSONL input can be compressed; leave out {packing}")
    return found

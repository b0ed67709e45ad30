"""Which format a path has."""

from __future__ import annotations

from pathlib import Path

from feedbackclf.errors import UsageError

STDIO = "-"
FORMATS = ("csv", "tsv", "jsonl", "parquet")
_EXTENSIONS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


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

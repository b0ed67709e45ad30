"""Options that several commands take: how tables are read."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from feedbackclf.errors import UsageError


class Writable(StrEnum):
    """How a table can be written."""

    csv = "csv"
    tsv = "tsv"
    jsonl = "jsonl"
    parquet = "parquet"


class Readable(StrEnum):
    """How a table that is read may be written."""

    csv = "csv"
    tsv = "tsv"
    jsonl = "jsonl"
    parquet = "parquet"
    xlsx = "xlsx"


Format: TypeAlias = Annotated[Readable | None, typer.Option(help="Format of the inputs (default: by extension).")]
TextColumn: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NAME", help="Column with the text (default: found by name).")
]
Encoding: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NAME", help="Encoding of CSV, TSV and JSONL input (default: detected).")
]
Delimiter: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="SIGN", help="Of CSV input: comma, semicolon, tab, pipe or a sign (default: detected)."),
]
Sheet: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NAME", help="Sheet of a workbook (default: the first visible one).")
]
Rejects: TypeAlias = Annotated[
    str | None, typer.Option(metavar="FILE", help="Where unreadable rows go, if any (default: OUTPUT.rejects.jsonl).")
]
Strict: TypeAlias = Annotated[bool, typer.Option("--strict", help="Stop at the first row that cannot be read.")]
NoProgress: TypeAlias = Annotated[bool, typer.Option("--no-progress", help="No progress bar.")]


def check_language(language: str | None, known: Sequence[str]) -> None:
    """See that a model knows the language that was named, if one was.

    Raises:
        UsageError: it does not.
    """
    if language is not None and language not in known:
        raise UsageError(f"--language {language}: this model knows {', '.join(known)}")

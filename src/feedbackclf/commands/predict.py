"""`feedbackclf predict`: tables in, the same tables with labels out."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from enum import StrEnum
from typing import Annotated

import typer

from feedbackclf.commands.exit_codes import INTERRUPTED, REJECTED_ROWS
from feedbackclf.commands.options import (
    Delimiter,
    Encoding,
    Format,
    NoProgress,
    Rejects,
    Sheet,
    Strict,
    TextColumn,
    Writable,
    check_language,
)
from feedbackclf.commands.progress import shown_progress


class Detector(StrEnum):
    """Who tells the language of a text."""

    model = "model"
    langdetect = "langdetect"


def predict(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Tables of feedback, also as 'dumps/*.csv'; - is stdin.")
    ],
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where to write; - is stdout.")] = "-",
    format: Format = None,
    output_format: Annotated[
        Writable | None, typer.Option(help="Format of the output (default: by extension).")
    ] = None,
    text_column: TextColumn = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="The language of all texts, if known.")] = None,
    language_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="Column with the language of each text; empty: detect it.")
    ] = None,
    language_detector: Annotated[Detector, typer.Option(help="Who tells the language.")] = Detector.model,
    model: Annotated[str, typer.Option(metavar="NAME|PATH", help="The model to use.")] = "default",
    min_confidence: Annotated[
        float,
        typer.Option(min=0, max=1, metavar="X", help="Leave labels empty that are less likely than this."),
    ] = 0.0,
    evidence: Annotated[
        bool,
        typer.Option("--evidence", help="Quote the words that carry each label, in columns such as speed_evidence."),
    ] = False,
    rules: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Add what to do about each row, by these rules (TOML); or: default."),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, metavar="N", help="Worker processes.")] = 1,
    prefix: Annotated[str, typer.Option(metavar="TEXT", help="Put before the names of the new columns.")] = "",
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
    redact: Annotated[
        bool,
        typer.Option("--redact", help="Mask e-mail addresses, phone and identity numbers and the like in the text."),
    ] = False,
    excel_safe: Annotated[
        bool, typer.Option("--excel-safe", help="Make sure that a spreadsheet runs no cell of CSV or TSV as a formula.")
    ] = False,
    rejects: Rejects = None,
    strict: Strict = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on after a run that was stopped, if there was one.")
    ] = False,
    no_progress: NoProgress = False,
) -> None:
    """Tag feedback with language, sentiment, service dimensions and more.

    Every row comes out once, in order, with all its columns and then the labels. CSV, TSV, JSONL (these also as .gz
    and .zst), Parquet and .xlsx are told by their extension. A run that is stopped can be gone on after with --resume.
    Exit code 3: done, but some rows could not be read; they are in the file of rejects.

    Examples:

    feedbackclf predict reviews.csv -o tagged.csv

    feedbackclf predict a.jsonl b.jsonl --jobs 4 -o tagged.parquet

    feedbackclf predict 'dumps/*.xlsx' --redact --excel-safe -o tagged.csv

    feedbackclf predict reviews.csv --min-confidence 0.8 -o tagged.csv

    feedbackclf predict reviews.csv --evidence -o tagged.jsonl

    feedbackclf predict reviews.csv --rules my-rules.toml -o tagged.csv

    zcat reviews.csv.gz | feedbackclf predict - --text-column body | head
    """
    from feedbackclf.workers import ModelOnDisk, Workers, one_thread_each

    one_thread_each()
    from feedbackclf.errors import StoppedError
    from feedbackclf.model_folder import read_taxonomy, resolve_model
    from feedbackclf.resuming import can_go_on
    from feedbackclf.rules import read_rules
    from feedbackclf.taxonomy import ACTION, UNSURE

    folder = resolve_model(model)
    taxonomy = read_taxonomy(folder)
    check_language(language, taxonomy.languages)
    decided = read_rules(rules, taxonomy) if rules is not None else None
    on_disk = ModelOnDisk(folder, language_detector.value, min_confidence, evidence, decided)
    try:
        with ExitStack() as stack:
            _ = on_disk.classifier  # loaded before the workers start, so that they share it
            classify = stack.enter_context(Workers(on_disk, jobs)) if jobs > 1 else on_disk
            from feedbackclf.evidence_columns import evidence_columns
            from feedbackclf.inputs import Inputs
            from feedbackclf.tables import RejectsFile, expand_inputs
            from feedbackclf.tagging import output_format_of, tag_files

            columns = [
                *taxonomy.output_columns,
                *([ACTION] if decided else []),
                *([UNSURE] if min_confidence > 0 else []),
            ]
            # Where the data goes to the terminal, it shows by itself how far it is.
            watched = sys.stderr.isatty() and not (output == "-" and sys.stdout.isatty())
            progress = stack.enter_context(shown_progress(watched and not no_progress))
            dumps = Inputs(
                expand_inputs(inputs),
                format=format,
                encoding=encoding,
                delimiter=delimiter,
                sheet=sheet,
                text_column=text_column,
                language_column=language_column,
                language=language,
            )
            if evidence:
                for_people = output_format_of(dumps, output, output_format) in ("csv", "tsv")
                columns += evidence_columns(taxonomy, offsets=not for_people)
            result = tag_files(
                dumps,
                output,
                classify,
                columns=columns,
                output_format=output_format,
                prefix=prefix,
                redact=redact,
                excel_safe=excel_safe,
                rejects=rejects,
                strict=strict,
                resume=resume,
                origin=on_disk.origin,
                progress=progress,
                tell=lambda note: typer.echo(note, err=True),
            )
    except KeyboardInterrupt:
        how = f"; to go on: {_command('--resume')}" if can_go_on(output) else ""
        typer.echo(f"feedbackclf: interrupted{how}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except StoppedError as error:
        raise StoppedError(
            f"{error}; to go on after that: {_command('--resume')}" if can_go_on(output) else str(error)
        ) from None
    except BrokenPipeError:
        # `| head` has seen enough. What Python still holds for stdout goes nowhere, or it would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    rate = (result.rows - result.resumed) / result.seconds if result.seconds else 0
    before = f", {result.resumed:,} of them by the stopped run" if result.resumed else ""
    typer.echo(f"{result.rows:,} rows in {result.seconds:.1f} s ({rate:,.0f} rows/s){before}", err=True)
    if min_confidence > 0:
        typer.echo(_what_was_left(result.unsure, [head.name for head in taxonomy.heads], result.rows), err=True)
    if result.rejected:
        where = rejects or RejectsFile.default_path(output)
        typer.echo(f"{result.rejected:,} rows could not be read; they are in {where}", err=True)
        raise typer.Exit(REJECTED_ROWS)


def _command(more: str) -> str:
    """The command that was given, and one more option."""
    words = [word for word in sys.argv[1:] if word != more]
    return shlex.join(["feedbackclf", *words, more])


def _what_was_left(unsure: Mapping[str, int], heads: Sequence[str], rows: int) -> str:
    counts = ", ".join(f"{head} {unsure.get(head, 0):,} ({unsure.get(head, 0) / max(rows, 1):.1%})" for head in heads)
    return f"labels left empty for want of confidence: {counts}"

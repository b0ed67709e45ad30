"""`feedbackclf report`: what tagged feedback says, as a page, as JSON and as pictures."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    check_language,
)
from feedbackclf.commands.progress import shown_progress

if TYPE_CHECKING:
    from feedbackclf.report.figures import Figures
    from feedbackclf.rules import Rules
    from feedbackclf.taxonomy import Taxonomy
    from feedbackclf.workers import Classify, Workers

_DEFAULT_RULES = "Actions are those of the default response rules; --rules takes those of your firm."


def report(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Tagged or raw tables, also as 'dumps/*.csv'; - is stdin."),
    ],
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write a page of HTML; - is stdout.")
    ] = None,
    as_json: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write every figure as JSON; - is stdout.")
    ] = None,
    png: Annotated[
        Path | None, typer.Option("--png", metavar="FOLDER", help="Write the charts as pictures for slides.")
    ] = None,
    together: Annotated[
        bool, typer.Option("--together", help="Take two inputs as one, instead of comparing them.")
    ] = False,
    title: Annotated[str, typer.Option(metavar="TEXT", help="Of the page.")] = "Customer feedback",
    group_by: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A column to break the rows down by; repeatable (default: all that can be)."),
    ] = None,
    rating_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="Column with the stars (default: found by name).")
    ] = None,
    date_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="Column with the dates (default: found by name).")
    ] = None,
    min_group: Annotated[
        int, typer.Option(min=1, metavar="N", help="Show no group or period of fewer rows than this.")
    ] = 20,
    rules: Annotated[
        str, typer.Option(metavar="FILE", help="Response rules: what to do about which feedback.")
    ] = "default",
    redact: Annotated[
        bool, typer.Option("--redact/--no-redact", help="Mask personal data in the texts that are quoted.")
    ] = True,
    quotes: Annotated[bool, typer.Option("--quotes/--no-quotes", help="Quote texts.")] = True,
    format: Format = None,
    text_column: TextColumn = None,
    prefix: Annotated[str, typer.Option(metavar="TEXT", help="Before the names of the label columns.")] = "",
    model: Annotated[
        str, typer.Option(metavar="NAME|PATH", help="The model that tagged the inputs, or will.")
    ] = "default",
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="The language of all texts of raw inputs, if known.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, metavar="N", help="Worker processes for raw inputs.")] = 1,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
    rejects: Rejects = None,
    strict: Strict = False,
    no_progress: NoProgress = False,
) -> None:
    """Say what feedback says: shares, drivers of satisfaction, trends, groups that differ, with 95 % intervals.

    Takes what `predict` wrote; a raw table is tagged on the way. Of exactly two inputs the second is reported on, and
    compared with the first. One input, or three and more, are one. Columns with stars, with dates, and with few
    different values are found, and named in the report. Exit code 3: done, but some rows could not be read.

    Examples:

    feedbackclf report tagged.csv -o report.html

    feedbackclf report 'dumps/*.csv' --group-by shop --json figures.json --png slides

    feedbackclf report spring.csv autumn.csv -o what-changed.html
    """
    from datetime import date

    from feedbackclf.workers import ModelOnDisk, one_thread_each

    one_thread_each()
    from feedbackclf.errors import UsageError
    from feedbackclf.model_folder import read_taxonomy, resolve_model
    from feedbackclf.report.pages.extra import check_libraries

    if output is None and as_json is None and png is None:
        raise UsageError("nothing to write; pass -o report.html, --json figures.json or --png FOLDER")
    _check_outputs(output, as_json)
    if output is not None or png is not None:
        check_libraries()
    folder = resolve_model(model)
    taxonomy = read_taxonomy(folder)
    check_language(language, taxonomy.languages)
    from feedbackclf.inputs import Inputs
    from feedbackclf.report.compute import compute
    from feedbackclf.report.quotes import choose_quotes
    from feedbackclf.report.reading.candidates import Candidates
    from feedbackclf.report.reading.columns import Wanted
    from feedbackclf.report.reading.dumps import dumps_of
    from feedbackclf.report.reading.source import NumberedRejects, read_feedback

    dumps = dumps_of(inputs, together=together)
    chosen_rules = _rules(rules, taxonomy)
    candidates = Candidates(taxonomy)
    settings = {"format": format, "encoding": encoding, "delimiter": delimiter, "sheet": sheet}
    refused_path = rejects or NumberedRejects.default_path(next(x for x in (output, as_json, "-") if x is not None))
    try:
        with ExitStack() as stack:
            classify = _tagger(stack, folder, jobs)
            refused = stack.enter_context(NumberedRejects(refused_path, strict=strict))
            progress = stack.enter_context(shown_progress(sys.stderr.isatty() and not no_progress))
            read = [
                read_feedback(
                    Inputs(dump.paths, **settings, text_column=text_column, language=language),
                    taxonomy,
                    classify,
                    refused,
                    name=dump.name,
                    prefix=prefix,
                    wanted=Wanted(tuple(group_by or ()), rating_column, date_column),
                    see=candidates.see if quotes and dump is dumps[-1] else None,
                    progress=partial(_advance, progress, nth, len(dumps)),
                    tell=lambda note: typer.echo(note, err=True),
                )
                for nth, dump in enumerate(dumps)
            ]
            figures = compute(
                read[-1],
                taxonomy,
                title=title,
                made=date.today().isoformat(),
                model=folder.name,
                min_group=min_group,
                rules=chosen_rules,
                before=read[0] if len(read) > 1 else None,
            )
            if quotes:
                classifier = ModelOnDisk(folder).classifier
                found = choose_quotes(candidates.cells(), read[-1], figures.breakdowns, classifier, redact=redact)
                figures = replace(figures, quotes=found)
            if chosen_rules is not None and rules == "default":
                figures = replace(figures, notes=(*figures.notes, _DEFAULT_RULES))
            _write(figures, output, as_json, png)
    except KeyboardInterrupt:
        typer.echo("feedbackclf: interrupted", err=True)
        raise typer.Exit(INTERRUPTED) from None
    written = [str(path) for path in (output, as_json, png) if path not in (None, "-")]
    rows = sum(map(len, read))
    typer.echo(f"{rows:,} rows{'; wrote ' if written else ''}{', '.join(written)}", err=True)
    if refused.count:
        typer.echo(f"{refused.count:,} rows could not be read; they are in {refused_path}", err=True)
        raise typer.Exit(REJECTED_ROWS)


def _rules(name_or_path: str, taxonomy: Taxonomy) -> Rules | None:
    """The response rules; without a wish the default ones, unless they do not suit the taxonomy."""
    from feedbackclf.errors import FeedbackError
    from feedbackclf.rules import read_rules

    try:
        return read_rules(name_or_path, taxonomy)
    except FeedbackError:
        if name_or_path == "default":
            return None
        raise


def _advance(progress: Callable[[int, float], None], nth: int, n_dumps: int, rows: int, share: float) -> None:
    progress(rows, (nth + share) / n_dumps if share else 0)


def _check_outputs(output: str | None, as_json: str | None) -> None:
    from feedbackclf.errors import UsageError

    if output == as_json == "-":
        raise UsageError("-o - and --json -: only one of them can go to stdout; name a file for the other")
    for option, path in (("-o", output), ("--json", as_json)):
        if path == "-" and sys.stdout.isatty():
            raise UsageError(f"{option} -: a terminal is no place for it; name a file, or pipe it on")


def _tagger(stack: ExitStack, folder: Path, jobs: int) -> Callable[[], Classify | Workers]:
    """Gives what tags raw rows; the model is loaded when it is asked for, once."""

    @cache
    def load() -> Classify | Workers:
        from feedbackclf.workers import ModelOnDisk, Workers

        on_disk = ModelOnDisk(folder)
        _ = on_disk.classifier  # loaded before the workers start, so that they share it
        return stack.enter_context(Workers(on_disk, jobs)) if jobs > 1 else on_disk

    return load


def _write(figures: Figures, output: str | None, as_json: str | None, png: Path | None) -> None:
    from feedbackclf.tables.sinks import write_output

    if as_json is not None:
        text = json.dumps(figures.to_dict(), ensure_ascii=False, indent=2, allow_nan=False)
        write_output(as_json, f"{text}\n".encode())
    if output is not None:
        from feedbackclf.report.pages.report_page import render

        write_output(output, render(figures).encode())
    if png is not None:
        from feedbackclf.report.pages.slides import draw

        draw(figures, png)

"""`feedbackclf corpus check`: is this labelled file fit to learn from?"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def corpus() -> None:
    """Look after labelled feedback.

    Example: feedbackclf corpus check corpora/ my-labels.csv
    """


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Labelled files, or folders of them.")],
    taxonomy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The heads and labels to check against, as TOML.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object instead of lines.")] = False,
    no_language_check: Annotated[
        bool, typer.Option("--no-language-check", help="Do not compare the texts with the language they say.")
    ] = False,
) -> None:
    """List what is wrong with labelled files, one line per problem with its file, row and column.

    Errors (exit code 1): unknown labels, empty texts, the same text twice or
    with different labels. Warnings: nearly the same text, labels that
    contradict the stars, texts that read as another language.

    Example: feedbackclf corpus check corpora/ my-labels.csv
    """
    from feedbackclf.corpus import read_corpus
    from feedbackclf.corpus_check import check_corpus
    from feedbackclf.taxonomy import Taxonomy, default_taxonomy

    heads = Taxonomy.from_toml(taxonomy) if taxonomy else default_taxonomy()
    found = read_corpus(paths, heads, tell=lambda note: typer.echo(note, err=True))
    detect = None
    if not no_language_check and any(example.language for example in found.examples):
        import feedbackclf

        detect = feedbackclf.load().detect_languages
    problems = check_corpus(found, heads, detect)
    errors = sum(problem.severity == "error" for problem in problems)
    counts = {"rows": len(found.examples), "errors": errors, "warnings": len(problems) - errors}
    if as_json:
        rows = [asdict(problem) for problem in problems]
        typer.echo(json.dumps({**counts, "problems": rows}, ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            typer.echo(problem)
    summary = f"{counts['rows']:,} rows in {len(found.files)} files: {errors} errors, {counts['warnings']} warnings"
    typer.echo(summary, err=True)
    if errors:
        raise typer.Exit(1)

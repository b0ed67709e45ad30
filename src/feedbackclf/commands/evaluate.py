"""`feedbackclf evaluate`: how good a model is on labelled files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    data: Annotated[list[Path], typer.Argument(metavar="DATA...", help="Labelled files, or folders of them.")],
    model: Annotated[str, typer.Option(metavar="NAME|PATH", help="The model to measure.")] = "default",
    as_json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write every figure as JSON; - is stdout.")
    ] = None,
) -> None:
    """Measure a model on labelled files: per head and language, with 95 % bootstrap intervals.

    A text counts for the heads that it is labelled for. Languages are detected as `predict` does.

    Example: feedbackclf evaluate labelled.csv --json figures.json
    """
    from feedbackclf import load
    from feedbackclf.corpus import read_corpus
    from feedbackclf.errors import FeedbackError
    from feedbackclf.evaluation import evaluate as measure
    from feedbackclf.model_card import figures, head_figures

    engine = load(model).engine_
    corpus = read_corpus(data, engine.model.taxonomy, tell=lambda note: typer.echo(note, err=True))
    for problem in corpus.problems[:20]:
        typer.echo(f"skipped: {problem}", err=True)
    if not corpus.examples:
        raise FeedbackError(f"{', '.join(map(str, data))}: no labelled text to measure on")
    report = measure(corpus.examples, engine)
    text = json.dumps(report, ensure_ascii=False, indent=2)
    if as_json is not None and str(as_json) == "-":
        typer.echo(text)
        return
    if as_json is not None:
        try:
            as_json.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise FeedbackError(f"{as_json}: cannot be written: {error.strerror}") from None
    typer.echo(figures(report, f"Model {model}", by_language=True))
    typer.echo(head_figures(report))

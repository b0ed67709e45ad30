"""`feedbackclf train`: labelled files in, a model folder out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feedbackclf.commands.progress import shown_steps

if TYPE_CHECKING:
    from feedbackclf.corpus import Corpus


def train(
    data: Annotated[list[Path], typer.Argument(metavar="DATA...", help="Labelled files, or folders of them.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Model folder: models/NAME.")],
    chosen: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Labelled texts that were chosen (for being hard, say): they teach, but do not calibrate.",
        ),
    ] = None,
    extra: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH", help="Labelled texts unlike real feedback: they teach less, and do not calibrate."
        ),
    ] = None,
    weak: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Roughly labelled texts (stars, say), learned as columns of their own."),
    ] = None,
    taxonomy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Own dimensions and heads, as TOML.  [default: built in]")
    ] = None,
    language_from: Annotated[
        str | None,
        typer.Option(metavar="NAME|PATH", help="Take over how this model tells languages.  [default: learn it]"),
    ] = None,
    phrases_from: Annotated[
        str | None,
        typer.Option(metavar="NAME|PATH", help="Take over how this model reads phrases.  [default: do without]"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Makes training reproducible.")] = 0,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, metavar="N", help="Processes.")] = os.cpu_count() or 1,
    no_progress: Annotated[
        bool, typer.Option("--no-progress", help="No progress bar, but a line for each step.")
    ] = False,
) -> None:
    """Train a model on labelled files and write its folder.

    A cell that is empty is not labelled; "none" is a label. What could not be used is listed on stderr; the
    cross-validated figures per head and language go to stdout. A model taken over by --phrases-from should have
    seen neither DATA nor --chosen, or the heads trust it too much and the figures are too good.

    Example: feedbackclf train mine.csv -o models/mine --language-from default --phrases-from default
    """
    from feedbackclf.corpus import Corpus, fingerprint, read_corpus
    from feedbackclf.learned_phrases import LearnedPhrases
    from feedbackclf.model_card import CROSS_VALIDATION, figures, model_card
    from feedbackclf.model_folder import resolve_model
    from feedbackclf.persistence import read_model, write_model
    from feedbackclf.taxonomy import Taxonomy, default_taxonomy
    from feedbackclf.training import TrainingData, train_model

    heads = Taxonomy.from_toml(taxonomy) if taxonomy else default_taxonomy()
    sources = {"": data, "chosen ": chosen, "extra ": extra, "weak ": weak}
    read = {
        role: read_corpus(paths, heads, tell=lambda note: typer.echo(note, err=True)) if paths else Corpus(())
        for role, paths in sources.items()
    }
    for role, corpus in read.items():
        _say_what_was_read(role, corpus)
    files = [file for corpus in read.values() for file in corpus.files]
    # A text whose language alone is known teaches just that.
    main = read[""].examples
    labelled = [example for example in main if example.labels]
    only_language = [example for example in main if not example.labels]
    phrases = None
    if phrases_from:
        phrases = LearnedPhrases.from_elsewhere(read_model(resolve_model(phrases_from)).phrases)
    with shown_steps(sys.stderr.isatty() and not no_progress) as say:
        trained = train_model(
            TrainingData(
                labelled,
                chosen=read["chosen "].examples,
                extra=read["extra "].examples,
                weak=read["weak "].examples,
                languages=only_language,
                phrases=phrases,
            ),
            heads,
            language=read_model(resolve_model(language_from)).language if language_from else None,
            about={"data": fingerprint(files)},
            seed=seed,
            jobs=jobs,
            say=say,
        )
    metrics = {CROSS_VALIDATION: trained.metrics}
    write_model(trained.model, output, metrics, model_card(trained.model, metrics, output.name))
    typer.echo(figures(trained.metrics, "Cross-validated", by_language=True))
    typer.echo(f"wrote {output}", err=True)


def _say_what_was_read(role: str, corpus: Corpus) -> None:
    for problem in corpus.problems[:20]:
        typer.echo(f"skipped: {problem}", err=True)
    if len(corpus.problems) > 20:
        typer.echo(f"skipped: {len(corpus.problems) - 20} more; `feedbackclf corpus check` lists all", err=True)
    if corpus.examples:
        typer.echo(f"{len(corpus.examples):,} {role}texts from {len(corpus.files)} files", err=True)

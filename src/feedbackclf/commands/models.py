"""`feedbackclf models`: what models there are, their cards, and export for scikit-learn services."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Characters that would have a terminal do things: a card may be a stranger's."""

app = typer.Typer()


@app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """List models, show their cards, export them.

    Without a command: lists those that ship, and those in ./models.

    Example: feedbackclf models show default
    """
    if context.invoked_subcommand is not None:
        return
    from feedbackclf.errors import FeedbackError
    from feedbackclf.model_folder import list_models, read_taxonomy

    for name, folder in list_models().items():
        try:
            taxonomy = read_taxonomy(folder)
        except FeedbackError as error:
            typer.echo(f"feedbackclf: skipped: {error}", err=True)
            continue
        heads = ", ".join(head.name for head in taxonomy.heads)
        typer.echo(f"{name}\t{' '.join(taxonomy.languages)}\t{heads}\t{folder}")


@app.command()
def show(name: Annotated[str, typer.Argument(metavar="NAME|PATH", help="The model.")]) -> None:
    """Print the card of a model.

    Example: feedbackclf models show default
    """
    from feedbackclf.errors import FeedbackError
    from feedbackclf.model_folder import CARD, MAX_CARD, read_bytes, resolve_model

    card = resolve_model(name) / CARD
    try:
        text = read_bytes(card, MAX_CARD).decode()
    except UnicodeDecodeError as error:
        raise FeedbackError(f"{card}: cannot be read as UTF-8: {error.reason} at byte {error.start}") from None
    typer.echo(_CONTROL.sub("", text))


@app.command()
def export(
    name: Annotated[str, typer.Argument(metavar="NAME|PATH", help="The model.")],
    to: Annotated[Path, typer.Option("--joblib", metavar="FILE", help="Where to write the estimator.")],
) -> None:
    """Write a model as an object for `joblib.load`, for services that load scikit-learn estimators that way.

    Example: feedbackclf models export default --joblib feedback.joblib
    """
    import joblib

    from feedbackclf import load
    from feedbackclf.errors import FeedbackError
    from feedbackclf.persistence import write_whole

    classifier = load(name)
    try:
        write_whole(to, lambda path: joblib.dump(classifier, path))
    except OSError as error:
        raise FeedbackError(f"{to}: cannot be written: {error.strerror}") from None
    typer.echo(
        f"wrote {to}. Warning: joblib.load runs whatever code a file holds, so load only files that you wrote "
        "yourself; it needs this version of feedbackclf. The model folder has neither drawback.",
        err=True,
    )

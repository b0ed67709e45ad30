"""`feedbackclf models`: what models there are, their cards, and export for scikit-learn services."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="List models, show their cards, export them.")


@app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """List the models: those that ship, and those in ./models.

    Example: feedbackclf models show default
    """
    if context.invoked_subcommand is not None:
        return
    from feedbackclf.model_folder import DESCRIPTION, list_models, read_json

    for name, folder in list_models().items():
        taxonomy = read_json(folder / DESCRIPTION)["taxonomy"]
        heads = ", ".join(head["name"] for head in taxonomy["heads"])
        typer.echo(f"{name}\t{' '.join(taxonomy['languages'])}\t{heads}\t{folder}")


@app.command()
def show(name: Annotated[str, typer.Argument(metavar="NAME|PATH", help="The model.")]) -> None:
    """Print the card of a model.

    Example: feedbackclf models show default
    """
    from feedbackclf.errors import FeedbackError
    from feedbackclf.model_folder import CARD, resolve_model

    card = resolve_model(name) / CARD
    try:
        typer.echo(card.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FeedbackError(f"{card}: cannot be read: {error}") from None


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

    try:
        joblib.dump(load(name), to)
    except OSError as error:
        raise FeedbackError(f"{to}: cannot be written: {error.strerror}") from None
    typer.echo(
        f"wrote {to}. Warning: joblib.load runs whatever code a file holds, so load only files that you wrote "
        "yourself; it needs this version of feedbackclf. The model folder has neither drawback.",
        err=True,
    )

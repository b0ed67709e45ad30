"""The command line: one thin file per command, and one place that turns mistakes into one line and an exit code."""

from __future__ import annotations

import atexit
import gc
import inspect
import sys
from typing import Any

import typer

from feedbackclf.commands import corpus, models
from feedbackclf.commands.evaluate import evaluate
from feedbackclf.commands.exit_codes import FAILED, WRONG_USAGE
from feedbackclf.commands.explain import explain
from feedbackclf.commands.predict import predict
from feedbackclf.commands.report import report
from feedbackclf.commands.serve import serve
from feedbackclf.commands.train import train
from feedbackclf.errors import FeedbackError, UsageError, where

GARBAGE = 1_000_000
"""New objects until Python looks for garbage. Imports make many and no garbage, and looking takes a while."""

FIRST_STEPS = """\
feedbackclf tags customer feedback with its language, its sentiment, and what it
praises or criticises. Nothing leaves this machine.

Tag a file:
  feedbackclf predict reviews.csv -o tagged.csv

See what it says:
  feedbackclf report tagged.csv -o report.html

Train a model on your own labels:
  feedbackclf train my-labels.csv -o models/mine --language-from default

To see why a text gets its labels:
  feedbackclf explain "Quick delivery, but the zip broke"

All commands: feedbackclf --help. Each has its own: feedbackclf predict --help"""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(predict)
app.command()(report)
app.command()(train)
app.command()(evaluate)
app.command()(explain)
app.command()(serve)
app.add_typer(corpus.app, name="corpus")
app.add_typer(models.app, name="models")


@app.callback(invoke_without_command=True)
def feedbackclf(context: typer.Context) -> None:
    """Tag customer feedback with language, sentiment and service dimensions.

    Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done with
    rejected rows, 130 interrupted.

    Example: feedbackclf predict reviews.csv -o tagged.csv
    """
    if context.invoked_subcommand is None:  # someone looks around, which is no mistake
        typer.echo(FIRST_STEPS)


def _reflow(group: typer.Typer) -> None:
    """Break the lines of help where the terminal ends, and not where those of the source do."""
    described: list[Any] = [*group.registered_commands, *filter(None, [group.registered_callback])]
    for command in described:
        paragraphs = (inspect.getdoc(command.callback) or "").split("\n\n")
        command.help = "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in paragraphs)


for _group in (app, corpus.app, models.app):
    _reflow(_group)


def main() -> None:
    """Run the command line."""
    gc.set_threshold(GARBAGE)
    atexit.register(gc.freeze)  # nor does it look at the end at what is about to go anyway
    try:
        app()
    except UsageError as error:
        _stop(str(error), WRONG_USAGE)
    except FeedbackError as error:
        _stop(str(error), FAILED)
    except MemoryError:
        _stop("there is not enough memory; try fewer --jobs", FAILED)
    except Exception as error:
        _stop(
            f"this is a mistake in feedbackclf; please report it with these lines, which hold no text:\n{where(error)}",
            FAILED,
        )


def _stop(message: str, code: int) -> None:
    print(f"feedbackclf: {message}", file=sys.stderr)
    sys.exit(code)

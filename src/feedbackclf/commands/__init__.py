"""The command line: one thin file per command, and one place that turns mistakes into one line and an exit code."""

from __future__ import annotations

import atexit
import gc
import sys

import typer

from feedbackclf.commands import corpus, models
from feedbackclf.commands.evaluate import evaluate
from feedbackclf.commands.explain import explain
from feedbackclf.commands.predict import predict
from feedbackclf.commands.report import report
from feedbackclf.commands.train import train
from feedbackclf.errors import FeedbackError, UsageError, where

FAILED, WRONG_USAGE = 1, 2
GARBAGE = 1_000_000
"""New objects until Python looks for garbage. Imports make many and no garbage, and looking takes a while."""

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(predict)
app.command()(report)
app.command()(train)
app.command()(evaluate)
app.command()(explain)
app.add_typer(corpus.app, name="corpus")
app.add_typer(models.app, name="models")


@app.callback()
def feedbackclf() -> None:
    """Tag customer feedback with language, sentiment and service dimensions.

    Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done with
    rejected rows, 130 interrupted.

    Example: feedbackclf predict reviews.csv -o tagged.csv
    """


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

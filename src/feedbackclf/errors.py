"""Mistakes a user can mend: one line that says what is wrong, where, and what to do."""

from __future__ import annotations

import reprlib
import traceback


class FeedbackError(Exception):
    """A problem with a file, an option or a model that its user can put right.

    The message is one line for a person; it never holds the text of a customer.
    """


class UsageError(FeedbackError):
    """The command was called the wrong way: an option or a column that cannot be (exit code 2)."""


class StoppedError(FeedbackError):
    """A run cannot go on for a reason that does not lie in its inputs, such as a full disk."""


def where(error: BaseException) -> str:
    """Where an error that nobody expected came from, line by line. Its message may quote a text, and is left out."""
    notes = [note for note in getattr(error, "__notes__", []) if isinstance(note, str)]
    return "".join([*notes, *traceback.format_tb(error.__traceback__), type(error).__name__])


def is_worth_keeping(kind: type[BaseException] | None) -> bool:
    """Whether what was done before an error can be gone on after, when the cause of the error is gone."""
    return kind is not None and issubclass(kind, KeyboardInterrupt | MemoryError | StoppedError)


def shown(*values: object) -> str:
    """Values of a stranger's file for a message: on one line, and not all of what is long, many or deep."""
    return ", ".join(map(reprlib.repr, values[:3]))

"""Mistakes a user can mend: one line that says what is wrong, where, and what to do."""

from __future__ import annotations


class FeedbackError(Exception):
    """A problem with a file, an option or a model that its user can put right.

    The message is one line for a person; it never holds the text of a customer.
    """


class UsageError(FeedbackError):
    """The command was called the wrong way: an option or a column that cannot be (exit code 2)."""

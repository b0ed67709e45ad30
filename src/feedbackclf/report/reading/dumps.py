"""Which inputs make up one dump."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feedbackclf.errors import UsageError
from feedbackclf.report.reading.source import source_name
from feedbackclf.tables import STDIO, expand_inputs
from feedbackclf.tables.names import named


@dataclass(frozen=True)
class Dump:
    """Files that are read as one.

    Attributes:
        name: what it is called.
        paths: of the files, or `-`.
    """

    name: str
    paths: tuple[str, ...]


def dumps_of(arguments: Sequence[str], *, together: bool) -> list[Dump]:
    """The dumps that the arguments of a command mean: two if there are exactly two arguments, else one.

    A pattern is one argument, however many files it matches.

    Args:
        arguments: files, patterns of files, or `-`.
        together: two arguments are one dump as well.

    Raises:
        UsageError: a file is there twice in one dump, or stdin in two.
        FeedbackError: a pattern matches no file.
    """
    found = [(argument, expand_inputs([argument])) for argument in arguments]
    if list(arguments).count(STDIO) > 1:
        raise UsageError("-: stdin can be read once; name files")
    if len(found) == 2 and not together:
        return [Dump(_name(paths, argument), _once(paths)) for argument, paths in found]
    paths = [path for _, some in found for path in some]
    return [Dump(_name(paths, arguments[0] if len(arguments) == 1 else None), _once(paths))]


def _name(paths: Sequence[str], argument: str | None) -> str:
    if len(paths) == 1:
        return source_name(paths[0])
    return f"{len(paths)} files" if argument is None else f"{source_name(argument)} ({len(paths)} files)"


def _once(paths: Sequence[str]) -> tuple[str, ...]:
    twice = next((path for path in paths if list(paths).count(path) > 1), None)
    if twice is not None:
        raise UsageError(f"{named(twice)} is named twice, and its rows would count twice; name it once")
    return tuple(paths)

"""The inputs of a run as one stream of batches with one set of columns."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from feedbackclf.errors import UsageError
from feedbackclf.tables import Reader, RejectsFile, find_text_column, open_reader
from feedbackclf.tables.sources import size_of


@dataclass(frozen=True)
class Work:
    """A batch of n rows, and what is to be labelled of it.

    Attributes:
        path: the input that it is from.
        batch: all columns.
        text_column: the name of the one with the texts.
        texts: strings, null where there is none, shape (n,).
        languages: codes, null where it is to be detected; None if no language is known.
        share: how much of all inputs is read with this batch, from 0 to 1; 0 if that cannot be told.
    """

    path: str
    batch: pa.RecordBatch
    text_column: str
    texts: pa.Array
    languages: pa.Array | None
    share: float = 0.0


@dataclass(frozen=True)
class Inputs:
    """All inputs as one stream of batches with one set of columns.

    Attributes:
        paths: files, or `-` for stdin. Tables need the same columns, in any order; the objects of JSONL that goes to
            JSONL may differ.
        format: of the inputs, by default what their extensions say.
        encoding: of text files, by default what they look like.
        delimiter: of CSV and TSV, by default what they look like.
        sheet: of workbooks, by default the first that is visible.
        text_column: by default found by name.
        language_column: the column with the language of each row; an empty cell is detected.
        language: the language of all rows. It does not go with `language_column`.
    """

    paths: Sequence[str]
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    text_column: str | None = None
    language_column: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        if self.language is not None and self.language_column is not None:
            raise UsageError("--language and --language-column: give one of them")

    def batches(
        self, label_names: Sequence[str], rejects: RejectsFile, *, as_table: bool, tell: Callable[[str], None]
    ) -> Generator[Work, None, None]:
        """Read everything.

        Args:
            label_names: columns that will be added.
            rejects: gets the rows that cannot be read.
            as_table: whether every row needs all columns.
            tell: is called with what the user should know about an input.

        Raises:
            UsageError: a column is missing, is there already, or differs between inputs.
            FeedbackError: a file cannot be read.
        """
        shared: list[str] | None = None
        before = 0.0
        for path, part in zip(self.paths, _parts(self.paths), strict=True):
            with self._open(path, as_table) as reader:
                _tell_all(reader.notes, tell)
                names = reader.column_names
                shared = shared or names
                if as_table or reader.format != "jsonl":
                    _check_same_columns(path, names, self.paths[0], shared)
                text = find_text_column(names, self.text_column, path)
                if self.language_column is not None and self.language_column not in names:
                    there = ", ".join(names)
                    raise UsageError(f"{path}: no --language-column {self.language_column!r}; the columns are: {there}")
                for batch in reader:
                    _check_free(path, reader.column_names, label_names)
                    rejects.take(reader.rejected)
                    _tell_all(reader.notes, tell)
                    if names != shared and as_table:
                        batch = batch.select([*shared, *(set(batch.schema.names) - set(names))])
                    share = before + part * reader.share
                    yield Work(path, batch, text, _text_of(batch, text, path), self._languages(batch, path), share)
                rejects.take(reader.rejected)
                _tell_all(reader.notes, tell)
            before += part

    def _open(self, path: str, all_columns: bool) -> Reader:
        options = {"format": self.format, "encoding": self.encoding, "delimiter": self.delimiter, "sheet": self.sheet}
        return open_reader(path, **options, all_columns=all_columns)

    def _languages(self, batch: pa.RecordBatch, path: str) -> pa.Array | None:
        if self.language is not None:
            return pa.repeat(pa.scalar(self.language, pa.string()), batch.num_rows)
        if self.language_column is None:
            return None
        return known_languages(_text_of(batch, self.language_column, path))


def known_languages(written: pa.Array) -> pa.Array:
    """Language codes as people write them, in lower case; null where there is none."""
    codes = pc.utf8_lower(pc.utf8_trim_whitespace(written))
    return pc.if_else(pc.equal(codes, ""), None, codes)


def _parts(paths: Sequence[str]) -> list[float]:
    """What part of the bytes of all files each has; zeros if one has no size, such as stdin."""
    sizes = [size_of(path) for path in paths]
    return [size / sum(sizes) if all(sizes) else 0.0 for size in sizes]


def _tell_all(notes: list[str], tell: Callable[[str], None]) -> None:
    while notes:
        tell(notes.pop(0))


def _check_same_columns(path: str, names: Sequence[str], first: str, shared: Sequence[str]) -> None:
    less = [name for name in shared if name not in names]
    more = [name for name in names if name not in shared]
    if less or more:
        what = f"lacks {', '.join(less)}" if less else f"has {', '.join(more)} as well"
        raise UsageError(f"{path}: the columns are not those of {first}: it {what}; tag the files one by one")


def _check_free(path: str, names: Sequence[str], label_names: Sequence[str]) -> None:
    taken = next((name for name in label_names if name in names), None)
    if taken is not None:
        raise UsageError(f"{path}: has a column {taken!r} already; pass --prefix pred_ to name the labels otherwise")


def _text_of(batch: pa.RecordBatch, name: str, path: str) -> pa.Array:
    column = batch.column(name)
    try:
        return column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        raise UsageError(f"{path}: column {name!r} is no text, but {column.type}; choose another column") from None

"""Labelled feedback: reading it from files, and saying what is wrong with them.

A corpus file is a table (JSONL, CSV, TSV or Parquet, gzipped or not) with the column `text` and any of: one
column per head of the taxonomy, `language`, `rating` and `group`. A cell that is empty, null or absent is *not
labelled*; the label `none` is a label. Other columns are ignored.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from feedbackclf.errors import FeedbackError
from feedbackclf.tables import read_rows
from feedbackclf.taxonomy import Head, Taxonomy

CORPUS_SUFFIXES = (".jsonl", ".csv", ".tsv", ".parquet")

Severity = Literal["error", "warning"]

# A misplaced column may hold what customers wrote, so only what looks like a label is ever quoted.
_QUOTABLE = re.compile(r"[\w.+-]{1,20}")
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True)
class Example:
    """One feedback text and what is known about it.

    `labels` maps head names to labels; a head that is absent is not labelled. `language` may be a code outside
    the taxonomy's languages. `rating` is in stars. Examples with the same `group` (parallel translations, say)
    belong in one cross-validation fold. `file` and `row` tell where the example was read.
    """

    text: str
    language: str | None
    labels: Mapping[str, str]
    rating: float | None
    group: str | None
    file: str
    row: int

    def label_index(self, head: Head) -> int:
        """Place of the label in the head's labels; -1 if the example is not labelled for it."""
        label = self.labels.get(head.name)
        return -1 if label is None else head.labels.index(label)


@dataclass(frozen=True)
class Problem:
    """Something to mend in a labelled file; `message` never holds the text of a customer."""

    file: str
    row: int
    column: str
    kind: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        note = " (warning)" if self.severity == "warning" else ""
        return f"{self.file}:{self.row}: {self.column}: {self.message}{note}"


@dataclass(frozen=True)
class Corpus:
    """The examples of one or more files in reading order, and the cells and rows that had to be left out."""

    examples: tuple[Example, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The files that gave at least one example, in reading order."""
        return tuple(dict.fromkeys(example.file for example in self.examples))


def read_corpus(
    paths: Sequence[Path | str], taxonomy: Taxonomy, *, tell: Callable[[str], None] = lambda note: None
) -> Corpus:
    """Read labelled files, and those below folders.

    A cell that cannot be used is a `Problem` and counts as not labelled; a row without text is a `Problem` and is
    left out. Files without labels (`sample.csv`) are passed over in folders. A file named twice is read once.
    `tell` is called with what was detected about a file (its encoding) and might surprise.

    Raises:
        FeedbackError: a path does not exist, a file cannot be read, has no column `text`, or (when it is named
            itself) has no column to learn from; or nothing is left to read.
    """
    examples: list[Example] = []
    problems: list[Problem] = []
    seen: set[Path] = set()
    for path, is_named in _files(paths):
        if path.resolve() in seen:
            continue
        seen.add(path.resolve())
        for found in _read_file(str(path), taxonomy, is_named, tell):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                examples.append(found)
    if not examples and not problems:
        where = ", ".join(str(path) for path in paths) or "no path given"
        raise FeedbackError(f"{where}: no labelled rows; name a file with `text` and {_wanted(taxonomy)}")
    return Corpus(tuple(examples), tuple(problems))


def fingerprint(files: Sequence[Path | str]) -> dict[str, dict[str, str | int]]:
    """What the files held: name → `{"sha256": hex digest of the bytes, "rows": number of rows}`.

    A name is as many trailing parts of the path as tell the files apart, so it does not depend on the machine.

    Raises:
        FeedbackError: a file cannot be read.
    """
    paths = list(dict.fromkeys(Path(file).resolve() for file in files))
    prints: dict[str, dict[str, str | int]] = {}
    for path in sorted(paths):
        try:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise FeedbackError(f"{path}: cannot be read: {error.strerror}") from None
        prints[_short_name(path, paths)] = {"sha256": digest, "rows": sum(1 for _ in read_rows(str(path)))}
    return prints


def _files(paths: Sequence[Path | str]) -> Iterator[tuple[Path, bool]]:
    """Every file to read, and whether the user named it (rather than a folder above it)."""
    for path in map(Path, paths):
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
                if (
                    file.is_file()
                    and not hidden
                    and file.name.removesuffix(".gz").removesuffix(".zst").endswith(CORPUS_SUFFIXES)
                ):
                    yield file, False
        elif path.exists():
            yield path, True
        else:
            raise FeedbackError(f"{path}: there is no such file or folder; check the path")


def _read_file(
    file: str, taxonomy: Taxonomy, is_named: bool, tell: Callable[[str], None]
) -> Iterator[Example | Problem]:
    rows = list(read_rows(file, tell=tell))
    if is_named and not rows:
        raise FeedbackError(f"{file}: no rows; name a file with labelled feedback")
    columns = {column for _, row in rows for column in row}
    if columns.isdisjoint({"language", "rating", *(head.name for head in taxonomy.heads)}):
        if is_named:
            raise FeedbackError(f"{file}: nothing to learn from; it needs {_wanted(taxonomy)}")
        return
    if "text" not in columns:
        raise FeedbackError(f"{file}: no column `text`; name the column with the feedback `text`")
    for number, row in rows:
        yield from _read_row(row, taxonomy, file, number)


def _read_row(row: Mapping[str, Any], taxonomy: Taxonomy, file: str, number: int) -> Iterator[Example | Problem]:
    text = _cell(row.get("text"))
    if not text:
        yield Problem(file, number, "text", "empty-text", "the text is empty; fill it in or delete the row")
        return

    language: str | None = _cell(row.get("language")).lower() or None
    if language is not None and not _LANGUAGE_CODE.fullmatch(language):
        message = f"{_quote(language)} is no language code; write two or three letters such as nl"
        yield Problem(file, number, "language", "unknown-language", message)
        language = None

    rating: float | None = None
    if stars := _cell(row.get("rating")):
        low, high = _star_range(taxonomy.heads)
        rating = _number(stars)
        if rating is None or not low <= rating <= high:
            message = f"{_quote(stars)} is no rating; write a number from {low:g} to {high:g}, or nothing"
            yield Problem(file, number, "rating", "bad-rating", message)
            rating = None

    labels: dict[str, str] = {}
    for head in taxonomy.heads:
        label = _cell(row.get(head.name))
        if label in head.labels:
            labels[head.name] = label
        elif label:
            message = f"unknown label {_quote(label)}; use one of {', '.join(head.labels)}, or nothing"
            yield Problem(file, number, head.name, "unknown-label", message)

    yield Example(text, language, labels, rating, _cell(row.get("group")) or None, file, number)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).strip()


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _star_range(heads: Sequence[Head]) -> tuple[float, float]:
    stars = [star for head in heads for star in head.from_rating or {}]
    return (min(stars), max(stars)) if stars else (1, 5)


def _quote(value: str) -> str:
    return repr(value) if _QUOTABLE.fullmatch(value) else f"a value of {len(value)} characters"


def _wanted(taxonomy: Taxonomy) -> str:
    return f"a column out of {', '.join(head.name for head in taxonomy.heads)}, rating, language"


def _short_name(path: Path, paths: Sequence[Path]) -> str:
    for length in range(1, len(path.parts)):
        tail = path.parts[-length:]
        if Counter(other.parts[-length:] for other in paths)[tail] == 1:
            return "/".join(tail)
    return path.as_posix()

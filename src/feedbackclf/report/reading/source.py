"""From files to `Feedback`: tagged ones as they are, others tagged on the way. No text is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feedbackclf.errors import FeedbackError
from feedbackclf.inputs import Inputs, Work
from feedbackclf.report.feedback import Feedback, Grouping
from feedbackclf.report.reading.columns import MOST_GIVEN_VALUES, MOST_VALUES, Columns, Wanted
from feedbackclf.report.reading.labels import Place, label_codes, probabilities
from feedbackclf.report.reading.numbers import trimmed
from feedbackclf.report.reading.roles import label_columns, may_group
from feedbackclf.tables import RAW_JSON, STDIO, Rejected, RejectsFile
from feedbackclf.tables.names import listed, named
from feedbackclf.tagging import labelled
from feedbackclf.taxonomy import UNDETERMINED, Taxonomy
from feedbackclf.workers import Classify, Workers

FILE, LANGUAGE = "file", "language"
"""Breakdowns that are no columns of a raw file."""
NOTHING = Wanted()


class NumberedRejects(RejectsFile):
    """A file of rejects that remembers which rows they are, so that the others get the numbers that a user finds."""

    def __init__(self, path: str, *, strict: bool = False) -> None:
        super().__init__(path, strict=strict)
        self.rows: defaultdict[str, list[int]] = defaultdict(list)

    def take(self, rejected: list[Rejected]) -> None:
        taken = rejected.copy()
        del rejected[: len(taken)]  # a reader may add to its list from another thread
        for reject in taken:
            self.rows[reject.file].append(reject.row)
        super().take(taken)

    def numbers(self, path: str, n: int) -> NDArray[np.int32]:
        """The numbers of the first n rows of a file that were not rejected, from 1, shape (n,)."""
        rejected = self.rows[path]
        return np.setdiff1d(np.arange(1, n + len(rejected) + 1, dtype=np.int32), rejected)[:n]


@dataclass(frozen=True)
class TaggedBatch:
    """n rows with their texts, for those who look for quotes while the file goes by.

    Attributes:
        first: the place of the first row in `Feedback`.
        texts: strings, null where there is none, shape (n,).
        language: as in `Feedback`, shape (n,).
        codes, confidence: by head, as in `Feedback`, shape (n,) each.
    """

    first: int
    texts: pa.Array
    language: NDArray[np.int16]
    codes: Mapping[str, NDArray[np.int16]]
    confidence: Mapping[str, NDArray[np.float32]]


def read_feedback(
    inputs: Inputs,
    taxonomy: Taxonomy,
    classify: Callable[[], Classify | Workers],
    rejects: NumberedRejects,
    *,
    name: str,
    prefix: str = "",
    wanted: Wanted = NOTHING,
    see: Callable[[TaggedBatch], None] | None = None,
    progress: Callable[[int, float], None] = lambda rows, share: None,
    tell: Callable[[str], None] = lambda note: None,
) -> Feedback:
    """Read tables that `predict` wrote, or raw ones. Memory: less than 100 bytes a row, however long texts are.

    Args:
        inputs: the tables.
        taxonomy: of the model that tagged them, or will.
        classify: gives what tags rows; it is called if there are raw ones.
        rejects: gets the rows that cannot be read.
        name: what the whole is called.
        prefix: of the names of the label columns.
        wanted: columns that are given; the others are found.
        see: gets every batch with its texts.
        progress: is called with the number of rows that were just read, and `Work.share` of the last of them.
        tell: is called with what the user should know at once; it is also among the notes of the result.

    Raises:
        UsageError: a column is missing.
        FeedbackError: a file cannot be read, or a label or probability in it is none.
    """
    paths: list[str] = []
    counts: list[int] = []
    kept: list[_Numbers] = []
    notes: list[str] = []

    def note(line: str) -> None:
        notes.append(line)
        tell(line)

    names = label_columns(taxonomy, prefix)
    columns = Columns(wanted, made=[LANGUAGE, names[LANGUAGE], FILE])
    with closing(inputs.batches([], rejects, as_table=False, tell=note)) as work:
        for item, labels in _with_labels(work, names, classify, note):
            if not paths or paths[-1] != item.path:
                columns.check(item.path, item.batch.schema.names)
                paths.append(item.path)
                counts.append(0)
            row = _row_in(rejects, item.path, counts[-1])
            numbers = _numbers(item, labels, taxonomy, names, row)
            if see is not None:
                see(TaggedBatch(sum(counts), item.texts, numbers.language, numbers.codes, numbers.confidence))
            kept.append(numbers)
            columns.add(item.batch, _others(item, names, prefix))
            counts[-1] += item.batch.num_rows
            progress(item.batch.num_rows, item.share)
    found = columns.found()
    for line in found.notes:
        note(line)
    language = np.concatenate([numbers.language for numbers in kept])
    source = np.repeat(np.arange(len(paths), dtype=np.int32), counts)
    feedback = Feedback(
        name=name,
        sources=_different_names(paths),
        source=source,
        row=np.concatenate([rejects.numbers(path, n) for path, n in zip(paths, counts, strict=True)]),
        has_text=np.concatenate([numbers.has_text for numbers in kept]),
        language=language,
        codes={head.name: np.concatenate([x.codes[head.name] for x in kept]) for head in taxonomy.heads},
        confidence={
            head.name: np.concatenate([x.confidence[head.name] for x in kept])
            for head in taxonomy.heads
            if head.confidence
        },
        rating=found.rating,
        rating_column=found.rating_column,
        date=found.date,
        date_column=found.date_column,
        groups={},
        notes=tuple(notes),
    )
    return replace(feedback, groups=_groupings(feedback, found.groups, taxonomy, names[LANGUAGE], wanted))


@dataclass(frozen=True)
class _Numbers:
    """What is kept of a batch."""

    has_text: NDArray[np.bool_]
    language: NDArray[np.int16]
    codes: Mapping[str, NDArray[np.int16]]
    confidence: Mapping[str, NDArray[np.float32]]


def source_name(path: str) -> str:
    """What a file is called."""
    return "stdin" if path == STDIO else Path(path).name


def _different_names(paths: Sequence[str]) -> tuple[str, ...]:
    """What files are called, in full if two of different folders have the same name."""
    names = tuple(map(source_name, paths))
    return names if len(set(names)) == len(names) else tuple(paths)


def _with_labels(
    work: Iterator[Work],
    names: Mapping[str, str],
    classify: Callable[[], Classify | Workers],
    note: Callable[[str], None],
) -> Iterator[tuple[Work, pa.RecordBatch]]:
    """Batches, each with one of its labels, whose columns are called as in the taxonomy."""
    first = next(work, None)
    if first is None:
        return
    work = chain([first], work)
    missing = [column for column in names.values() if column not in first.batch.schema.names]
    if missing:
        if len(missing) < len(names) / 2:
            note(f"{first.path}: lacks {listed(map(named, missing))}, so that all its rows are tagged anew")
        yield from labelled(work, classify())
        return
    for item in work:
        lost = [column for column in names.values() if column not in item.batch.schema.names]
        if lost:
            raise FeedbackError(f"{item.path}: no column {named(lost[0])}, which {first.path} has; tag all or none")
        yield item, item.batch.select(list(names.values())).rename_columns(list(names))


def _numbers(
    item: Work, labels: pa.RecordBatch, taxonomy: Taxonomy, names: Mapping[str, str], row: Callable[[int], int]
) -> _Numbers:
    def place(name: str) -> Place:
        return Place(item.path, names[name], row)

    languages = (*taxonomy.languages, UNDETERMINED)
    confident = [head for head in taxonomy.heads if head.confidence]
    return _Numbers(
        has_text=trimmed(item.texts).is_valid().to_numpy(zero_copy_only=False),
        language=label_codes(labels.column(LANGUAGE), languages, place(LANGUAGE)),
        codes={h.name: label_codes(labels.column(h.name), h.labels, place(h.name)) for h in taxonomy.heads},
        confidence={
            head.name: probabilities(labels.column(f"{head.name}_confidence"), place(f"{head.name}_confidence"))
            for head in confident
        },
    )


def _row_in(rejects: NumberedRejects, path: str, before: int) -> Callable[[int], int]:
    return lambda place: int(rejects.numbers(path, before + place + 1)[-1])


def _others(item: Work, names: Mapping[str, str], prefix: str) -> list[str]:
    taken = {item.text_column, RAW_JSON}
    return [name for name in item.batch.schema.names if name not in taken and may_group(name, names.values(), prefix)]


def _groupings(
    feedback: Feedback, found: Mapping[str, Grouping], taxonomy: Taxonomy, language: str, wanted: Wanted
) -> dict[str, Grouping]:
    """The columns that divide the rows, and the language and the file, which may be no columns."""
    groups = {}
    if {LANGUAGE, language} & set(wanted.group_by) or not wanted.group_by:
        is_known = feedback.told & (feedback.language < len(taxonomy.languages))  # `und` is no language
        groups[language] = Grouping(taxonomy.languages, np.where(is_known, feedback.language, -1).astype(np.int16))
    groups.update(found)
    several = 2 <= len(feedback.sources) <= (MOST_GIVEN_VALUES if FILE in wanted.group_by else MOST_VALUES)
    if several and (FILE in wanted.group_by or not wanted.group_by) and FILE not in groups:
        groups[FILE] = Grouping(feedback.sources, feedback.source.astype(np.int16))
    return groups

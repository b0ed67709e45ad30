"""Tables in, the same tables with labels out: the loop between the reader, the classifier and the writer."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from feedbackclf.errors import UsageError
from feedbackclf.tables import (
    STDIO,
    RejectsFile,
    Writer,
    find_text_column,
    format_of,
    open_reader,
    open_writer,
)
from feedbackclf.taxonomy import UNSURE
from feedbackclf.workers import Classify, Workers

if TYPE_CHECKING:
    from concurrent.futures import Future


@dataclass(frozen=True)
class TaggingResult:
    """What was done.

    Attributes:
        rows: that were written.
        rejected: rows that could not be read.
        unsure: how many labels of each head were left out for want of confidence.
        seconds: that it took.
    """

    rows: int
    rejected: int
    unsure: Mapping[str, int]
    seconds: float


def tag_files(
    inputs: Sequence[str],
    output: str,
    classify: Classify | Workers,
    *,
    columns: Sequence[str],
    format: str | None = None,
    output_format: str | None = None,
    text_column: str | None = None,
    language_column: str | None = None,
    language: str | None = None,
    prefix: str = "",
    encoding: str = "utf-8",
    rejects: str | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> TaggingResult:
    """Write every row of `inputs`, in order and unchanged, followed by its labels, to `output`.

    The need for memory does not depend on the length of the inputs, nor the output on the number of workers.

    Args:
        inputs: files, or `-` for stdin. Tables need the same columns, in any order; the objects of JSONL that
            goes to JSONL may differ.
        output: a file, which appears only when all is done, or `-` for stdout.
        classify: gives the labels, here or in worker processes. It also gets batches of zero rows.
        columns: the label columns of `classify`, in order; they are written as `prefix` + name.
        format: of the inputs, by default what their extensions say.
        output_format: by default what the extension says; on stdout that of the first input.
        text_column: by default found by name.
        language_column: the column with the language of each row; an empty cell is detected.
        language: the language of all rows. It does not go with `language_column`.
        encoding: of the inputs; what is written is UTF-8.
        rejects: where rows that could not be read go as JSONL, if there are any; by default
            `<output>.rejects.jsonl`, or `feedbackclf.rejects.jsonl` in the working folder.
        progress: is called with the number of rows that were just written.

    Raises:
        UsageError: a column is missing, is there already, or differs between inputs; or options contradict.
        FeedbackError: a file cannot be read or written. `output` is then as it was before.
    """
    if language is not None and language_column is not None:
        raise UsageError("--language and --language-column: give one of them")
    if output_format is None and output == STDIO:
        output_format = format_of(inputs[0], format)
    output_format = format_of(output, output_format, writing=True)
    started = time.perf_counter()
    rows, unsure = 0, Counter[str]()
    with ExitStack() as stack:
        refused = stack.enter_context(RejectsFile(rejects or RejectsFile.default_path(output)))
        source = _Source(inputs, format, encoding, output_format, text_column, language_column, language)
        names = [prefix + name for name in columns]
        work = stack.enter_context(closing(source.batches(names, refused)))
        writer: Writer | None = None
        for batch, labels in _labelled(work, classify):
            if writer is None:  # not sooner: a mistake in the options leaves nothing behind, not even on stdout
                writer = stack.enter_context(open_writer(output, format=output_format))
            writer.write(_beside(batch, labels.select(list(columns)), names, plain=output_format == "parquet"))
            rows += batch.num_rows
            if UNSURE in columns:
                unsure.update(_count_words(labels.column(UNSURE)))
            progress(batch.num_rows)
    return TaggingResult(rows, refused.count, unsure, time.perf_counter() - started)


@dataclass(frozen=True)
class _Work:
    batch: pa.RecordBatch
    texts: pa.Array
    languages: pa.Array | None


@dataclass(frozen=True)
class _Source:
    """All inputs as one stream of batches with one set of columns."""

    inputs: Sequence[str]
    format: str | None
    encoding: str
    output_format: str
    text_column: str | None
    language_column: str | None
    language: str | None

    def batches(self, label_names: Sequence[str], rejects: RejectsFile) -> Generator[_Work, None, None]:
        shared: list[str] | None = None
        as_table = self.output_format != "jsonl"
        for path in self.inputs:
            with open_reader(path, format=self.format, encoding=self.encoding, all_columns=as_table) as reader:
                names = reader.column_names
                shared = shared or names
                if as_table or reader.format != "jsonl":
                    _check_same_columns(path, names, self.inputs[0], shared)
                text = find_text_column(names, self.text_column, path)
                if self.language_column is not None and self.language_column not in names:
                    there = ", ".join(names)
                    raise UsageError(f"{path}: no --language-column {self.language_column!r}; the columns are: {there}")
                for batch in reader:
                    _check_free(path, reader.column_names, label_names)
                    rejects.take(reader.rejected)
                    if names != shared and as_table:
                        batch = batch.select([*shared, *(set(batch.schema.names) - set(names))])
                    yield _Work(batch, _text_of(batch, text, path), self._languages(batch, path))
                rejects.take(reader.rejected)

    def _languages(self, batch: pa.RecordBatch, path: str) -> pa.Array | None:
        if self.language is not None:
            return pa.repeat(pa.scalar(self.language, pa.string()), batch.num_rows)
        if self.language_column is None:
            return None
        codes = pc.utf8_lower(pc.utf8_trim_whitespace(_text_of(batch, self.language_column, path)))
        return pc.if_else(pc.equal(codes, ""), None, codes)


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


def _beside(batch: pa.RecordBatch, labels: pa.RecordBatch, names: Sequence[str], *, plain: bool) -> pa.RecordBatch:
    """The columns of a batch and then its labels, as plain strings if need be (text formats are quicker without)."""
    columns = labels.columns
    if plain:
        columns = [c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in columns]
    fields = [pa.field(name, column.type) for name, column in zip(names, columns, strict=True)]
    schema = pa.schema([*batch.schema, *fields], metadata=batch.schema.metadata)
    return pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)


def _count_words(column: pa.DictionaryArray) -> Counter[str]:
    """How often each word stands in a column of few different strings."""
    counts: Counter[str] = Counter()
    for row in pc.value_counts(column.dictionary_decode()).to_pylist():
        counts.update(dict.fromkeys(row["values"].split(), row["counts"]))
    return counts


def _labelled(work: Iterator[_Work], classify: Classify | Workers) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    """Batches and their labels in order. Of those with workers few are under way at any time."""
    if not isinstance(classify, Workers):
        for item in work:
            yield item.batch, classify(item.texts, item.languages)
        return
    waiting: deque[tuple[pa.RecordBatch, Future[pa.RecordBatch]]] = deque()
    for item in work:
        waiting.append((item.batch, classify.submit(item.texts, item.languages)))
        if len(waiting) > 2 * classify.jobs:
            batch, labels = waiting.popleft()
            yield batch, labels.result()
    for batch, labels in waiting:
        yield batch, labels.result()

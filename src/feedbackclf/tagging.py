"""Tables in, the same tables with labels out: the loop between the reader, the classifier and the writer."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from feedbackclf import __version__
from feedbackclf.errors import UsageError
from feedbackclf.inputs import Inputs, Work
from feedbackclf.outputs import Dressing, mask_rows
from feedbackclf.resuming import Checkpoint, Journal, can_go_on, fingerprints
from feedbackclf.tables import STDIO, WRITABLE, RejectsFile, Writer, format_of, open_writer, part_of
from feedbackclf.taxonomy import UNSURE
from feedbackclf.workers import Classify, Workers

if TYPE_CHECKING:
    from concurrent.futures import Future


@dataclass(frozen=True)
class TaggingResult:
    """What was done.

    Attributes:
        rows: that were written.
        resumed: how many of these a stopped run had written before.
        rejected: rows that could not be read.
        unsure: how many labels of each head were left out for want of confidence.
        seconds: that it took.
    """

    rows: int
    resumed: int
    rejected: int
    unsure: Mapping[str, int]
    seconds: float


def tag_files(
    inputs: Inputs,
    output: str,
    classify: Classify | Workers,
    *,
    columns: Sequence[str],
    output_format: str | None = None,
    prefix: str = "",
    redact: bool = False,
    excel_safe: bool = False,
    rejects: str | None = None,
    strict: bool = False,
    resume: bool = False,
    origin: Mapping[str, Any] | None = None,
    progress: Callable[[int, float], None] = lambda rows, share: None,
    tell: Callable[[str], None] = lambda note: None,
) -> TaggingResult:
    """Write every row of the inputs, in order and unchanged, followed by its labels, to `output`.

    The need for memory does not depend on the length of the inputs, nor the output on the number of workers. Where
    inputs and output are files, a run that was stopped (Ctrl-C, a full disk, killed, a power cut) can be gone on after.

    Args:
        inputs: files, or stdin.
        output: a file, which appears only when all is done, or `-` for stdout.
        classify: gives the labels, here or in worker processes. It also gets batches of zero rows.
        columns: the label columns of `classify`, in order; they are written as `prefix` + name.
        output_format: by default what the extension says; on stdout that of the first input.
        redact: mask personal data in the texts that are written.
        excel_safe: make sure that a spreadsheet runs no cell of CSV and TSV as a formula.
        rejects: where rows that could not be read go as JSONL, if there are any; by default
            `<output>.rejects.jsonl`, or `feedbackclf.rejects.jsonl` in the working folder.
        strict: stop at the first row that cannot be read.
        resume: go on after a stopped run, if there was one.
        origin: what `classify` is, by part (JSON-ready): a run of another origin is not gone on after.
        progress: is called with the number of rows that were just written, and `Work.share` of the last of them.
        tell: is called with what the user should know about an input.

    Raises:
        UsageError: a column is missing, is there already, or differs between inputs; or options contradict.
        FeedbackError: a file cannot be read or written. `output` is then as it was before.
        StoppedError: one that `resume` can go on after, when its cause is gone.
    """
    output_format = output_format_of(inputs, output, output_format)
    started = time.perf_counter()
    dressing = Dressing(columns, prefix, output_format, redact=redact, excel_safe=excel_safe)
    with ExitStack() as stack:
        journal = _journal(inputs, output, {**(origin or {}), **_options(inputs, dressing)}, resume, tell)
        if journal is not None:
            stack.enter_context(journal)
        refused = stack.enter_context(
            RejectsFile(
                rejects or RejectsFile.default_path(output), strict=strict, masked=mask_rows if redact else None
            )
        )
        work = inputs.batches(dressing.names, refused, as_table=output_format != "jsonl", tell=tell)
        stack.enter_context(closing(work))
        done = start = journal.start if journal else Checkpoint()
        share = 0.0
        for item in islice(work, start.batches):  # read again, for the rows that cannot be read
            share = item.share
        if start.rows:
            progress(start.rows, share)  # at once, since reading says nothing of how long the rest will take
        writer: Writer | None = None

        def open_output() -> Writer:
            after = start.written if journal else None
            return stack.enter_context(open_writer(output, format=output_format, after=after))

        for item, labels in labelled(work, classify):
            writer = writer or open_output()  # not sooner: a mistake in the options leaves nothing behind
            writer.write(dressing.of(item, labels))
            unsure = _count_words(labels.column(UNSURE)) if UNSURE in columns else Counter[str]()
            done = Checkpoint(done.batches + 1, done.rows + item.batch.num_rows, writer.written, done.unsure + unsure)
            if journal is not None:
                journal.add(done)
            progress(item.batch.num_rows, item.share)
        writer or open_output()
    return TaggingResult(done.rows, start.rows, refused.count, done.unsure, time.perf_counter() - started)


def output_format_of(inputs: Inputs, output: str, output_format: str | None) -> str:
    """The format that is written: by default what the extension says; on stdout that of the first input.

    Raises:
        UsageError: there is no such format, or it cannot be written.
    """
    if output_format is None and output == STDIO:
        of_input = format_of(inputs.paths[0], inputs.format)
        output_format = of_input if of_input in WRITABLE else "csv"
    return format_of(output, output_format, writing=True)


def _journal(
    inputs: Inputs, output: str, origin: Mapping[str, Any], resume: bool, tell: Callable[[str], None]
) -> Journal | None:
    """None where no other run could go on after this one."""
    seen = fingerprints(inputs.paths)
    if part_of(output) is not None and seen is not None:
        if can_go_on(output) and not resume:
            tell(f"{output}: starting anew; a run was stopped here, and --resume would have gone on after it")
        return Journal(output, {**origin, **seen}, resume=resume)
    if resume:
        raise UsageError("--resume: inputs and output (-o FILE) have to be files; start anew without it")
    return None


def _options(inputs: Inputs, dressing: Dressing) -> dict[str, Any]:
    """What else the output is made of, by the names that users know."""
    told = {**asdict(inputs), **asdict(dressing)}
    return {"the version of feedbackclf": __version__, **{_spell(name): told[name] for name in told}}


def _spell(name: str) -> str:
    return {"paths": "the list of inputs", "columns": "the list of labels"}.get(name, "--" + name.replace("_", "-"))


def _count_words(column: pa.DictionaryArray) -> Counter[str]:
    """How often each word stands in a column of few different strings."""
    counts: Counter[str] = Counter()
    for row in pc.value_counts(column.dictionary_decode()).to_pylist():
        counts.update(dict.fromkeys(row["values"].split(), row["counts"]))
    return counts


def labelled(work: Iterator[Work], classify: Classify | Workers) -> Iterator[tuple[Work, pa.RecordBatch]]:
    """Batches and their labels in order. Of those with workers few are under way at any time."""
    if not isinstance(classify, Workers):
        for item in work:
            yield item, classify(item.texts, item.languages)
        return
    waiting: deque[tuple[Work, Future[pa.RecordBatch]]] = deque()
    for item in work:
        waiting.append((item, classify.submit(item.texts, item.languages)))
        if len(waiting) > 2 * classify.jobs:
            done, labels = waiting.popleft()
            yield done, labels.result()
    for done, labels in waiting:
        yield done, labels.result()

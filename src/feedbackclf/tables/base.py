"""What every reader and writer of tables has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import pyarrow as pa

from feedbackclf.errors import FeedbackError, is_worth_keeping
from feedbackclf.tables.sinks import Sink, Written

BATCH_ROWS = 8192
LONGEST_ROW = 32 << 20  # bytes; beyond this, a quote was opened by mistake or it is no table
MOST_COLUMNS = 4096
# JSONL objects travel beside their columns as text, so that numbers, nesting and key order survive. This column
# holds the line; the columns left of it are in the line too, those right of it were added. No key is called so.
RAW_JSON = "\0json"


@dataclass(frozen=True)
class Rejected:
    """A row that could not be read.

    Attributes:
        file: the path as it was given.
        row: counts from 1, the header and blank lines not counted.
        reason: in a few words, none of them the customer's.
        raw: the row; with `\\xe5` for the byte E5 where that is no text.
        raw_bytes: the row in the encoding of the file, where `raw` is not exact.
    """

    file: str
    row: int
    reason: str
    raw: str
    raw_bytes: bytes | None = None

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}: {self.reason}"


class Reader(ABC):
    """A table that is read batch by batch, once.

    `column_names` are known on opening (those of JSONL may grow), `rejected` fills up while reading and may be
    emptied by whoever reads it. A table without rows gives one batch of zero rows, which carries the columns.
    `notes` are lines for the user about what was detected and might surprise; they may grow while reading.
    `share` is how much of the file is read with the batch that was given last, from 0 to 1; 0 if that cannot be told.
    """

    format: str
    column_names: list[str]

    def __init__(self) -> None:
        self.rejected: list[Rejected] = []
        self.notes: list[str] = []
        self.share = 0.0

    @abstractmethod
    def __iter__(self) -> Iterator[pa.RecordBatch]: ...

    @abstractmethod
    def close(self) -> None:
        """Let go of the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Writer(ABC):
    """A table that is written batch by batch; it takes its name when the `with` ends without an error.

    Args:
        path: a file, or `-` for stdout.
        after: what a stopped run wrote, to go on after it. What is written is then, and with `Written()`, left
            for another run if this one is stopped.
        hold_back: what is meant for stdout until the end.
    """

    def __init__(self, path: str, after: Written | None = None, *, hold_back: bool = False) -> None:
        self._sink = Sink(path, hold_back=hold_back, after=after)
        self._leaves = after is not None

    @abstractmethod
    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows. All batches need the columns of the first one (JSONL takes any).

        Raises:
            FeedbackError: the columns differ.
            StoppedError: the file cannot be written.
        """

    @property
    def written(self) -> Written:
        """How much is written by now."""
        self._sink.flush()
        return self._sink.written

    def finish(self) -> None:
        """Write what comes after the last row, and give the file its name."""
        self._sink.commit()

    def abandon(self) -> None:  # noqa: B027 (most formats need not)
        """Let go of what holds on to the file; called in any case."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        try:
            if kind is None:
                self.finish()
        except BaseException as error:
            kind = type(error)
            raise
        finally:
            self.abandon()
            if self._leaves and is_worth_keeping(kind):
                self._sink.set_aside()
            else:
                self._sink.discard()


def without_raw_json(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch as a table that has no use for the JSON lines."""
    return batch.drop_columns([RAW_JSON]) if RAW_JSON in batch.schema.names else batch


def check_columns(path: str, names: list[str], found: list[str]) -> None:
    """See that the columns of a batch are those the file began with.

    Raises:
        FeedbackError: they are not.
    """
    if found != names:
        odd = next((name for name in [*found, *names] if (name in found) != (name in names)), found[0])
        raise FeedbackError(
            f"{path}: the column {odd!r} is not the same in all rows, which only JSONL can hold; write to .jsonl"
        )

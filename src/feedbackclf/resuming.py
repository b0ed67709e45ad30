"""How a stopped run goes on: a journal beside the unfinished output says how far it came, and from what.

After every batch the journal gets a line with the size and the checksum of what is written. So nothing has to be forced
to the disk on the way: after a power cut, the last line whose checksum fits what is there is where to go on.
"""

from __future__ import annotations

import json
import stat
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from feedbackclf.errors import FeedbackError, is_worth_keeping
from feedbackclf.tables.sinks import Sink, Written, part_of

_ENDING = ".journal"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Checkpoint:
    """How far a run came.

    Attributes:
        batches: that are done.
        rows: that are written.
        written: what the unfinished output holds.
        unsure: how many labels of each head were left out.
    """

    batches: int = 0
    rows: int = 0
    written: Written = field(default_factory=Written)
    unsure: Counter[str] = field(default_factory=Counter)


def fingerprints(inputs: Sequence[str]) -> dict[str, list[int]] | None:
    """Size and time of the last change of every input; None if one cannot be read twice (stdin, a pipe)."""
    found = {}
    for path in inputs:
        try:
            status = Path(path).stat()
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        found[path] = [status.st_size, status.st_mtime_ns]
    return found


def can_go_on(output: str) -> bool:
    """Whether a stopped run left something that another can go on from."""
    return _left_by_a_stopped_run(output) is not None


def _left_by_a_stopped_run(output: str) -> tuple[Path, Path] | None:
    """The journal and the part, if both are there."""
    journal, part = part_of(output, _ENDING), part_of(output)
    return (journal, part) if journal and part and journal.exists() and part.exists() else None


class Journal:
    """Written by a run beside its output, and read by the one that goes on after it. Use it in a `with`.

    Args:
        output: the file that is written; one that has a part (`part_of`).
        origin: what it is made from and how, by part (JSON-ready). Nobody goes on with other parts than these.
        resume: go on from the checkpoint of a stopped run, if there is one.

    Attributes:
        start: where to go on from.

    Raises:
        FeedbackError: the stopped run had another origin.
        StoppedError: the journal cannot be written.
    """

    def __init__(self, output: str, origin: Mapping[str, Any], *, resume: bool) -> None:
        left = _left_by_a_stopped_run(output) if resume else None
        lines = _Lines()
        if left is not None:
            lines = _Lines.read(*left, output, origin)
        self.start = lines.checkpoint
        self._done = lines.checkpoint.batches
        self._sink = Sink(output, after=Written(lines.size), ending=_ENDING)
        if not lines.size:
            self._append(origin)

    def add(self, checkpoint: Checkpoint) -> None:
        """Say how far the run came.

        Raises:
            StoppedError: the journal cannot be written.
        """
        self._done, written = checkpoint.batches, checkpoint.written
        counts = [checkpoint.batches, checkpoint.rows, written.size, written.checksum]
        self._append([*counts, dict(checkpoint.unsure)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        if self._done and is_worth_keeping(kind):
            self._sink.set_aside()
        else:
            self._sink.discard()

    def _append(self, data: object) -> None:
        self._sink.write(json.dumps(data).encode() + b"\n")
        self._sink.flush()


@dataclass(frozen=True)
class _Lines:
    """What a journal says that still holds: the last checkpoint, and how many bytes of it are gone on after."""

    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    size: int = 0

    @classmethod
    def read(cls, journal: Path, part: Path, output: str, origin: Mapping[str, Any]) -> _Lines:
        lines = journal.read_bytes().splitlines(keepends=True)
        told = _parse(lines[0]) if lines else None
        if not isinstance(told, dict):
            return cls()
        _check_origin(told, origin, output)
        last, size = Checkpoint(), len(lines[0])
        with part.open("rb") as stream:
            for line in lines[1:]:
                checkpoint = _checkpoint(_parse(line))
                if checkpoint is None or _read_on(stream, last.written, checkpoint.written.size) != checkpoint.written:
                    break
                last, size = checkpoint, size + len(line)
        return cls(last, size)


def _check_origin(told: Mapping[str, Any], origin: Mapping[str, Any], output: str) -> None:
    origin = json.loads(json.dumps(origin))  # as it was written: lists, not tuples
    changed = next((name for name in [*origin, *told] if origin.get(name) != told.get(name)), None)
    if changed is not None:
        raise FeedbackError(
            f"{output}: cannot go on after the stopped run, for {changed} has changed; start anew without --resume"
        )


def _parse(line: bytes) -> object:
    try:
        return json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None


def _checkpoint(data: object) -> Checkpoint | None:
    match data:
        case [int(batches), int(rows), int(size), int(checksum), dict(unsure)]:
            return Checkpoint(batches, rows, Written(size, checksum), Counter(unsure))
    return None


def _read_on(stream: BinaryIO, before: Written, size: int) -> Written:
    """What a stream holds up to `size`, when it was read up to `before`."""
    while before.size < size and (chunk := stream.read(min(_CHUNK, size - before.size))):
        before = Written(before.size + len(chunk), zlib.crc32(chunk, before.checksum))
    return before

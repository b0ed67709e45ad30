"""Worker processes that label batches, and a model in the form in which they are sent it.

A worker is a Python of its own that gets batches through a pipe. Process pools do the same, but take longer to start:
joblib's imports all of joblib in every process, and the standard one imports the user's script. Here the workers
import and load their model while the main process has yet to import what reads tables. And a worker ends when the
main process does, however that ends.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any, TypeAlias, cast

from feedbackclf.errors import FeedbackError

if TYPE_CHECKING:
    import pyarrow as pa

    from feedbackclf.classifier import FeedbackClassifier

Classify: TypeAlias = Callable[["pa.Array", "pa.Array | None"], "pa.RecordBatch"]
"""Texts (strings, null where there is none) and language codes (null: detect) of n rows → n rows of labels."""

_PROGRAM = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from feedbackclf.workers import serve; serve()"
)
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class ModelOnDisk:
    """A model as a `Classify` that is cheap to send to a worker, which loads it once."""

    path: Path
    language_detector: str = "model"

    def __call__(self, texts: pa.Array, languages: pa.Array | None) -> pa.RecordBatch:
        return self.classifier.label(texts, languages)

    @property
    def classifier(self) -> FeedbackClassifier:
        return _load(self.path, self.language_detector)


@cache
def _load(path: Path, language_detector: str) -> FeedbackClassifier:
    from feedbackclf import load

    return load(path, language_detector=language_detector)


class Workers:
    """Processes with a `Classify` each, which they warm up with a batch of zero rows. Use it in a `with`.

    Args:
        classify: what they do; it has to be picklable.
        jobs: how many there are.

    Raises:
        FeedbackError: a process cannot be started.
    """

    def __init__(self, classify: Classify, jobs: int) -> None:
        self.jobs = jobs
        self._workers = [_Worker.start() for _ in range(jobs)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._workers:
            worker.send(sys.path)
            worker.send(classify)
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(jobs)  # one for each, to wait for its answers

    def submit(self, texts: pa.Array, languages: pa.Array | None) -> Future[pa.RecordBatch]:
        """Labels of a batch, from whichever worker is free first.

        The result raises what `classify` did, or a `FeedbackError` if the worker died.
        """
        import pyarrow as pa

        # Slices are pickled with all of the array they are cut from: send copies.
        copies = [None if column is None else pa.concat_arrays([column]) for column in (texts, languages)]
        return self._threads.submit(self._ask, copies)

    def _ask(self, request: object) -> pa.RecordBatch:
        worker = self._idle.get()
        try:
            worker.send(request)
            answer = pickle.load(worker.answers)
        except (EOFError, OSError, pickle.UnpicklingError):
            raise FeedbackError("a worker process died, perhaps for want of memory; try fewer --jobs") from None
        finally:
            self._idle.put(worker)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes, whatever they are doing: nobody waits for it any more."""
        for worker in self._workers:
            worker.process.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.close()


@dataclass(frozen=True)
class _Worker:
    """A process and the two ends of its pipes that are ours."""

    process: subprocess.Popen[bytes]
    requests: IO[bytes]
    answers: IO[bytes]

    @classmethod
    def start(cls) -> _Worker:
        try:
            process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **_ONE_THREAD},
                start_new_session=True,  # Ctrl-C is for the main process, which then ends the others
            )
        except OSError as error:
            raise FeedbackError(f"a worker process cannot be started: {error.strerror}; try fewer --jobs") from None
        return cls(process, cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout))

    def send(self, message: object) -> None:
        pickle.dump(message, self.requests, pickle.HIGHEST_PROTOCOL)
        self.requests.flush()

    def close(self) -> None:
        self.process.wait()
        for end in (self.requests, self.answers):
            with suppress(OSError):  # there may be a request left that was not sent
                end.close()


def serve() -> None:
    """What a worker does: answer batch after batch, until the main process closes the pipe."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints must not get between the answers
    with suppress(EOFError, BrokenPipeError, pickle.UnpicklingError):
        classify = pickle.load(requests)
        import pyarrow as pa

        pa.set_cpu_count(1)
        ready = _answer(classify, pa.array([], pa.string()), None)
        while True:
            request = pickle.load(requests)
            answer = ready if isinstance(ready, Exception) else _answer(classify, *request)
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()


def _answer(classify: Classify, texts: pa.Array, languages: pa.Array | None) -> Any:
    """The labels of a batch, or the error that there are none."""
    try:
        return classify(texts, languages)
    except Exception as error:
        if not isinstance(error, FeedbackError):
            error.add_note(traceback.format_exc())  # where it was does not go through the pipe
        return error

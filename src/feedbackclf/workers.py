"""Worker processes that label batches, and a model in the form in which they are given it.

Where the system can fork (Linux), workers are copies of the main process: what it imported and loaded before is theirs
at once, and the weights are in memory once for all. Elsewhere each is a Python of its own that loads the model. They
end when the main process does, however that ends.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias

from feedbackclf.errors import FeedbackError, StoppedError, where
from feedbackclf.model_folder import fingerprint

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    import pyarrow as pa

    from feedbackclf.classifier import FeedbackClassifier
    from feedbackclf.rules import Rules

Classify: TypeAlias = Callable[["pa.Array", "pa.Array | None"], "pa.RecordBatch"]
"""Texts (strings, null where there is none) and language codes (null: detect) of n rows → n rows of labels."""

_METHOD = "fork" if sys.platform == "linux" else "spawn"


def one_thread_each() -> None:
    """Keep libraries from starting threads that would only wait for each other: the products are small.

    It has to be called before NumPy is imported.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


@dataclass(frozen=True)
class ModelOnDisk:
    """A model as a `Classify` that is cheap to send to a worker; a process loads it once.

    With rules it also says what to do about each row, see `feedbackclf.rules`.
    """

    path: Path
    language_detector: str = "model"
    min_confidence: float = 0.0
    evidence: bool = False
    rules: Rules | None = None

    def __call__(self, texts: pa.Array, languages: pa.Array | None) -> pa.RecordBatch:
        labels = self.classifier.label(texts, languages, min_confidence=self.min_confidence, evidence=self.evidence)
        if self.rules is None:
            return labels
        from feedbackclf.rules import with_actions

        return with_actions(labels, self.rules, self.classifier.model_.taxonomy)

    @property
    def origin(self) -> dict[str, Any]:
        """What the labels depend on, by part (JSON-ready)."""
        options = {"--language-detector": self.language_detector, "--min-confidence": self.min_confidence}
        rules = {"the file of --rules": self.rules and self.rules.to_list()}
        return {"the model": fingerprint(self.path), **options, **rules}

    @property
    def classifier(self) -> FeedbackClassifier:
        return _load(self.path, self.language_detector)


@cache
def _load(path: Path, language_detector: str) -> FeedbackClassifier:
    from feedbackclf import load

    return load(path, language_detector=language_detector)


@dataclass(frozen=True)
class _Worker:
    process: BaseProcess
    connection: Connection


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
        self._workers: list[_Worker] = []
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._threads = ThreadPoolExecutor(jobs)  # one for each, to wait for its answers; none runs before the first
        gc.freeze()  # the collector would write to what is shared, and so copy it
        try:
            for _ in range(jobs):
                self._start(classify)
        except OSError as error:
            self.__exit__()
            raise FeedbackError(f"a worker process cannot be started: {error.strerror}; try fewer --jobs") from None
        finally:
            gc.unfreeze()

    def _start(self, classify: Classify) -> None:
        context: Any = multiprocessing.get_context(_METHOD)
        ours, theirs = context.Pipe()
        copied = [worker.connection for worker in self._workers] + [ours] if _METHOD == "fork" else []
        process = context.Process(target=_serve, args=(classify, theirs, copied), daemon=True)
        with theirs:
            process.start()
        self._workers.append(_Worker(process, ours))
        self._idle.put(self._workers[-1])

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
            _send(worker.connection, request)
            answer = pickle.loads(worker.connection.recv_bytes())
        except (EOFError, OSError):
            raise StoppedError("a worker process died, perhaps for want of memory; try fewer --jobs") from None
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
            worker.process.join()
            worker.connection.close()


def _serve(classify: Classify, requests: Connection, copied: Sequence[Connection]) -> None:
    """What a worker does: answer batch after batch, until the main process closes its end of the connection.

    `copied` are ends of the main process that came along; while they are open, nobody could tell that it is gone.
    """
    for connection in copied:
        connection.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which then ends the others
    os.dup2(2, 1)  # what anything prints must not get between the data
    with suppress(EOFError, OSError):
        import pyarrow as pa

        pa.set_cpu_count(1)
        ready = _answer(classify, pa.array([], pa.string()), None)
        while True:
            request = pickle.loads(requests.recv_bytes())
            _send(requests, ready if isinstance(ready, Exception) else _answer(classify, *request))


def _send(connection: Connection, message: object) -> None:
    connection.send_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))


def _answer(classify: Classify, texts: pa.Array, languages: pa.Array | None) -> Any:
    """The labels of a batch, or the error that there are none."""
    try:
        return classify(texts, languages)
    except Exception as error:
        if not isinstance(error, FeedbackError):
            error.add_note(where(error))  # where it was does not go through the pipe
        return error

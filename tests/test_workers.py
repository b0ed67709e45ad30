import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from feedbackclf.errors import FeedbackError
from feedbackclf.workers import Workers


@dataclass(frozen=True)
class Does:
    """Answers with the lengths of texts, and prints; for some texts it does something else."""

    at_first: str = ""

    def __call__(self, texts: pa.Array, languages: pa.Array | None) -> pa.RecordBatch:
        print("not an answer", flush=True)
        for word in [self.at_first, *texts.to_pylist()]:
            if word == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            if word == "fail":
                raise FeedbackError("it failed")
            if word == "err":
                raise ZeroDivisionError("by zero")
        return pa.RecordBatch.from_pydict({"n": pc.utf8_length(texts), "pid": [os.getpid()] * len(texts)})


def texts(*values: str) -> pa.Array:
    return pa.array(values, pa.string())


def is_running(pid: int) -> bool:
    """Whether there is such a process, and not only what it left."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_batches_are_labelled_elsewhere_and_errors_come_back() -> None:
    with Workers(Does(), 2) as workers:
        long = texts(*map(str, range(100_000)))
        answers = [workers.submit(batch, None) for batch in (texts("a", "bb"), texts("fail"), long.slice(90_000), long)]
        found = answers[0].result()
        assert found.column("n").to_pylist() == [1, 2]
        with pytest.raises(FeedbackError, match="it failed"):
            answers[1].result()
        assert [answer.result().num_rows for answer in answers[2:]] == [10_000, 100_000]
        with pytest.raises(ZeroDivisionError, match="by zero") as error:
            workers.submit(texts("err"), texts("nl")).result()
        assert 'raise ZeroDivisionError("by zero")' in error.value.__notes__[0]
        pid = found.column("pid")[0].as_py()
        assert pid != os.getpid()
        assert is_running(pid)
    assert not is_running(pid)


def test_what_goes_wrong_at_first_is_the_answer_to_every_batch() -> None:
    with Workers(Does(at_first="fail"), 1) as workers:
        for _ in range(2):
            with pytest.raises(FeedbackError, match="it failed"):
                workers.submit(texts("a"), None).result()


def test_a_worker_that_dies_is_told() -> None:
    with Workers(Does(), 2) as workers:
        answers = [workers.submit(texts(word), None) for word in ("a", "die", "b", "c", "d")]
        assert answers[0].result().num_rows == 1
        with pytest.raises(FeedbackError, match="a worker process died"):
            answers[1].result()
    with Workers(Does(at_first="die"), 1) as workers, pytest.raises(FeedbackError, match="a worker process died"):
        workers.submit(texts("a"), None).result()


def test_leaving_does_not_wait_for_the_rest() -> None:
    with Workers(Does(), 1) as workers:
        answers = [workers.submit(texts("a"), None) for _ in range(1000)]
        answers[0].result()
    assert all(answer.done() for answer in answers)


def test_a_worker_ends_with_the_main_process() -> None:
    program = (
        "import os, signal, pyarrow as pa, test_workers as t\n"
        "workers = t.Workers(t.Does(), 1)\n"
        "print(workers.submit(t.texts('a'), None).result().column('pid')[0], flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", program], env=paths, capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    end = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_running(pid)
    assert "Traceback" not in done.stderr

"""Runs that are stopped, and what a second one makes of that: the bytes of a run that nobody stopped."""

from __future__ import annotations

import csv
import errno
import fcntl
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedbackclf.corpus import Example
from feedbackclf.errors import FeedbackError, StoppedError, UsageError
from feedbackclf.inputs import Inputs
from feedbackclf.tables import BATCH_ROWS, open_writer
from feedbackclf.tagging import TaggingResult, tag_files

KILLS = 50
FORMATS = ["csv", "tsv", "jsonl", "parquet"]
PREDICT = [sys.executable, "-m", "feedbackclf", "predict"]


@dataclass
class Fake:
    """Labels a text with its length; something happens when it has labelled so many batches."""

    batches: int = 1 << 30
    then: Callable[[], object] = lambda: None

    def __call__(self, texts: pa.Array, languages: pa.Array | None) -> pa.RecordBatch:
        if not self.batches:
            self.then()
        self.batches -= 1
        return pa.RecordBatch.from_pydict({"length": pc.utf8_length(texts), "unsure": texts.dictionary_encode()})


def tag(inputs: Sequence[Path], output: Path, classify: Fake, **options: object) -> TaggingResult:
    source = Inputs([str(path) for path in inputs], language=options.pop("language", None))  # type: ignore[arg-type]
    return tag_files(source, str(output), classify, **{"columns": ("length", "unsure"), **options})  # type: ignore[arg-type]


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.fixture
def inputs(tmp_path: Path) -> list[Path]:
    """Two tables of eleven batches, each with a row that cannot be read."""
    rows = [f"{number},{'a b c d e'[: number % 10]}\n" for number in range(45_000)]
    paths = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for path in paths:
        path.write_text("".join(["id,text\n", *rows[:20_000], "1,2,3\n", *rows[20_000:]]))
    return paths


def stop(inputs: Sequence[Path], output: Path, batches: int, **options: object) -> None:
    with pytest.raises(KeyboardInterrupt):
        tag(inputs, output, Fake(batches, interrupt), **options)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"one.csv", "two.csv"}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("batches", [1, 5, 11])
def test_a_stopped_run_goes_on_where_it_was(tmp_path, inputs, kind, batches):
    expected, output = tmp_path / f"expected.{kind}", tmp_path / f"out.{kind}"
    undisturbed = tag(inputs, expected, Fake())
    stop(inputs, output, batches)
    assert not output.exists()
    stop(inputs, output, 0, resume=True)  # and the one that goes on is stopped at once
    progress: list[int] = []
    shares: list[float] = []

    def advance(rows: int, share: float) -> None:
        progress.append(rows)
        shares.append(share)

    result = tag(inputs, output, Fake(), resume=True, progress=advance)
    assert output.read_bytes() == expected.read_bytes()
    assert (result.rows, result.unsure, result.rejected) == (undisturbed.rows, undisturbed.unsure, 2)
    assert (sum(progress), result.resumed > 0) == (result.rows, True)
    assert progress[0] == result.resumed  # at once
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    rejects = [Path(f"{path}.rejects.jsonl") for path in (expected, output)]
    assert rejects[0].read_bytes() == rejects[1].read_bytes()
    assert names(tmp_path) == {path.name for path in [expected, output, *rejects]}


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_was_done_yet(tmp_path, inputs, kind):
    output = tmp_path / f"out.{kind}"
    stop(inputs, output, 0)
    assert names(tmp_path) == set()
    assert tag(inputs, output, Fake(), resume=True).resumed == 0


@pytest.mark.parametrize("kind", FORMATS)
def test_all_was_done_but_the_name(tmp_path, inputs, kind, monkeypatch):
    expected, output = tmp_path / f"expected.{kind}", tmp_path / f"out.{kind}"
    tag(inputs, expected, Fake())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoppedError):
        tag(inputs, output, Fake())
    monkeypatch.undo()
    assert tag(inputs, output, Fake(batches=0, then=interrupt), resume=True).rows == 90_000
    assert output.read_bytes() == expected.read_bytes()


def test_mistakes_in_the_input_leave_nothing_to_go_on_from(tmp_path, inputs):
    (tmp_path / "two.csv").write_text("id,other\n1,a\n")
    with pytest.raises(UsageError):
        tag(inputs, tmp_path / "out.csv", Fake())
    assert names(tmp_path) == set()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda paths: paths[1].write_text("id,text\n1,a\n"), "two.csv has changed"),
        (lambda paths: os.utime(paths[0], ns=(1, 1)), "one.csv has changed"),
        (lambda paths: paths.reverse(), "the list of inputs has changed"),
        ({"origin": {"the model": "another"}}, "the model has changed"),
        ({"language": "nl"}, "--language has changed"),
        ({"prefix": "x_"}, "--prefix has changed"),
    ],
)
def test_another_origin_is_refused(tmp_path, inputs, change, what):
    output = tmp_path / "out.csv"
    stop(inputs, output, 3)
    options = change if isinstance(change, dict) else {}
    if not options:
        change(inputs)
    with pytest.raises(FeedbackError, match=what):
        tag(inputs, output, Fake(), resume=True, **options)
    assert not output.exists()
    notes: list[str] = []
    tag(inputs, output, Fake(), tell=notes.append, **options)
    assert "--resume" in notes[0]
    assert {"out.csv", "out.csv.part"} & names(tmp_path) == {"out.csv"}


def test_what_cannot_be_read_twice_cannot_be_resumed(tmp_path, inputs):
    os.mkfifo(tmp_path / "pipe")
    for source, output in [("-", tmp_path / "out.csv"), (inputs[0], "-"), (tmp_path / "pipe", tmp_path / "out.csv")]:
        with pytest.raises(UsageError, match="--resume"):
            tag([source], output, Fake(), resume=True, output_format="csv")


def test_two_runs_do_not_write_the_same_file(tmp_path, inputs):
    def other() -> None:
        with pytest.raises(FeedbackError, match="another run"):
            tag(inputs, tmp_path / "out.csv", Fake(), resume=True)
        with pytest.raises(FeedbackError, match="another run"):
            open_writer(str(tmp_path / "out.csv"))

    tag(inputs, tmp_path / "out.csv", Fake(3, other))
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 90_001


def test_a_file_system_without_locks_will_do(tmp_path, inputs, monkeypatch):
    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    assert tag(inputs, tmp_path / "out.csv", Fake()).rows == 90_000


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    of=st.sampled_from(["part", "journal"]),
    cut=st.floats(0, 1),
    blank=st.floats(0, 1),
    kind=st.sampled_from(FORMATS),
)
def test_what_a_power_cut_took_is_done_again(tmp_path, inputs, of, cut, blank, kind):
    """The end of a file may not have reached the disk, and what did may be zeros in between."""
    expected, output = tmp_path / f"expected.{kind}", tmp_path / f"out.{kind}"
    if not expected.exists():
        tag(inputs, expected, Fake())
    stop(inputs, output, 7)
    damaged = tmp_path / f"out.{kind}.{of}"
    content = bytearray(damaged.read_bytes()[: int(cut * damaged.stat().st_size)])
    at = int(blank * len(content))
    content[at : at + 4096] = bytes(len(content[at : at + 4096]))
    damaged.write_bytes(content)
    tag(inputs, output, Fake(), resume=True)
    assert output.read_bytes() == expected.read_bytes()


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory, corpus: tuple[Example, ...]) -> Path:
    """A table of eight batches."""
    path = tmp_path_factory.mktemp("reviews") / "reviews.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "text"])
        writer.writerows([number, corpus[number % len(corpus)].text[:30]] for number in range(8 * BATCH_ROWS))
    return path


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen([*PREDICT, *map(str, arguments)], stderr=subprocess.PIPE, text=True)


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    told = process.communicate()[1]
    return process.returncode, told


def wait_for_batches(process: subprocess.Popen[str], output: Path, batches: int) -> None:
    journal = output.with_name(f"{output.name}.journal")
    while (
        batches >= 0
        and process.poll() is None
        and not (journal.exists() and journal.read_bytes().count(b"\n") > batches)
    ):
        time.sleep(0.002)


@dataclass(frozen=True)
class Kill:
    """A run, and when it is killed: some seconds after so many batches."""

    number: int
    kind: str
    jobs: int
    batches: int
    seconds: float


def kills() -> list[Kill]:
    """Every fifth while it starts, or some time later; most while they write."""
    draw, found = random.Random(1), []
    for number in range(KILLS):
        kind, jobs = FORMATS[number % 4], 1 + number // 4 % 2
        starting = number % 5 == 0
        found.append(Kill(number, kind, jobs, -starting or draw.randrange(9), draw.uniform(0, 1 if starting else 0.05)))
    return found


def test_killed_at_any_moment(tmp_path, reviews):
    for kind in FORMATS:
        assert end(start(reviews, "-o", tmp_path / f"expected.{kind}"))[0] == 0

    def check(kill: Kill) -> bool:
        output = tmp_path / f"{kill.number}.{kill.kind}"
        process = start(reviews, "-o", output, "--jobs", kill.jobs)
        wait_for_batches(process, output, kill.batches)
        time.sleep(kill.seconds)
        process.kill()
        end(process)
        code, told = end(start(reviews, "-o", output, "--jobs", 3 - kill.jobs, "--resume"))
        assert (code, output.read_bytes()) == (0, (tmp_path / f"expected.{kill.kind}").read_bytes()), (kill, told)
        output.unlink()
        return "by the stopped run" in told

    with ThreadPoolExecutor(2) as pool:
        resumed = list(pool.map(check, kills()))
    assert len(resumed) == KILLS
    assert sum(resumed) >= KILLS // 2
    assert len(list(tmp_path.iterdir())) == len(FORMATS)  # nothing half is left


def test_ctrl_c_says_how_to_go_on(tmp_path, reviews):
    output = tmp_path / "out file.csv"
    inputs = [reviews] * 8  # so many that it cannot be done before it is interrupted
    process = start(*inputs, "-o", output)
    wait_for_batches(process, output, 1)
    process.send_signal(signal.SIGINT)
    code, told = end(process)
    assert code == 130
    command = f"feedbackclf predict {' '.join(map(str, inputs))} -o '{output}' --resume"
    assert told == f"feedbackclf: interrupted; to go on: {command}\n"
    assert end(start(*inputs, "-o", output, "--resume"))[0] == 0


@pytest.mark.parametrize("kind", FORMATS)
def test_a_full_disk(tmp_path, inputs, kind):
    expected, output = tmp_path / f"expected.{kind}", tmp_path / f"out.{kind}"
    tag(inputs, expected, Fake())
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    for share in (0.3, 0.9):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(expected.stat().st_size * share), limit[1]))
        try:
            with pytest.raises(StoppedError, match=r"out\.\w+: cannot be written \(File too large\)"):
                tag(inputs, output, Fake(), resume=True)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        assert not output.exists()
    tag(inputs, output, Fake(), resume=True)
    assert output.read_bytes() == expected.read_bytes()


def test_the_journal_holds_no_text(tmp_path, inputs):
    stop(inputs, tmp_path / "out.csv", 3, columns=("length",))
    lines = (tmp_path / "out.csv.journal").read_text().splitlines()
    assert all(isinstance(json.loads(line), list) for line in lines[1:])
    assert "a b c" not in "".join(lines)

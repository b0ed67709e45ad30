"""The line that shows how far a run is: what readers know of that, what is said, and who gets to see it."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import csv as pa_csv
from pyarrow import parquet as pq

from feedbackclf.commands.progress import in_words, steps_in_words
from feedbackclf.inputs import Inputs
from feedbackclf.tables import RejectsFile, open_reader

N_ROWS = 30_000
FORMATS = ["csv", "csv.gz", "csv.zst", "jsonl", "parquet", "xlsx"]
COMMAND = [sys.executable, "-m", "feedbackclf"]
CORPUS = Path(__file__).parents[1] / "corpora" / "en.jsonl"
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
LINE = re.compile(r"(\d+)%  ([\d,]+) rows  [\d,]+ rows/s  \d+:\d\d:\d\d left")


def write(path: Path, n: int = N_ROWS) -> Path:
    """A table of n rows of some 200 characters that do not pack well."""
    texts = [f"{number} " + " ".join(str(number * 7919 % (k + 1009)) for k in range(50)) for number in range(n)]
    table = pa.table({"text": texts})
    kind = path.name.split(".", 1)[1]
    if kind == "parquet":
        pq.write_table(table, path)
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for text in ["text", *texts]:
            book.active.append([text])
        book.save(path)
    elif kind == "jsonl":
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    else:
        with pa.CompressedOutputStream(path, "zstd") if kind.endswith("zst") else pa.OSFile(str(path), "wb") as sink:
            pa_csv.write_csv(table, sink)
        if kind.endswith("gz"):
            path.write_bytes(gzip.compress(path.read_bytes()))
    return path


def shares(paths: list[Path], folder: Path) -> list[tuple[float, float]]:
    """For each batch, what it says of how much is read, and what is true."""
    rejects, read, found = RejectsFile(str(folder / "rejects.jsonl")), 0, []
    with rejects:
        for work in Inputs([str(path) for path in paths]).batches([], rejects, as_table=True, tell=lambda note: None):
            read += work.batch.num_rows
            found.append((work.share, read))
    return [(share, rows / read) for share, rows in found]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_batch_says_how_much_is_read(kind: str, tmp_path: Path) -> None:
    found = shares([write(tmp_path / f"in.{kind}")], tmp_path)
    assert len(found) > 3
    assert found == sorted(found)
    assert all(true - 0.02 <= share <= true + 0.25 for share, true in found[:-1]), found  # a block is read ahead
    assert found[0][0] < 0.6
    if kind != "xlsx":  # whose last row may or may not be the last one there is
        assert found[-1] == (1, 1)


def test_what_is_read_in_one_go_is_told_batch_by_batch(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\n" + "short text\n" * 50_000)  # less than a block
    found = shares([tmp_path / "in.csv"], tmp_path)
    assert len(found) > 5
    assert all(share == pytest.approx(true, abs=0.01) for share, true in found), found


def test_of_several_files_each_counts_with_its_size(tmp_path: Path) -> None:
    found = shares([write(tmp_path / "a.csv"), write(tmp_path / "b.csv", N_ROWS // 3)], tmp_path)
    assert found == sorted(found)
    assert [share for share, true in found if true == 0.75] == [pytest.approx(0.75, abs=0.01)]
    assert found[-1] == (pytest.approx(1), 1)


def test_nobody_knows_how_much_of_a_pipe_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with subprocess.Popen([sys.executable, "-c", f"open({str(tmp_path / 'pipe.csv')!r}, 'w').write('text\\na\\n')"]):
        assert [share for share, _ in shares([tmp_path / "pipe.csv"], tmp_path)] == [0]


@pytest.mark.parametrize("told", [b'<dimension ref="A1"/>', b""])
def test_a_workbook_that_tells_too_few_rows_or_none_says_nothing(told: bytes, tmp_path: Path) -> None:
    good, odd = write(tmp_path / "in.xlsx", 5), tmp_path / "odd.xlsx"
    with zipfile.ZipFile(good) as archive, zipfile.ZipFile(odd, "w") as changed:
        for part in archive.infolist():
            changed.writestr(part, re.sub(rb"<dimension [^>]*/>", told, archive.read(part)))
    with open_reader(str(good)) as reader:
        assert [(batch.num_rows, reader.share) for batch in reader] == [(5, pytest.approx(5 / 6))]
    with open_reader(str(odd)) as reader:
        assert [(batch.num_rows, reader.share) for batch in reader] == [(5, 0)]


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ((8192, 0.25, None), "25%  8,192 rows"),
        ((8192, 0.25, 0.01), "25%  8,192 rows  328 rows/s  0:01:15 left"),
        ((1_000_000, 0.5, 0.5 / 3600), "50%  1,000,000 rows  278 rows/s  1:00:00 left"),
        ((8192, 1.0, 0.5), "100%  8,192 rows  4,096 rows/s  0:00:00 left"),
        ((8192, 0.0, None), "8,192 rows"),
        ((8192, 0.0, 1234.5), "8,192 rows  1,234 rows/s"),
    ],
)
def test_what_is_said(known: tuple[int, float, float | None], words: str) -> None:
    assert in_words(*known) == words


def test_what_is_said_of_steps() -> None:
    assert steps_in_words(1, 6, None) == "step 1 of 6"
    assert steps_in_words(3, 6, 0.5) == "step 3 of 6  0:00:08 left"


def run(*arguments: object, data: Path | None, stdin: Path | None = None) -> list[str]:
    """What a command shows on a terminal of 80 columns, line by line; stdout goes to `data`, or there too."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm"}
    with (data or Path(os.devnull)).open("wb") as file, (stdin or Path(os.devnull)).open("rb") as source:
        command, stdout = [*COMMAND, *map(str, arguments)], file if data else theirs
        process = subprocess.Popen(command, stdin=source, stdout=stdout, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 1 << 16):
            shown += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0, shown
    return [
        ESCAPE.sub("", line).strip() for line in re.split(r"[\r\n]+", shown.decode()) if ESCAPE.sub("", line).strip()
    ]


def test_a_terminal_gets_percentage_rate_and_time_left_and_stdout_only_data(tmp_path: Path) -> None:
    source, seen, unseen = write(tmp_path / "in.csv"), tmp_path / "seen.csv", tmp_path / "unseen.csv"
    lines = run("predict", source, data=seen)
    found = [LINE.search(line) for line in lines]
    percentages = [int(match[1]) for match in found if match]
    assert percentages == sorted(percentages)
    assert percentages[-1] == 100
    assert f"100%  {N_ROWS:,} rows" in "\n".join(lines)
    assert max(map(len, lines)) <= 80
    assert re.fullmatch(rf"{N_ROWS:,} rows in .* rows/s\)", lines[-1])
    assert len(run("predict", source, "--no-progress", data=unseen)) == 1
    assert seen.read_bytes() == unseen.read_bytes()
    assert seen.read_bytes().count(b"\n") == N_ROWS + 1


def test_of_stdin_there_is_no_percentage(tmp_path: Path) -> None:
    lines = run("predict", "-", data=tmp_path / "out.csv", stdin=write(tmp_path / "in.csv"))
    assert any(re.search(rf"{N_ROWS:,} rows  [\d,]+ rows/s$", line) for line in lines)
    assert not any("%" in line or "left" in line for line in lines)


def test_data_on_the_same_terminal_is_not_disturbed(tmp_path: Path) -> None:
    lines = run("predict", write(tmp_path / "in.csv", 9000), data=None)
    assert len(lines) == 9002
    assert not any(LINE.search(line) for line in lines)


def test_a_pipe_on_stderr_gets_no_line(tmp_path: Path) -> None:
    command = [*COMMAND, "predict", str(write(tmp_path / "in.csv"))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(done.stderr.splitlines()) == 1


def test_training_shows_its_steps(tmp_path: Path) -> None:
    few, data = tmp_path / "few.jsonl", tmp_path / "figures.md"
    few.write_text("".join(CORPUS.read_text(encoding="utf-8").splitlines(keepends=True)[:150]), encoding="utf-8")
    train = ["train", few, "-o", tmp_path / "mine", "--language-from", "default", "--jobs", 1]
    lines = run(*train, data=data)
    assert any(re.search(r"step 6 of 6  0:00:\d\d left$", line) for line in lines)
    assert [line for line in lines if line.startswith("learning")] == [
        "learning 34 columns",
        "learning 9 heads",
        "learning 15 columns again",
        "learning 9 heads",
    ]
    plain = run(*train, "--no-progress", data=tmp_path / "again.md")
    assert sum("split" in line for line in plain) == 12
    assert not any("left" in line for line in plain)
    assert data.read_text(encoding="utf-8").startswith("## Cross-validated")
    assert data.read_bytes() == (tmp_path / "again.md").read_bytes()

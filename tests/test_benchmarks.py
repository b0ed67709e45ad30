"""The benchmark: the reviews that it invents, and the report that it writes. It is not run here; that takes an hour."""

import csv
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import hostile
from benchmarks.contenders import CONTENDERS, OWN
from benchmarks.figures import FASTTEXT, OBVIOUS, TITLES, Figures, bars, named
from benchmarks.measure import first_row, measure
from benchmarks.peers.common import DIMENSIONS, dimensions, examples
from benchmarks.pictures import NAMES, draw
from benchmarks.report import report
from benchmarks.reviews import REAL_DISTINCT, growth, reviews, write_reviews
from benchmarks.run import SECTIONS, as_text
from benchmarks.seeing import TITLES as SEEING

MANY, MOST = 100_000, 1_000_000
LINUX = pytest.mark.skipif(not shutil.which("taskset"), reason="measuring needs Linux: /proc and taskset")


def one_core() -> list[int]:
    return sorted(os.sched_getaffinity(0))[:1]


@pytest.fixture(scope="module")
def thousand() -> list[str]:
    return list(reviews(1_000))


def test_same_seed_gives_the_same_reviews_and_a_short_file_is_the_beginning_of_a_long_one(thousand: list[str]) -> None:
    assert list(reviews(300)) == thousand[:300]
    assert list(reviews(300, seed=1)) != thousand[:300]


def test_reviews_are_as_long_and_as_varied_as_real_ones(thousand: list[str]) -> None:
    (counts,) = growth(thousand)
    assert counts["rows"] == len(thousand) == 1_000
    assert counts["distinct"] == pytest.approx(REAL_DISTINCT[1_000], rel=0.15)
    assert 40 < counts["words"] / counts["rows"] < 52
    assert sorted(len(text.split()) for text in thousand)[500] == pytest.approx(23, abs=3)
    assert any(not text for text in thousand)


def test_file_of_reviews(tmp_path: Path, thousand: list[str]) -> None:
    path = tmp_path / "reviews.csv"
    write_reviews(path, 40)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == thousand[:40]
    assert len({row["id"] for row in rows}) == 40
    assert path.read_text(encoding="utf-8").count("\n") == 41


def test_hostile_files(tmp_path: Path) -> None:
    words = [word for text in hostile.distinct_words(400) for word in text.split()]
    assert len(set(words)) == len(words) == 400 * 50
    assert 10_000 <= len(hostile.long_text(10_000).encode()) < 40_000
    assert hostile.ordinary(tmp_path / "like.csv", 10_000) > 10


def test_peers_learn_from_the_corpora_and_answer_all_dimensions() -> None:
    assert {example.language for example in examples()} == {"nl", "da", "sv", "en"}
    assert dimensions(["quality:negative", "speed:mixed", "quality:positive"]) == ["mixed", "negative", *["none"] * 3]
    assert len(dimensions([])) == len(DIMENSIONS)


@LINUX
def test_command_is_measured() -> None:
    script = "import subprocess, sys, time; x = bytearray(60_000_000); {}; time.sleep(0.3)"
    child = f"subprocess.run([sys.executable, '-c', {script.format('pass')!r}])"
    run = measure([sys.executable, "-c", script.format(child)], one_core(), private=True)
    assert run["wall"] > 0.6
    assert run["peak"] > 60e6
    assert run["worker"] > run["worker_private"] > 60e6
    with pytest.raises(RuntimeError, match="exit code 3"):
        measure([sys.executable, "-c", "import sys; sys.exit(3)"], one_core())


@LINUX
def test_first_row_does_not_wait_for_the_last() -> None:
    script = "import time; print('head'); time.sleep(0.1); print('row', flush=True); time.sleep(60)"
    assert 0.1 < first_row([sys.executable, "-c", script], one_core()) < 30


def test_bars_compare_medians(results: dict[str, Any]) -> None:
    figures = Figures(results)
    assert figures.seconds(named(FASTTEXT), MANY, 1).median == 20
    assert figures.seconds(named(OBVIOUS), MANY, 1).median == pytest.approx(3 + 0.01 * MANY)
    found = {bar.what: (bar.figure, bar.met) for bar in bars(figures)}
    assert found["100,000 reviews on one core, against fastText"] == ("5.00 ×", True)
    assert found["100,000 reviews on one core, against the obvious pipeline"] == ("251 ×", True)
    assert found["1,000,000 reviews on one core, against fastText"] == ("5.00 ×", False)
    assert found["two workers against one, 100,000 reviews"] == ("1.60 ×", False)
    assert found["memory of the main process, 100,000 reviews"] == ("400 MB", True)
    assert found["memory that a worker adds"] == ("310 MB", False)
    assert found["different words only: times as long as reviews"] == ("4 ×", False)
    assert found["100,000 reviews to a report"] == ("9.0 s", True)
    assert found["size of its page"] == ("1 MB", True)
    assert found["`classifier.predict([text])`"] == ("0.40 ms", True)


def test_report_has_everybody_and_all_bars(results: dict[str, Any]) -> None:
    page = report(Figures(json.loads(as_text(results))))
    assert all(f"| {contender.title} |" in page for contender in CONTENDERS)
    assert page.count("| yes |") + page.count("| **no** |") == len(bars(Figures(results)))
    assert "1,003" in page, "seconds of the obvious pipeline"


def test_pictures(results: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need matplotlib, which only `make bench` installs")
    draw(Figures(results), tmp_path)
    first = [(tmp_path / f"{name}.svg").read_bytes() for name in NAMES]
    draw(Figures(results), tmp_path)
    assert [(tmp_path / f"{name}.svg").read_bytes() for name in NAMES] == first


@pytest.fixture
def results() -> dict[str, Any]:
    """Invented results: feedbackclf takes 4 s for 100,000 rows, fastText five times that, the others 10 ms a row."""

    def run(name: str, rows: int, cores: int, wall: float) -> dict[str, Any]:
        counts = {"contender": name, "rows": rows, "cores": cores, "wall": wall, "peak": 400_000_000}
        return {**counts, "round": 0, "worker_private": 310_000_000, "bytes": 1_000_000, "model": 1}

    def runs(rows: int) -> list[dict[str, Any]]:
        own = [run(OWN, rows, cores, 4 * rows / MANY / (1, 1.6)[cores - 1]) for cores in (1, 2)]
        return [*own, *(run(FASTTEXT, rows, cores, 20 * rows / MANY) for cores in (1, 2))]

    slow = [contender.name for contender in CONTENDERS if contender.pair]
    pairs = [run(name, rows, cores, 3 + rows / 100) for name in slow for rows in (100, 500) for cores in (1, 2)]
    speed = [*runs(MANY), *pairs]
    files = [{**run(OWN, 10, 1, 12 if name == "distinct-words" else 3), "file": name} for name in TITLES]
    sections = {
        "words": [{"rows": 1_000, "words": 45_000, "distinct": 12_000, "pairs": 36_000}],
        "training": [run(contender.name, 0, 1, 9) for contender in CONTENDERS],
        "speed": speed,
        "growth": [*runs(1_000), *runs(MOST)],
        "memory": [*speed, *runs(MOST)],
        "first-row": [{"contender": contender.name, "seconds": 1.5} for contender in CONTENDERS],
        "hostile": files,
        "library": [{"load": 0.1, "single": 0.0004}],
        "seeing": [{**run(OWN, MANY, 1, 9), "kind": kind} for kind in SEEING],
    }
    assert set(sections) == set(SECTIONS)
    return {"about": {"processor": "none"}, "sections": sections}

"""What comes after the labels: evidence, and a report. This project alone, for others have nothing like it."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from benchmarks.contenders import BUILD, FEEDBACKCLF
from benchmarks.reviews import reviews

SHOPS, CHANNELS = ("Aarhus", "Malmö", "Utrecht", "Leeds", "Gent"), ("web", "app", "shop")
FIRST_DAY, DAYS = date(2025, 1, 1), 690
TITLES = {
    "labels": "labels, CSV",
    "evidence-csv": "labels and evidence, CSV",
    "evidence-jsonl": "the same with offsets and weights, JSONL",
    "page-raw": "report, page from a raw file",
    "page-tagged": "report, page from a tagged file",
    "figures": "report, figures from a tagged file",
    "figures-most": "the same, of very many",
}
"""What is measured, and how tables call it."""


def write_dump(path: Path, rows: int) -> None:
    """Reviews with a date, a shop, a channel and stars, drawn at random."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = random.Random(0)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "shop", "channel", "stars", "text"])
        for text in reviews(rows):
            day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
            writer.writerow([day.isoformat(), rng.choice(SHOPS), rng.choice(CHANNELS), rng.randint(1, 5), text])


def commands(raw: Path, tagged: Path, most: Path) -> Mapping[str, tuple[list[str], Path]]:
    """For each of `TITLES` a command, and the file that it writes.

    Args:
        raw: a dump.
        tagged: where its labels are to go. It is there when the reports are made of it.
        most: a much larger one, tagged.
    """
    evidence, jsonl, page, figures = (BUILD / name for name in ("evidence.csv", "evidence.jsonl", "r.html", "r.json"))
    predict, report = ([FEEDBACKCLF, command, "--no-progress"] for command in ("predict", "report"))
    return {
        "labels": ([*predict, str(raw), "-o", str(tagged)], tagged),
        "evidence-csv": ([*predict, str(raw), "--evidence", "-o", str(evidence)], evidence),
        "evidence-jsonl": ([*predict, str(raw), "--evidence", "-o", str(jsonl)], jsonl),
        "page-raw": ([*report, str(raw), "-o", str(page)], page),
        "page-tagged": ([*report, str(tagged), "-o", str(page)], page),
        "figures": ([*report, str(tagged), "--json", str(figures), "--no-quotes"], figures),
        "figures-most": ([*report, str(most), "--json", str(figures), "--no-quotes"], figures),
    }

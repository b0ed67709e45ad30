"""The files that the examples of README and docs speak of, small, made from the corpora."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LANGUAGES = ("nl", "da", "sv", "en")
LABELLED, RAW = 100, 12
"""Texts per language: as few as a model can tell languages from, and as few as a report shows a group of."""

Row = Mapping[str, Any]


def write_stand_ins(folder: Path, corpora: Path) -> None:
    """Put the files into a folder: raw and labelled, of every kind that an example reads."""
    texts = {language: _rows(corpora / f"{language}.jsonl", LABELLED) for language in LANGUAGES}
    raw = [_raw(row, number) for number, row in enumerate(row for rows in texts.values() for row in rows[:RAW])]
    half = len(raw) // 2

    _csv(folder / "reviews.csv", raw)
    _csv(folder / "spring.csv", raw[:half])
    _csv(folder / "autumn.csv", raw[half:])
    with gzip.open(folder / "reviews.csv.gz", "wt", encoding="utf-8", newline="") as file:
        _write_csv(file, [{"body": row["text"]} for row in raw])
    (folder / "dumps").mkdir()
    _csv(folder / "dumps" / "monday.csv", raw[:half])
    _csv(folder / "dumps" / "tuesday.csv", raw[half:])
    _xlsx(folder / "dumps" / "monday.xlsx", raw[:half])
    _jsonl(folder / "a.jsonl", raw[:half])
    _jsonl(folder / "b.jsonl", raw[half:])

    (folder / "corpora").mkdir()
    for language, rows in texts.items():
        _jsonl(folder / "corpora" / f"{language}.jsonl", rows[20:])
    _csv(folder / "my-labels.csv", [row for rows in texts.values() for row in rows[:20]])
    _csv(folder / "hotel-labels.csv", [_hotel(row) for rows in texts.values() for row in rows[:15]])
    _jsonl(folder / "my-test-set.jsonl", [row for rows in texts.values() for row in rows[::5]])


def _raw(row: Row, number: int) -> Row:
    """A review as a shop exports it: the text, without labels."""
    stars = {"positive": 5, "negative": 1}.get(row["sentiment"], 3)
    date = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}"
    return {"id": row["id"], "date": date, "shop": ("north", "south")[number % 2], "stars": stars, "text": row["text"]}


def _hotel(row: Row) -> Row:
    """A row labelled for other questions. That the answers are those to ours does not matter here."""
    answers = {"sentiment": row["sentiment"], "price": row["speed"], "cleanliness": row["quality"]}
    return {"text": row["text"], "language": row["language"], **answers}


def _rows(path: Path, n: int) -> list[Row]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line, _ in zip(file, range(n), strict=False)]


def _csv(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        _write_csv(file, rows)


def _write_csv(file: Any, rows: Sequence[Row]) -> None:
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)


def _jsonl(path: Path, rows: Sequence[Row]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _xlsx(path: Path, rows: Sequence[Row]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("reviews")
    for values in (list(rows[0]), *(list(row.values()) for row in rows)):
        sheet.append(values)
    book.save(path)

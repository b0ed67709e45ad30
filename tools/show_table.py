"""Print a tagged CSV file as a table that fits a terminal: `python tools/show_table.py build/sample.tagged.csv`."""

from __future__ import annotations

import csv
import sys
import unicodedata
from pathlib import Path

WIDTH = 140
TEXT_WIDTH = 48
GAP = "  "
SIGNS = {"positive": "+", "negative": "-", "mixed": "~"}
CHOICES = ("level", "issue", "loyalty")
LEGEND = "+ praised   - criticised   ~ both; a dimension that is not listed is not mentioned"


def main() -> None:
    path = Path(sys.argv[1])
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    print(table(rows))
    print(f"\n{LEGEND}\nAll columns, with the probabilities: {path}")


def table(rows: list[dict[str, str]]) -> str:
    """The rows with aligned columns, under a header and a rule."""
    header = ["id", "text", "lang", "sentiment", "mentioned", *CHOICES]
    cells = [
        [row["id"], row["text"], row["language"], row["sentiment"], mentioned(row), *(row[name] for name in CHOICES)]
        for row in rows
    ]
    lines = [header, *cells]
    widths = [max(columns_of(line[place]) for line in lines) for place in range(len(header))]
    others = sum(widths) - widths[1] + len(GAP) * (len(header) - 1)
    widths[1] = min(widths[1], TEXT_WIDTH, max(WIDTH - others, len("text")))
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        GAP.join(fit(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def mentioned(row: dict[str, str]) -> str:
    """The dimensions that a row mentions, each with the sign of its polarity."""
    names = [name for name in row if f"{name}_confidence" in row and name not in ("language", "sentiment")]
    return " ".join(name + SIGNS[row[name]] for name in names if row[name] in SIGNS)


def fit(text: str, width: int) -> str:
    """A text cut or filled up to a width in terminal columns."""
    text = " ".join(text.split())
    if columns_of(text) > width:
        while columns_of(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - columns_of(text))


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes: most emoji take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


if __name__ == "__main__":
    main()

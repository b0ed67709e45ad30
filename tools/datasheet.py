"""Write the count tables of `corpora/README.md` from the corpus files: `python tools/datasheet.py [--check]`."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from feedbackclf.taxonomy import Taxonomy, default_taxonomy

CORPORA = Path(__file__).resolve().parent.parent / "corpora"
BEGIN, END = "<!-- counts: written by tools/datasheet.py -->", "<!-- end of counts -->"

Row = dict[str, Any]


def read_languages(folder: Path, taxonomy: Taxonomy) -> dict[str, list[Row]]:
    """The rows of `folder/LANGUAGE.jsonl` by language."""
    return {
        language: [json.loads(line) for line in (folder / f"{language}.jsonl").read_bytes().splitlines()]
        for language in taxonomy.languages
    }


def count_tables(rows: dict[str, list[Row]], taxonomy: Taxonomy) -> str:
    """Markdown: sizes per language, labels per head and language, sectors."""
    every_row = [row for language in rows.values() for row in language]
    columns = [*rows.values(), every_row]

    def line(name: str, figure: Callable[[list[Row]], str]) -> list[str]:
        return [name, *map(figure, columns)]

    def words(part: Iterable[Row]) -> list[int]:
        return [len(str(row["text"]).split()) for row in part]

    sizes = [
        line("texts", lambda part: f"{len(part):,}"),
        line("words", lambda part: f"{sum(words(part)):,}"),
        line("words per text, on average", lambda part: f"{sum(words(part)) / len(part):.0f}"),
        line("words per text, least to most", lambda part: f"{min(words(part))}–{max(words(part))}"),
        line("sectors", lambda part: str(len({row["sector"] for row in part}))),
    ]
    labels = []
    for head in taxonomy.heads:
        counts = [Counter(row.get(head.name) for row in part) for part in columns]
        for i, label in enumerate(head.labels):
            name = f"**{head.name}**" if i == 0 else ""
            labels.append([name, f"`{label}`", *(f"{count[label]:,}" for count in counts)])
    sectors = Counter(str(row["sector"]) for row in every_row)
    names = [*rows, "all"]
    return "\n\n".join(
        [
            _table(["", *names], sizes),
            _table(["head", "label", *names], labels),
            "Texts per sector: " + ", ".join(f"{name} {count}" for name, count in sorted(sectors.items())) + ".",
        ]
    )


def fill_in(readme: str, tables: str) -> str:
    """The README with `tables` between its markers.

    Raises:
        ValueError: a marker is missing.
    """
    pattern = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)
    filled, found = pattern.subn(lambda _: f"\n{tables}\n\n", readme)
    if found != 1:
        raise ValueError(f"the README needs one {BEGIN!r} followed by {END!r}")
    return filled


def main(arguments: Sequence[str]) -> int:
    """Write the README, or with `--check` say whether it is up to date (exit code 1: it is not)."""
    path = CORPORA / "README.md"
    taxonomy = default_taxonomy()
    old = path.read_text(encoding="utf-8")
    new = fill_in(old, count_tables(read_languages(CORPORA, taxonomy), taxonomy))
    if "--check" in arguments:
        return int(old != new)
    path.write_text(new, encoding="utf-8")
    return 0


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    n_names = sum(1 for name in header if name in ("", "head", "label"))
    rule = ["---"] * n_names + ["---:"] * (len(header) - n_names)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Write `docs/experiments.md` from what was measured, `docs/experiments.json`.

Usage: python tools/experiments.py [--check]

An entry says what was tried (`what`), whether it was kept (`kept`), what was seen (`note`), and the figures: `cv`, from
cross-validation over the annotated texts, and `dev`, on the development set, both as the summaries of
`feedbackclf.evaluation.report` name them. `base` is the title of the entry that it is compared with.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "experiments.json"
COLUMNS = {
    "mentioned_f1": "mentioned",
    "signed_f1": "signed",
    "sentiment_accuracy": "sentiment",
    "level_macro_f1": "level",
    "issue_macro_f1": "issue",
    "loyalty_macro_f1": "loyalty",
    "mentioned_ap": "mentioned (average precision)",
    "mentioned_f1_sources": "mentioned, sources left out",
    "mentioned_f1_sources_da": "the same in Danish",
}


def main() -> None:
    """Write, or with --check only compare."""
    path = FILE.with_suffix(".md")
    page = rendered(json.loads(FILE.read_text(encoding="utf-8")))
    if "--check" in sys.argv:
        sys.exit(
            None if path.read_text(encoding="utf-8") == page else f"{path.name} is not up to date; run this script"
        )
    path.write_text(page, encoding="utf-8")


def rendered(sections: list[Mapping[str, Any]]) -> str:
    """The page, in Markdown."""
    parts = [
        "# Experiments",
        "What was tried to make the shipped model better, and what came of it. Written by `tools/experiments.py`.",
    ]
    for section in sections:
        parts += [f"## {section['title']}", section["about"], _table(section["entries"])]
        parts += [f"- **{entry['what']}**: {entry['note']}" for entry in section["entries"] if entry.get("note")]
    return "\n\n".join(parts).replace("\n\n- **", "\n- **").replace("|\n- **", "|\n\n- **") + "\n"


def _table(entries: list[Mapping[str, Any]]) -> str:
    measured = [
        (name, place) for place in ("cv", "dev") for name in COLUMNS if any(name in e.get(place, {}) for e in entries)
    ]
    titles = [f"{COLUMNS[name]}, {'cross-validated' if place == 'cv' else 'dev'}" for name, place in measured]
    lines = ["| | " + " | ".join([*titles, "kept"]) + " |", "|---|" + "---|" * (len(titles) + 1)]
    for entry in entries:
        cells = [_cell(entry.get(place, {}).get(name)) for name, place in measured]
        lines.append(f"| {entry['what']} | {' | '.join(cells)} | {entry['kept']} |")
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()

"""Write the figures of the shipped model into README.md, between its markers.

Usage: python tools/readme_figures.py [--check]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from feedbackclf.model_card import HELD_OUT, summary_table

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


def main() -> None:
    """Write, or with --check only compare."""
    path = ROOT / "README.md"
    old = path.read_text(encoding="utf-8")
    new = with_figures(old, (ROOT / "models" / "default" / "metrics.json").read_text(encoding="utf-8"))
    if "--check" in sys.argv:
        sys.exit(None if old == new else "README.md: its figures are not those of models/default; run this script")
    path.write_text(new, encoding="utf-8")


def with_figures(readme: str, metrics: str) -> str:
    """The README with the figures of a `metrics.json`."""
    report = json.loads(metrics)[HELD_OUT]
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    intro = (
        f"The shipped model on {report['rows']:,} held-out texts. *Mentioned* is the mean F1 over the dimensions of "
        "telling whether a text mentions them, *signed* that of telling praise and criticism of each. The card "
        "(`feedbackclf models show default`) has intervals, every head, and the limits; "
        "[docs/accuracy](docs/accuracy/README.md) compares it with other tools, language by language, and "
        "[docs/language.md](docs/language.md) says how well languages are told."
    )
    return f"{before}{BEGIN}\n{intro}\n\n{summary_table(report)}\n{END}{after}"


if __name__ == "__main__":
    main()

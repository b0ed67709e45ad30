"""Measure language identification on sentences held out from training, beside langdetect; writes docs/language.md.

Usage: python tools/language_accuracy.py [--data ../shared/data]

A fifth of the parallel M-ABSA sentences, a sentence and its translations together, and a fifth of the sentences in
other languages are held out. What is measured is a model trained on the rest, with the settings of the shipped one.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from feedbackclf.language import LangdetectDetector, LanguageDetector, ModelDetector, detect_languages
from feedbackclf.language_training import train_language
from feedbackclf.taxonomy import UNDETERMINED, default_taxonomy

ROOT = Path(__file__).parents[1]
CUTS = {"whole sentence": 10_000, "first five words": 5, "first two words": 2}


def main() -> None:
    """Train, measure, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    data: Path = parser.parse_args().data
    if not (data / "other-languages.jsonl").is_file():
        sys.exit(f"{data}: the data that this is measured on is not here; nothing was done")
    ours = default_taxonomy().languages
    parallel = [row for code in ours for row in read(data / f"mabsa.{code}.jsonl.gz")]
    keys = sorted({key(row) for row in parallel})
    others = read(data / "other-languages.jsonl")
    random.Random(0).shuffle(keys)
    random.Random(0).shuffle(others)
    out, few = set(keys[: len(keys) // 5]), len(others) // 5
    held_out = [row for row in parallel if key(row) in out]
    rest = [row for row in parallel if key(row) not in out]
    # M-ABSA sentences are among the Dutch and English reviews and annotated texts, too.
    seen = {row["text"] for row in held_out}
    reviews = [row for code in ours for row in read(data / f"reviews.{code}.jsonl.gz")]
    annotated = read(data / "annotated.train.jsonl")
    authored = [row for code in ours for row in read(ROOT / "corpora" / f"{code}.jsonl")]
    train = [*annotated, *authored, *(r for r in [*reviews, *rest] if r["text"] not in seen), *others[few:]]
    train = [row for row in train if row["text"] not in seen]
    model = train_language([r["text"] for r in train], [r["language"] for r in train], ours, seed=0)
    detectors = {"feedbackclf": ModelDetector(model, ours), "langdetect": LangdetectDetector(ours)}
    (ROOT / "docs" / "language.md").write_text(table(detectors, held_out, others[:few], ours), encoding="utf-8")


def table(
    detectors: dict[str, LanguageDetector],
    held_out: Sequence[dict[str, Any]],
    others: Sequence[dict[str, Any]],
    ours: Sequence[str],
) -> str:
    """The page, in Markdown."""
    texts = Counter(row["text"] for row in held_out)
    readings = Counter((row["text"], row["language"]) for row in held_out)
    tellable = sum(max(readings[text, code] for code in ours) for text in texts)
    lines = [
        "# How well languages are told",
        "",
        f"Measured by `tools/language_accuracy.py` on {len(held_out):,} M-ABSA sentences, parallel in the four "
        f"languages, and {len(others):,} sentences in other languages, all held out. Shares in %. langdetect has only "
        "the profiles of these languages and of their look-alikes. *Unambiguous* leaves out the "
        f"{sum(n for n in texts.values() if n > 1):,} sentences that read the same in several languages: names, lists "
        f"of specifications, bits of Italian. Because of them no detector can tell more than "
        f"{100 * tellable / len(held_out):.2f} % of all.",
        "",
        "| | " + " | ".join([*ours, "all"]) + " |",
        "|---|" + "---|" * (len(ours) + 1),
    ]
    for name, detector in detectors.items():
        for cut, words in CUTS.items():
            lines.append(row_of(f"{name}, {cut}", detector, held_out, words, ours))
        clear = [row for row in held_out if texts[row["text"]] == 1]
        lines.append(row_of(f"{name}, whole sentence, unambiguous", detector, clear, 10_000, ours))
    lines += ["", "| read as `und` | Norwegian | all of the other languages, Norwegian too |", "|---|---|---|"]
    for name, detector in detectors.items():
        found = [code == UNDETERMINED for code, _ in detect_languages([row["text"] for row in others], detector)]
        norwegian = [hit for hit, row in zip(found, others, strict=True) if row["language"] == "no"]
        lines.append(f"| {name} | {percent(norwegian)} | {percent(found)} |")
    return "\n".join(lines) + "\n"


def row_of(
    title: str, detector: LanguageDetector, rows: Sequence[dict[str, Any]], words: int, ours: Sequence[str]
) -> str:
    """A row of the table: shares told right per language and over all."""
    cut = [" ".join(row["text"].split()[:words]) for row in rows]
    right = [code == row["language"] for (code, _), row in zip(detect_languages(cut, detector), rows, strict=True)]
    shares = [percent([hit for hit, row in zip(right, rows, strict=True) if row["language"] == code]) for code in ours]
    return f"| {title} | {' | '.join([*shares, percent(right)])} |"


def percent(hits: Sequence[bool]) -> str:
    """A share in %."""
    return f"{100 * sum(hits) / len(hits):.2f}"


def key(row: dict[str, Any]) -> tuple[str, str, int]:
    """What an M-ABSA sentence and its translations share."""
    return row["domain"], row["split"], row["line"]


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSONL file, gzipped or not."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()

"""Measure the Python API in a fresh process: seconds to load the model, and of one text at a time. Prints JSON.

Usage: python -m benchmarks.library FILE
"""

from __future__ import annotations

import csv
import json
import statistics
import sys
import time
from pathlib import Path

import feedbackclf
import feedbackclf.classifier
import feedbackclf.persistence

WARM_UP, CALLS = 2_000, 1_000


def main() -> None:
    """Load, warm up with some texts of the file, then predict others one by one."""
    started = time.perf_counter()
    classifier = feedbackclf.load()
    load = time.perf_counter() - started
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row, _ in zip(csv.DictReader(file), range(WARM_UP + CALLS), strict=False)]
    if len(texts) < WARM_UP + CALLS:
        sys.exit(f"{sys.argv[1]}: fewer than {WARM_UP + CALLS:,} texts")
    for text in texts[:WARM_UP]:
        classifier.predict([text])
    seconds = []
    for text in texts[WARM_UP:]:
        started = time.perf_counter()
        classifier.predict([text])
        seconds.append(time.perf_counter() - started)
    print(json.dumps({"load": load, "single": statistics.median(seconds)}))


if __name__ == "__main__":
    main()

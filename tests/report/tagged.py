"""Makes up tagged files: labels drawn at random, so that every figure has something to say."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from feedbackclf.taxonomy import Taxonomy, default_taxonomy

TEXTS = (
    "Fin butik, hurtig hjælp",
    "Duurde lang, maar netjes opgelost",
    "Trevlig personal",
    "It broke after a week",
    "👍",
)
SHOPS = ("Aarhus", "Breda", "Cork", "Dalby", "Edam", "Falun")
SHARES = (0.34, 0.3, 0.2, 0.1, 0.04, 0.02)
_SATISFACTION = {"positive": 1.0, "negative": -1.0, "mixed": 0.0, "none": 0.0}


def tagged_rows(n: int, seed: int = 0, taxonomy: Taxonomy | None = None) -> list[dict[str, Any]]:
    """Rows as `predict` writes them, with stars, dates and shops; some cells are missing, some texts empty."""
    taxonomy = taxonomy or default_taxonomy()
    rng = np.random.default_rng(seed)
    return [_row(number, rng, taxonomy) for number in range(1, n + 1)]


def write_csv(path: Path, rows: list[dict[str, Any]], delimiter: str = ",") -> Path:
    """A CSV file; None is an empty cell."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)
    return path


def _row(number: int, rng: np.random.Generator, taxonomy: Taxonomy) -> dict[str, Any]:
    is_empty = rng.random() < 0.06
    shop = SHOPS[rng.choice(len(SHOPS), p=SHARES)]
    labels = dict.fromkeys(taxonomy.output_columns)
    labels["language"] = "und" if is_empty else str(rng.choice([*taxonomy.languages, "und"], p=_languages(taxonomy)))
    good = rng.normal(0.3 if shop == "Aarhus" else 0.0)
    if not is_empty:
        labels["language_confidence"] = round(rng.random(), 4)
        for head in taxonomy.heads:
            labels[head.name] = _label(head.labels, head.is_dimension, good, rng)
            if head.confidence:
                labels[f"{head.name}_confidence"] = round(float(rng.random()), 4)
        # As of `predict --min-confidence`.
        if rng.random() < 0.02:
            labels[taxonomy.heads[-1].name] = None
    said = sum(_SATISFACTION[labels[head.name]] for head in taxonomy.dimensions if labels[head.name])
    stars = int(np.clip(round(3 + good + 0.6 * said + rng.normal(0, 0.7)), 1, 5))
    day = date(2026, 1, 1) + timedelta(days=int(rng.integers(0, 270)))
    return {
        "id": f"r{number}",
        "text": "" if is_empty else str(rng.choice(TEXTS)),
        "stars": None if rng.random() < 0.1 else stars,
        "date": None if rng.random() < 0.08 else day.isoformat(),
        "shop": None if rng.random() < 0.05 else shop,
        "channel": str(rng.choice(["web", "app"])),
        **labels,
    }


def _label(labels: tuple[str, ...], is_dimension: bool, good: float, rng: np.random.Generator) -> str:
    if is_dimension:
        if rng.random() < 0.55:
            return "none"
        return "mixed" if rng.random() < 0.1 else "positive" if good + rng.normal() > 0 else "negative"
    weights = np.exp(-np.arange(len(labels)) / 2 + rng.normal(0, 0.3, len(labels)))
    if labels[0] == "positive":
        weights[0] *= np.exp(good)
    return str(rng.choice(labels, p=weights / weights.sum()))


def _languages(taxonomy: Taxonomy) -> list[float]:
    n = len(taxonomy.languages)
    return [0.97 / n] * n + [0.03]

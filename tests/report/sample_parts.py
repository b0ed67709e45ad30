"""The parts that figures made by hand are put together from."""

from __future__ import annotations

import random
from math import sqrt

from feedbackclf.report.figures import (
    Balance,
    Breakdown,
    ChoiceFigures,
    DimensionFigures,
    Drivers,
    Effect,
    Estimate,
    Group,
    LabelFigures,
    Part,
    PartDimension,
    Share,
    Trends,
)

ROWS = 2980
DIMENSIONS = {
    "speed": ("How long something took, or punctuality.", 0.38, 0.55, 0.38),
    "quality": ("The product, or the outcome of the work delivered.", 0.52, 0.61, 0.31),
    "greeting": ("How people at the business receive and treat the customer.", 0.33, 0.78, 0.18),
    "resolution": ("How a question, problem, complaint, return or refund is handled.", 0.21, 0.22, 0.71),
    "gratitude": ("Thanks from the writer, or appreciation shown or withheld by the business.", 0.14, 0.94, 0.04),
}
ACTIONS = ("apologise and call back", "refund", "send thanks", "pass on to the shop")


def share(count: int, n: int) -> Estimate:
    """A share with an interval by the normal approximation, which is good enough for a sample."""
    value = count / n if n else 0.0
    return estimate(value, sqrt(value * (1 - value) / n) if n else 0.0, n, 0.0)


def estimate(value: float, error: float, n: int, least: float = -1.0) -> Estimate:
    return Estimate(value, max(least, value - 1.96 * error), min(1.0, value + 1.96 * error), n)


def shares(counts: dict[str, int], n: int) -> tuple[Share, ...]:
    return tuple(Share(label, count, share(count, n)) for label, count in counts.items())


def balance(counts: dict[str, int]) -> Balance:
    n = sum(counts.values())
    return Balance(shares(counts, n), estimate((counts["positive"] - counts["negative"]) / n, 0.9 / sqrt(n), n))


def dimension(name: str) -> DimensionFigures:
    description, mentioned, praise, criticism = DIMENSIONS[name]
    rows = round(ROWS * mentioned)
    counts = {"positive": round(rows * praise), "negative": round(rows * criticism)}
    polarity = balance({**counts, "mixed": rows - sum(counts.values())})
    return DimensionFigures(name, description, Share("mentioned", rows, share(rows, ROWS)), polarity)


def choices() -> tuple[ChoiceFigures, ...]:
    def choice(name: str, description: str, counts: dict[str, int], acted: bool) -> ChoiceFigures:
        labels = []
        for label, count in counts.items():
            tasks = tuple(
                Share(action, count // (i + 2), share(count // (i + 2), count)) for i, action in enumerate(ACTIONS[:3])
            )
            net = estimate(random.uniform(-0.8, 0.8), 0.9 / sqrt(count), count)
            labels.append(LabelFigures(label, Share(label, count, share(count, ROWS)), net, tasks if acted else ()))
        return ChoiceFigures(name, description, tuple(labels))

    levels = {"fails": 901, "meets": 1220, "exceeds": 511, "delights": 250, "amazes": 98}
    issues = {"none": 1702, "product": 420, "delivery": 390, "service": 301, "billing": 88, "other": 79}
    loyalty = {"none": 2311, "new": 140, "returning": 232, "at_risk": 297}
    return (
        choice("level", "The experience against the expectation.", levels, False),
        choice("issue", "The main problem, if there is one.", issues, True),
        choice("loyalty", "What the text says of the relation with the business.", loyalty, True),
    )


def drivers() -> Drivers:
    effects = []
    for name, (_, mentioned, praise, criticism) in DIMENSIONS.items():
        for polarity, of_them in (("positive", praise), ("negative", criticism)):
            rows = round(ROWS * mentioned * of_them)
            if rows < 60:
                continue
            size = random.uniform(0.1, 0.6) if polarity == "positive" else -random.uniform(0.3, 1.5)
            error, part = 1.4 / sqrt(rows), rows / ROWS
            known = abs(size) > 2 * error
            effects.append(
                Effect(
                    name,
                    polarity,
                    rows,
                    Estimate(size, size - 1.96 * error, size + 1.96 * error, 2874),
                    Estimate(size * part, (size - 1.96 * error) * part, (size + 1.96 * error) * part, 2874),
                    0.00002 if known else 0.31,
                    0.0001 if known else 0.36,
                )
            )
    effects.sort(key=lambda effect: -abs(effect.impact.value))
    return Drivers(
        "rating", "stars", 2874, Estimate(3.5, 3.4, 3.6, 2874), 0.412, tuple(effects), ("gratitude negative",)
    )


def trends() -> Trends:
    periods = []
    for month in range(18):
        rows = random.randint(90, 240)
        net = 0.02 + 0.01 * month + random.uniform(-0.06, 0.06)
        parts = {
            name: PartDimension(
                estimate(mentioned, 0.03, rows, 0.0),
                None
                if name == "gratitude" and month % 5 == 0
                else estimate(praise - criticism + random.uniform(-0.1, 0.1), 0.08, rows),
            )
            for name, (_, mentioned, praise, criticism) in DIMENSIONS.items()
        }
        name = f"{2025 + month // 12}-{month % 12 + 1:02}-01"
        rating = Estimate(3.4 + net, 3.2 + net, 3.6 + net, rows)
        periods.append(Part(name, rows, estimate(net, 0.9 / sqrt(rows), rows), rating, parts))
    return Trends("date", "month", tuple(periods), 1, 42, estimate(0.0098, 0.002, ROWS), 0.0003)


def breakdown(column: str, groups: dict[str, tuple[int, float]], q: float) -> Breakdown:
    made = []
    for name, (rows, net) in groups.items():
        parts = {
            dimension: PartDimension(
                share(round(rows * mentioned), rows),
                None if rows < 100 else estimate(praise - criticism + random.uniform(-0.1, 0.1), 0.1, rows),
            )
            for dimension, (_, mentioned, praise, criticism) in DIMENSIONS.items()
        }
        differs = abs(net - 0.13) > 0.1
        part = Part(
            name, rows, estimate(net, 0.9 / sqrt(rows), rows), Estimate(3.4 + net, 3.3 + net, 3.5 + net, rows), parts
        )
        made.append(Group(part, estimate(net - 0.13, 1 / sqrt(rows), ROWS), 0.001, 0.004 if differs else 0.4, differs))
    return Breakdown(column, tuple(made), 4, 31, 12, q / 2, q)

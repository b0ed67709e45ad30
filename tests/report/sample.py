"""Figures made by hand, as rich as a report gets and as poor. Numbers come from a fixed seed; texts are our own."""

from __future__ import annotations

import random
from dataclasses import replace

from feedbackclf.report.figures import (
    Balance,
    Change,
    ChoiceFigures,
    Comparison,
    DimensionFigures,
    Estimate,
    Figures,
    LabelFigures,
    Quote,
    Share,
    Source,
    Unsure,
)
from tests.report.sample_parts import (
    DIMENSIONS,
    ROWS,
    balance,
    breakdown,
    choices,
    dimension,
    drivers,
    estimate,
    share,
    shares,
    trends,
)
from tests.report.sample_quotes import CHANNELS, SHOPS, quotes


def sample() -> Figures:
    """3,000 rows, 20 of them without text."""
    random.seed(7)
    return Figures(
        title="Customer feedback, January 2025 to June 2026",
        made="2026-07-02",
        version="0.1.0",
        model="default",
        source=Source("reviews_2025.csv", 3000, 20),
        dates=("2025-01-02", "2026-06-29"),
        languages=shares({"nl": 1210, "en": 902, "sv": 471, "da": 380, "und": 17}, ROWS),
        sentiment=balance({"positive": 1490, "negative": 1104, "neutral": 206, "mixed": 180}),
        rating=Estimate(3.42, 3.36, 3.48, 2874),
        ratings=shares({"1": 580, "2": 324, "3": 371, "4": 610, "5": 989}, 2874),
        dimensions=tuple(dimension(name) for name in DIMENSIONS),
        choices=choices(),
        drivers=drivers(),
        trends=trends(),
        breakdowns=(breakdown("shop", SHOPS, 0.03), breakdown("channel", CHANNELS, 0.24)),
        unsure=tuple(
            Unsure(head, Share("unsure", count, share(count, ROWS)))
            for head, count in (("sentiment", 121), *((name, 60 + 30 * i) for i, name in enumerate(DIMENSIONS)))
        ),
        quotes=quotes(200),
        comparison=None,
        min_group=20,
        notes=("Dates were read as day, month, year.", "Two rows could not be read; they are in the file of rejects."),
    )


def compared() -> Figures:
    """With what changed since another dump."""
    random.seed(8)
    changes = [
        _change("sentiment", "net", 0.04, 0.13, True),
        _change("sentiment", "positive", 0.46, 0.50, True),
        _change("sentiment", "negative", 0.42, 0.37, True),
        Change(
            "rating",
            "mean",
            Estimate(3.21, 3.12, 3.3, 1890),
            Estimate(3.42, 3.36, 3.48, 2874),
            Estimate(0.21, 0.1, 0.32, 4764),
            0.0001,
            0.0004,
            True,
        ),
    ]
    for name, (_, mentioned, praise, criticism) in DIMENSIONS.items():
        changes.append(_change(name, "mentioned", mentioned - 0.01, mentioned, False))
        worse = name == "resolution"
        net = praise - criticism
        changes.append(_change(name, "net", net + 0.15 if worse else net - 0.02, net, worse))
    changes.append(_change("issue", "delivery", 0.22, 0.16, True))
    changes.append(_change("loyalty", "at_risk", 0.09, 0.10, False))
    before = Source("reviews_2024.csv", 2010, 4)
    return replace(sample(), comparison=Comparison(before, Source("reviews_2025.csv", 3000, 20), tuple(changes)))


def least() -> Figures:
    """One row, and nothing known of it but its language and sentiment."""
    one = Share("positive", 1, Estimate(1.0, None, None, 1))
    return Figures(
        title="One text",
        made="2026-07-02",
        version="0.1.0",
        model="default",
        source=Source("-", 1, 0),
        dates=None,
        languages=(Share("en", 1, Estimate(1.0, None, None, 1)),),
        sentiment=Balance((one, Share("negative", 0, Estimate(0.0, None, None, 1))), Estimate(1.0, None, None, 1)),
        rating=None,
        ratings=(),
        dimensions=(
            DimensionFigures("speed", "", Share("mentioned", 0, Estimate(0.0, None, None, 1)), Balance((), None)),
        ),
        choices=(),
        drivers=None,
        trends=None,
        breakdowns=(),
        unsure=(),
        quotes=(),
        comparison=None,
        min_group=20,
        notes=(),
    )


def hotels() -> Figures:
    """Another taxonomy: no sentiment, other dimensions, one choice."""
    beds = DimensionFigures(
        "beds",
        "The bed and how one sleeps.",
        Share("mentioned", 400, share(400, 1000)),
        Balance(shares({"positive": 250, "negative": 150, "mixed": 0}, 400), estimate(0.25, 0.05, 400)),
    )
    stay = ChoiceFigures(
        "kind_of_stay",
        "Why the guest came.",
        tuple(
            LabelFigures(label, Share(label, count, share(count, 1000)), None, ())
            for label, count in (("business_trip", 380), ("holiday", 620))
        ),
    )
    quote = Quote(
        "The bed was too soft for me.",
        12,
        "hotels.csv",
        "en",
        {"beds": "negative"},
        {},
        (),
        (("beds", "negative", "telling"),),
    )
    return replace(
        least(),
        title="Hotels",
        source=Source("hotels.csv", 1000, 0),
        languages=shares({"en": 1000}, 1000),
        sentiment=None,
        dimensions=(beds,),
        choices=(stay,),
        quotes=(quote,),
    )


def _change(about: str, measure: str, before: float, after: float, differs: bool) -> Change:
    return Change(
        about,
        measure,
        estimate(before, 0.009, 2006),
        estimate(after, 0.008, 2980),
        estimate(after - before, 0.012, 4986),
        0.0002 if differs else 0.3,
        0.001 if differs else 0.4,
        differs,
    )

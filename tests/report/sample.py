"""Figures made by hand, as rich as a report gets and as poor. Numbers come from a fixed seed; texts are our own."""

from __future__ import annotations

import random
from dataclasses import replace
from math import sqrt

from feedbackclf.report.figures import (
    Balance,
    Breakdown,
    Change,
    ChoiceFigures,
    Comparison,
    DimensionFigures,
    Drivers,
    Effect,
    Estimate,
    Figures,
    Group,
    LabelFigures,
    Part,
    PartDimension,
    Quote,
    Share,
    Source,
    Span,
    Trends,
    Unsure,
)

ROWS = 2980
DIMENSIONS = {
    "speed": ("How long something took, or punctuality.", 0.38, 0.55, 0.38),
    "quality": ("The product, or the outcome of the work delivered.", 0.52, 0.61, 0.31),
    "greeting": ("How people at the business receive and treat the customer.", 0.33, 0.78, 0.18),
    "resolution": ("How a question, problem, complaint, return or refund is handled.", 0.21, 0.22, 0.71),
    "gratitude": ("Thanks from the writer, or appreciation shown or withheld by the business.", 0.14, 0.94, 0.04),
}
LANGUAGES = ("nl", "da", "sv", "en")
TEXTS = {
    "nl": (
        (
            "*Snel geleverd* en netjes verpakt, maar de klantenservice reageerde pas na een week.",
            "speed",
            "positive",
            "mixed",
        ),
        (
            "*Vriendelijke mensen* aan de balie, ze namen echt de tijd. Dank jullie wel!",
            "greeting",
            "positive",
            "positive",
        ),
        (
            "Al drie keer gebeld over mijn terugbetaling en *nog steeds geen cent gezien*.",
            "resolution",
            "negative",
            "negative",
        ),
    ),
    "da": (
        ("Varen kom dagen efter, og den *virker perfekt*. Tak for hjælpen!", "quality", "positive", "positive"),
        ("Jeg har ventet i fire uger på svar, og *ingen tager telefonen*.", "resolution", "negative", "negative"),
        ("Sødt personale, men *kvaliteten er desværre blevet dårligere*.", "quality", "negative", "mixed"),
    ),
    "sv": (
        ("*Mycket trevligt bemötande* och en snabb lösning på mitt problem.", "greeting", "positive", "positive"),
        ("Paketet *kom för sent* och var dessutom trasigt. Handlar inte här igen.", "speed", "negative", "negative"),
        ("Helt okej, *varken bra eller dåligt*.", "quality", "mixed", "neutral"),
    ),
    "en": (
        (
            "The parcel arrived a day early and everything worked. *Thank you* 🎉👩‍👩‍👧",
            "gratitude",
            "positive",
            "positive",
        ),
        ("Nobody answers my mails & *the refund never came*.", "resolution", "negative", "negative"),
        ("Third order this year, *always a warm welcome* in the shop.", "greeting", "positive", "positive"),
    ),
}
"""By language: a text with its evidence between stars, what that is evidence of, and its sentiment."""
ODD = (
    (
        "Nice try: <script>document.title = 'run';</script> <b>bold</b> & <img src=x onerror=alert(1)> *all fine*.",
        "quality",
        "positive",
        "positive",
    ),
    (
        "Order \u202etxet\u202c *came late*, \u0007really late.\nSecond line of the text.",
        "speed",
        "negative",
        "negative",
    ),
    ("السلام عليكم, the delivery *took far too long* \u2067and nobody\u2069 called.", "speed", "negative", "negative"),
)
ACTIONS = ("apologise and call back", "refund", "send thanks", "pass on to the shop")


def share(count: int, n: int) -> Estimate:
    """A share with an interval by the normal approximation, which is good enough for a sample."""
    value = count / n if n else 0.0
    return estimate(value, sqrt(value * (1 - value) / n) if n else 0.0, n, 0.0)


def estimate(value: float, error: float, n: int, least: float = -1.0) -> Estimate:
    return Estimate(value, max(least, value - 1.96 * error), min(1.0, value + 1.96 * error), n)


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
        languages=_shares({"nl": 1210, "en": 902, "sv": 471, "da": 380, "und": 17}, ROWS),
        sentiment=_balance({"positive": 1490, "negative": 1104, "neutral": 206, "mixed": 180}),
        rating=Estimate(3.42, 3.36, 3.48, 2874),
        ratings=_shares({"1": 580, "2": 324, "3": 371, "4": 610, "5": 989}, 2874),
        dimensions=tuple(_dimension(name) for name in DIMENSIONS),
        choices=_choices(),
        drivers=_drivers(),
        trends=_trends(),
        breakdowns=(_breakdown("shop", SHOPS, 0.03), _breakdown("channel", CHANNELS, 0.24)),
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
        Balance(_shares({"positive": 250, "negative": 150, "mixed": 0}, 400), estimate(0.25, 0.05, 400)),
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
        languages=_shares({"en": 1000}, 1000),
        sentiment=None,
        dimensions=(beds,),
        choices=(stay,),
        quotes=(quote,),
    )


def quotes(number: int) -> tuple[Quote, ...]:
    made = []
    for place in range(number):
        language = LANGUAGES[place % 4]
        starred, head, polarity, sentiment = ODD[place] if place < len(ODD) else TEXTS[language][place // 4 % 3]
        before, evidence, after = starred.split("*")
        text = before + evidence + after
        spans = [Span(head, polarity, len(before), len(evidence), 1.2)]
        if place % 3 == 0:  # spans may overlap
            spans.append(Span("sentiment", sentiment, 0, len(before) + 3, 0.8))
        kind = ("typical", "telling", "unsure")[place % 3]
        made.append(
            Quote(
                text=text,
                row=7 * place + 1,
                source="reviews_2025.csv",
                language=language,
                labels={"sentiment": sentiment, head: polarity, "level": "meets", "issue": "delivery"},
                groups={"shop": list(SHOPS)[place % len(SHOPS)], "channel": list(CHANNELS)[place // 2 % 3]},
                spans=tuple(spans),
                shows=((head, polarity, kind),),
            )
        )
    return tuple(made)


SHOPS = {
    "Utrecht": (640, 0.13),
    "Aarhus": (512, 0.21),
    "Malmö": (498, -0.09),
    "Leeds & Bradford": (410, 0.15),
    "Den Haag": (322, 0.29),
    "Göteborg": (201, 0.08),
    "A shop with a name that is far too long for any chart": (64, -0.02),
}
CHANNELS = {"web": (1801, 0.15), "shop": (820, 0.12), "phone": (297, 0.02)}


def _shares(counts: dict[str, int], n: int) -> tuple[Share, ...]:
    return tuple(Share(label, count, share(count, n)) for label, count in counts.items())


def _balance(counts: dict[str, int]) -> Balance:
    n = sum(counts.values())
    return Balance(_shares(counts, n), estimate((counts["positive"] - counts["negative"]) / n, 0.9 / sqrt(n), n))


def _dimension(name: str) -> DimensionFigures:
    description, mentioned, praise, criticism = DIMENSIONS[name]
    rows = round(ROWS * mentioned)
    counts = {"positive": round(rows * praise), "negative": round(rows * criticism)}
    balance = _balance({**counts, "mixed": rows - sum(counts.values())})
    return DimensionFigures(name, description, Share("mentioned", rows, share(rows, ROWS)), balance)


def _choices() -> tuple[ChoiceFigures, ...]:
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


def _drivers() -> Drivers:
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


def _trends() -> Trends:
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


def _breakdown(column: str, groups: dict[str, tuple[int, float]], q: float) -> Breakdown:
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

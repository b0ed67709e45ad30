"""Quotes made by hand in four languages, with what is awkward in a page: markup, emoji, signs that turn text around."""

from __future__ import annotations

from feedbackclf.report.figures import Quote, Span

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
        kind = ("typical", "telling", "unsure")[(place // 12 + place) % 3]
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

"""Which column holds the text."""

from __future__ import annotations

from collections.abc import Sequence

from feedbackclf.errors import UsageError
from feedbackclf.tables.names import listed, named

# Best first: of "title, text, comment" it is the text.
WELL_KNOWN = (
    ("text", "full text", "review text", "feedback text", "comment text", "review", "review body", "review content"),
    ("feedback", "comment", "comments", "body", "content", "message", "remark", "remarks", "verbatim", "response"),
    ("tekst", "reviewtekst", "opmerking", "opmerkingen", "toelichting", "reactie", "reacties", "beoordeling"),
    ("recensie", "bericht", "commentaar", "kommentar", "kommentarer", "anmeldelse", "anmeldelser", "anmeldelsestekst"),
    ("besked", "bemærkning", "bemærkninger", "tilbagemelding", "svar", "omdöme", "omdömen", "recension"),
    ("recensioner", "recensionstext", "meddelande", "synpunkt", "synpunkter", "återkoppling", "antwoord", "answer"),
)


def find_text_column(names: Sequence[str], wanted: str | None, where: str) -> str:
    """The column to classify: `wanted`, else a well-known name in any case, else the only column there is.

    Args:
        names: the columns of the table.
        wanted: what the user asked for; must be there exactly as written.
        where: the file, for the message.

    Raises:
        UsageError: there is no such column.
    """
    there = listed(map(named, names)) or "none"
    if wanted is not None:
        if wanted in names:
            return wanted
        raise UsageError(f"{where}: no column {named(wanted)}; pass --text-column with one of: {there}")
    by_word = {_word(name): name for name in reversed(names)}
    for known in (name for line in WELL_KNOWN for name in line):
        if known in by_word:
            return by_word[known]
    if len(names) == 1:
        return names[0]
    raise UsageError(f"{where}: which column holds the text? Pass --text-column with one of: {there}")


def _word(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())

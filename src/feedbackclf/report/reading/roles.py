"""Which columns of a table say what, by their names."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from feedbackclf.taxonomy import UNSURE, Taxonomy

# Best first. Stars are told from other numbers by their values as well, dates by being dates.
RATING_NAMES = (
    *("rating", "ratings", "stars", "star", "star rating", "review rating", "score", "sterren", "aantal sterren"),
    *("stjerner", "stjärnor", "betyg", "cijfer", "rapportcijfer", "karakter", "bedømmelse", "vurdering", "waardering"),
    *("beoordelingscijfer", "omdömesbetyg", "grade", "points", "punten", "csat"),
)
DATE_NAMES = (
    *("date", "review date", "datum", "dato", "created at", "created", "published at", "published", "submitted at"),
    *("submitted", "timestamp", "time", "datetime", "day", "dag", "tid", "tidspunkt", "tijd", "tijdstip", "tidpunkt"),
    *("oprettet", "skapad", "skapat", "aangemaakt", "geplaatst", "dagsetning", "responded at", "completed at"),
)
_IDENTIFIERS = frozenset({"id", "uuid", "guid", "key", "email", "e mail", "url", "link", "phone", "name"})


def candidates(columns: Sequence[str], known: Sequence[str]) -> list[str]:
    """The columns that are called as one of the known names, then those that have one as a word; best first."""
    places = {name: place for place, name in enumerate(known)}
    ranked = []
    for order, column in enumerate(columns):
        plain = _plain(column)
        among = [places[word] for word in plain.split() if word in places]
        if plain in places:
            ranked.append((0, places[plain], order, column))
        elif among:
            ranked.append((1, min(among), order, column))
    return [column for *_, column in sorted(ranked)]


def may_group(column: str, labels: Collection[str], prefix: str) -> bool:
    """Whether a column may divide rows into groups: not what `predict` writes, and no identifier."""
    words = _plain(column).split()
    written = {*labels, prefix + UNSURE, prefix + "action"}
    is_written = column in written or column.endswith(("_evidence", "_confidence"))
    return not is_written and _plain(column) not in _IDENTIFIERS and (not words or words[-1] not in _IDENTIFIERS)


def label_columns(taxonomy: Taxonomy, prefix: str) -> dict[str, str]:
    """What `predict` calls its columns, by their names in the taxonomy."""
    return {name: prefix + name for name in taxonomy.output_columns}


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").replace(".", " ").split())

"""What a label is: the languages, and the heads with the labels that each can give."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from feedbackclf.errors import FeedbackError, shown

POLARITIES = ("positive", "negative", "mixed", "none")
NOT_MENTIONED = "none"
UNDETERMINED = "und"
UNSURE = "unsure"
"""The column that names the heads whose labels were left out for want of confidence."""
ACTION = "action"
"""The column of what a firm's response rules say to do, see `feedbackclf.rules`."""
RESERVED_NAMES = frozenset({"text", "language", "id", "rating", UNSURE, ACTION})
MAX_LANGUAGES, MAX_HEADS, MAX_LABELS = 64, 128, 1000
"""How many there may be; the labels are those of all heads together."""
MAX_NAME, MAX_DESCRIPTION = 100, 10_000
"""Characters of a name or label, and of a description."""

_LANGUAGE_CODE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")
_STARS = re.compile(r"[0-9]{1,2}")

Kind = Literal["choice", "dimension"]


@dataclass(frozen=True)
class Head:
    """One question that is answered for every text.

    A *dimension* is answered with a polarity (`POLARITIES`; `none` is "not mentioned"), a *choice* with
    exactly one of `labels`. `from_rating` maps star ratings to labels, for heads that stars can train. In a
    *balanced* choice rare labels matter as much as frequent ones: what is to be high is the mean F1 of the labels, and
    not the number of texts that are right.
    """

    name: str
    labels: tuple[str, ...] = POLARITIES
    kind: Kind = "dimension"
    confidence: bool = True
    description: str = ""
    from_rating: Mapping[int, str] | None = None
    balanced: bool = False

    @property
    def is_dimension(self) -> bool:
        return self.kind == "dimension"

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready description; `Head.from_dict` reads it back."""
        data: dict[str, Any] = {"name": self.name, "kind": self.kind, "confidence": self.confidence}
        if self.description:
            data["description"] = self.description
        if not self.is_dimension:
            data["labels"] = list(self.labels)
        if self.balanced:
            data["balanced"] = True
        if self.from_rating:
            data["from_rating"] = {str(stars): label for stars, label in self.from_rating.items()}
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Head:
        """Build a head from TOML or JSON.

        Raises:
            FeedbackError: a key is missing, unknown or of the wrong kind.
        """
        name = data.get("name")
        if not isinstance(name, str) or not name.isidentifier() or len(name) > MAX_NAME:
            raise FeedbackError(f"taxonomy: head name {shown(name)} must be a plain word (letters, digits, _)")
        if name in RESERVED_NAMES:
            raise FeedbackError(f"taxonomy: head name {name!r} is reserved; choose another")
        where = f"taxonomy: head {name!r}"
        unknown = set(data) - {"name", "kind", "labels", "confidence", "description", "from_rating", "balanced"}
        if unknown:
            raise FeedbackError(f"{where} has unknown keys: {shown(*sorted(unknown))}")
        kind = data.get("kind", "dimension")
        if kind not in ("choice", "dimension"):
            raise FeedbackError(f"{where} has kind {shown(kind)}; it must be 'choice' or 'dimension'")
        labels = data.get("labels", list(POLARITIES) if kind == "dimension" else None)
        if not isinstance(labels, list) or not all(map(is_name, labels)):
            raise FeedbackError(f"{where} needs a list of labels, of up to {MAX_NAME} characters each")
        if kind == "dimension" and tuple(labels) != POLARITIES:
            raise FeedbackError(f"{where} is a dimension, whose labels are {', '.join(POLARITIES)}; leave them out")
        if len(set(labels)) != len(labels) or len(labels) < 2:
            raise FeedbackError(f"{where} needs at least two different labels")
        confidence = data.get("confidence", kind == "dimension")
        if not isinstance(confidence, bool):
            raise FeedbackError(f"{where}: confidence must be true or false")
        balanced = data.get("balanced", False)
        if not isinstance(balanced, bool) or (balanced and kind == "dimension"):
            raise FeedbackError(f"{where}: balanced must be true or false, and can be true of a choice only")
        description = data.get("description", "")
        if not isinstance(description, str) or len(description) > MAX_DESCRIPTION:
            raise FeedbackError(f"{where}: description must be a text of up to {MAX_DESCRIPTION:,} characters")
        return cls(
            name=name,
            labels=tuple(labels),
            kind=kind,
            confidence=confidence,
            description=description,
            from_rating=_ratings(data.get("from_rating"), labels, where),
            balanced=balanced,
        )


@dataclass(frozen=True)
class Taxonomy:
    """The languages a model tells apart and the heads it answers, in the order they are written out."""

    name: str
    languages: tuple[str, ...]
    heads: tuple[Head, ...]

    @property
    def dimensions(self) -> tuple[Head, ...]:
        return tuple(head for head in self.heads if head.is_dimension)

    @property
    def choices(self) -> tuple[Head, ...]:
        return tuple(head for head in self.heads if not head.is_dimension)

    def head(self, name: str) -> Head:
        """The head of that name.

        Raises:
            KeyError: there is none.
        """
        for head in self.heads:
            if head.name == name:
                return head
        raise KeyError(name)

    @property
    def output_columns(self) -> tuple[str, ...]:
        """The names that a prediction adds to a row, in order."""
        columns = ["language", "language_confidence"]
        for head in self.heads:
            columns.append(head.name)
            if head.confidence:
                columns.append(f"{head.name}_confidence")
        return tuple(columns)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready description; `Taxonomy.from_dict` reads it back."""
        return {
            "name": self.name,
            "languages": list(self.languages),
            "heads": [head.to_dict() for head in self.heads],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Taxonomy:
        """Build a taxonomy from TOML or JSON.

        Raises:
            FeedbackError: something is missing, unknown or named twice.
        """
        unknown = set(data) - {"name", "languages", "heads"}
        if unknown:
            raise FeedbackError(f"taxonomy: unknown keys: {shown(*sorted(unknown))}")
        name = data.get("name", "custom")
        if not is_name(name):
            raise FeedbackError(f"taxonomy: `name` must be a text of up to {MAX_NAME} characters")
        raw_heads = data.get("heads")
        if not isinstance(raw_heads, list) or not raw_heads or not all(isinstance(x, Mapping) for x in raw_heads):
            raise FeedbackError("taxonomy: at least one [[heads]] table is needed")
        if len(raw_heads) > MAX_HEADS:
            raise FeedbackError(f"taxonomy: {len(raw_heads)} heads; there can be {MAX_HEADS} at most")
        languages, heads = _languages(data.get("languages")), tuple(Head.from_dict(head) for head in raw_heads)
        n_labels = sum(len(head.labels) for head in heads)
        if n_labels > MAX_LABELS:
            raise FeedbackError(f"taxonomy: {n_labels} labels; there can be {MAX_LABELS} at most")
        taxonomy = cls(name=name, languages=languages, heads=heads)
        columns = taxonomy.output_columns
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise FeedbackError(f"taxonomy: the output column {twice[0]!r} would be there twice")
        return taxonomy

    @classmethod
    def from_toml(cls, path: Path) -> Taxonomy:
        """Read a taxonomy file.

        Raises:
            FeedbackError: the file is missing, is no TOML or does not describe a taxonomy.
        """
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise FeedbackError(f"{path}: cannot be read as a taxonomy: {error}") from None
        try:
            return cls.from_dict(data)
        except FeedbackError as error:
            raise FeedbackError(f"{path}: {error}") from None


@cache
def default_taxonomy() -> Taxonomy:
    """Sentiment, five service dimensions, level, issue and loyalty in nl, da, sv and en."""
    return Taxonomy.from_toml(Path(__file__).with_name("default_taxonomy.toml"))


def _languages(codes: object) -> tuple[str, ...]:
    if not isinstance(codes, list) or not codes or not all(isinstance(code, str) for code in codes):
        raise FeedbackError('taxonomy: `languages` must be a list of codes such as ["nl", "en"]')
    for code in codes:
        if not _LANGUAGE_CODE.fullmatch(code) or code == UNDETERMINED:
            raise FeedbackError(f"taxonomy: {shown(code)} is no language code; write two or three letters such as nl")
    if len(set(codes)) < len(codes) or len(codes) > MAX_LANGUAGES:
        raise FeedbackError(f"taxonomy: `languages` must be different codes, {MAX_LANGUAGES} at most")
    return tuple(codes)


def _ratings(data: object, labels: list[str], where: str) -> dict[int, str] | None:
    if data is None:
        return None
    if not isinstance(data, Mapping):
        raise FeedbackError(f"{where}: from_rating must be a table of stars = label")
    if not all(_STARS.fullmatch(str(stars)) and label in labels for stars, label in data.items()):
        raise FeedbackError(f"{where}: from_rating maps a star that is no number, or to a label it does not have")
    return {int(stars): label for stars, label in data.items()}


def is_name(value: object) -> bool:
    """Whether something can be a name or label: printable text that is not too long."""
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME and value.isprintable()

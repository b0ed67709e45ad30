"""Response rules: what a firm decided to do about feedback of each kind, so that alike cases get alike answers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf.errors import FeedbackError, shown
from feedbackclf.taxonomy import ACTION, MAX_NAME, UNDETERMINED, Taxonomy, is_name

if TYPE_CHECKING:
    import pyarrow as pa

DEFAULT_RULES = Path(__file__).with_name("default_rules.toml")
NO_ACTION = -1


@dataclass(frozen=True)
class Rule:
    """One decision.

    Attributes:
        action: what to do, in the firm's own words.
        when: by head (or `language`), the labels that the rule is for. All heads have to agree.
    """

    action: str
    when: Mapping[str, frozenset[str]]

    def catches_all_of(self, other: Rule) -> bool:
        """Whether there is no row that the other rule matches and this one does not."""
        return all(head in other.when and other.when[head] <= labels for head, labels in self.when.items())


@dataclass(frozen=True)
class Rules:
    """Rules in order: the first one that matches a row says what to do."""

    rules: tuple[Rule, ...]

    @classmethod
    def from_toml(cls, path: Path, taxonomy: Taxonomy) -> Rules:
        """Read a file of rules that ask for the heads and labels of a taxonomy.

        Raises:
            FeedbackError: the file is missing, is no TOML, or has a rule that cannot be.
        """
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise FeedbackError(f"{path}: cannot be read as rules: {error}") from None
        try:
            return cls(_rules(data, taxonomy))
        except FeedbackError as error:
            raise FeedbackError(f"{path}: {error}") from None

    @property
    def actions(self) -> tuple[str, ...]:
        """The different actions, in the order in which the rules name them first."""
        return tuple(dict.fromkeys(rule.action for rule in self.rules))

    def choose(self, taxonomy: Taxonomy, codes: Mapping[str, NDArray[np.integer[Any]]]) -> NDArray[np.int64]:
        """The place in `actions` of what to do about each of n rows, `NO_ACTION` where no rule matches, shape (n,).

        Args:
            taxonomy: the one that the rules were read for.
            codes: for each head the place of each row's label in `head.labels`, for `language` in its languages and
                then `und`, shape (n,). Any other number is an empty label, which no rule matches.
        """
        labels, actions = labels_by_name(taxonomy), self.actions
        places = {name: _within(codes[name], len(labels[name])) for rule in self.rules for name in rule.when}
        chosen = np.full(len(next(iter(codes.values()))), NO_ACTION, np.int64)
        for rule in reversed(self.rules):  # so that the first one has the last word
            matches = np.ones(len(chosen), bool)
            for name, wanted in rule.when.items():
                matches &= np.array([*(label in wanted for label in labels[name]), False])[places[name]]
            chosen[matches] = actions.index(rule.action)
        return chosen

    def to_list(self) -> list[dict[str, Any]]:
        """All that the choice depends on, JSON-ready."""
        return [
            {"action": rule.action, "when": {name: sorted(labels) for name, labels in sorted(rule.when.items())}}
            for rule in self.rules
        ]


def read_rules(name_or_path: str, taxonomy: Taxonomy) -> Rules:
    """The rules of a file, or those that come with the package, which are called `default`.

    Raises:
        FeedbackError: there is no such file, or its rules do not suit the taxonomy.
    """
    return Rules.from_toml(DEFAULT_RULES if name_or_path == "default" else Path(name_or_path), taxonomy)


def with_actions(labels: pa.RecordBatch, rules: Rules, taxonomy: Taxonomy) -> pa.RecordBatch:
    """The columns of `FeedbackClassifier.label`, and a last one with the actions; it is null where no rule matches."""
    import pyarrow as pa

    codes = {name: labels.column(name).indices.to_numpy() for name in labels_by_name(taxonomy)}
    chosen = rules.choose(taxonomy, codes)
    places = pa.array(np.where(chosen == NO_ACTION, len(rules.actions), chosen).astype(np.int32))
    return labels.append_column(ACTION, pa.DictionaryArray.from_arrays(places, pa.array([*rules.actions, None])))


def labels_by_name(taxonomy: Taxonomy) -> dict[str, tuple[str, ...]]:
    """What a rule can ask for: the languages, `und` too, and the labels of every head."""
    return {"language": (*taxonomy.languages, UNDETERMINED), **{head.name: head.labels for head in taxonomy.heads}}


def _within(codes: NDArray[np.integer[Any]], n_labels: int) -> NDArray[np.int64]:
    """The codes, with n_labels for all that are none of a label."""
    return np.where((codes >= 0) & (codes < n_labels), codes, n_labels).astype(np.int64)


def _rules(data: Mapping[str, Any], taxonomy: Taxonomy) -> tuple[Rule, ...]:
    unknown = set(data) - {"rules"}
    if unknown:
        raise FeedbackError(f"unknown keys: {shown(*sorted(unknown))}; each rule is a table [[rules]]")
    raw = data.get("rules")
    if not isinstance(raw, list) or not raw or not all(isinstance(rule, Mapping) for rule in raw):
        raise FeedbackError("no rules; at least one [[rules]] table is needed")
    rules = tuple(_rule(rule, f"rule {number}", taxonomy) for number, rule in enumerate(raw, start=1))
    _check_reached(rules)
    return rules


def _rule(data: Mapping[str, Any], where: str, taxonomy: Taxonomy) -> Rule:
    action = data.get("action")
    if not isinstance(action, str) or not is_name(action) or not action.strip():
        raise FeedbackError(f'{where} needs an action = "…", on one line of up to {MAX_NAME} characters')
    where = f"{where} ({shown(action)})"
    unknown = set(data) - {"action", "when"}
    if unknown:
        raise FeedbackError(f"{where} has unknown keys: {shown(*sorted(unknown))}; heads stand in when = {{ … }}")
    when = data.get("when")
    if not isinstance(when, Mapping) or not when:
        raise FeedbackError(f'{where} needs a when = {{ … }} that names at least one head, as {{ sentiment = "…" }}')
    known = labels_by_name(taxonomy)
    wanted = {}
    for name, value in when.items():
        if name not in known:
            raise FeedbackError(f"{where} asks for {shown(name)}, which is no head; there are {', '.join(known)}")
        wanted[name] = _labels(value, f"{where}: {name}", known[name])
    return Rule(action, wanted)


def _labels(value: object, where: str, known: Sequence[str]) -> frozenset[str]:
    labels = value if isinstance(value, list) else [value]
    if not labels:
        raise FeedbackError(f"{where} lists no label, so that no row would match; there are {', '.join(known)}")
    odd = [label for label in labels if label not in known]
    if odd:
        raise FeedbackError(f"{where} has no label {shown(*odd)}; there are {', '.join(known)}")
    return frozenset(labels)


def _check_reached(rules: Sequence[Rule]) -> None:
    for number, rule in enumerate(rules):
        for earlier, other in enumerate(rules[:number]):
            if other.catches_all_of(rule):
                raise FeedbackError(
                    f"rule {number + 1} ({shown(rule.action)}) is never reached: rule {earlier + 1} "
                    f"({shown(other.action)}) catches all it does; put it before that one, or leave it out"
                )

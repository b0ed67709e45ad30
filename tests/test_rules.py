"""Response rules: what is decided, what what a file of them may say."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedbackclf.errors import FeedbackError
from feedbackclf.rules import NO_ACTION, Rule, Rules, labels_by_name, read_rules
from feedbackclf.taxonomy import Head, Taxonomy, default_taxonomy

TAXONOMY = default_taxonomy()
LABELS = labels_by_name(TAXONOMY)
RULES = """
[[rules]]
action = "manager takes over"
when = { loyalty = "at_risk", sentiment = ["negative", "mixed"] }

[[rules]]
action = "thank"
when = { sentiment = "positive" }

[[rules]]
action = "answer in Dutch"
when = { language = "nl" }

[[rules]]
action = "thank"
when = { gratitude = "positive" }
"""


def rules_of(text: str, folder: Path, taxonomy: Taxonomy = TAXONOMY) -> Rules:
    path = folder / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return Rules.from_toml(path, taxonomy)


def action(rules: Rules, **labels: str) -> str | None:
    """What is done about one row; heads that are left out are empty."""
    codes = {name: [known.index(labels[name]) if name in labels else -1] for name, known in LABELS.items()}
    chosen = rules.choose(TAXONOMY, {name: np.array(code, np.int16) for name, code in codes.items()})
    return None if chosen[0] == NO_ACTION else rules.actions[chosen[0]]


def by_hand(rules: Rules, row: Mapping[str, str | None]) -> str | None:
    """The same, as the file says it."""
    return next((rule.action for rule in rules.rules if all(row[h] in labels for h, labels in rule.when.items())), None)


def test_the_first_rule_that_matches_says_what_to_do(tmp_path: Path) -> None:
    rules = rules_of(RULES, tmp_path)
    assert rules.actions == ("manager takes over", "thank", "answer in Dutch")
    assert action(rules, sentiment="mixed", loyalty="at_risk", language="nl") == "manager takes over"
    assert action(rules, sentiment="positive", loyalty="at_risk", language="nl") == "thank"
    assert action(rules, sentiment="negative", language="nl", gratitude="positive") == "answer in Dutch"
    assert action(rules, sentiment="negative", language="und", gratitude="positive") == "thank"
    assert action(rules, sentiment="negative", language="sv") is None
    assert action(rules) is None


names = st.sampled_from(sorted(LABELS))
wanted = st.dictionaries(names, st.none(), min_size=1, max_size=3).flatmap(
    lambda heads: st.fixed_dictionaries(
        {head: st.frozensets(st.sampled_from(LABELS[head]), min_size=1) for head in heads}
    )
)
some_rules = st.lists(st.builds(Rule, st.sampled_from(["a", "b", "c"]), wanted), min_size=1, max_size=8)


@given(some_rules, st.integers(0, 2**32 - 1), st.integers(0, 40))
def test_all_rows_at_once_are_the_rows_one_by_one(rules: list[Rule], seed: int, n: int) -> None:
    found, rng = Rules(tuple(rules)), np.random.default_rng(seed)
    codes = {name: rng.integers(-2, len(known) + 2, n).astype(np.int16) for name, known in LABELS.items()}
    chosen = found.choose(TAXONOMY, codes)
    assert (chosen.shape, chosen.dtype) == ((n,), np.int64)
    for place, number in enumerate(chosen):
        row = {
            name: known[codes[name][place]] if 0 <= codes[name][place] < len(known) else None
            for name, known in LABELS.items()
        }
        assert (None if number == NO_ACTION else found.actions[number]) == by_hand(found, row)


@given(some_rules)
def test_a_rule_is_refused_exactly_if_one_before_it_leaves_it_nothing(rules: list[Rule]) -> None:
    """Told row by row: every combination of labels, and empty ones, of the heads that the two rules ask for."""
    for earlier, later in itertools.combinations(rules, 2):
        heads = sorted({*earlier.when, *later.when})
        left = any(
            by_hand(Rules((later,)), row) is not None and by_hand(Rules((earlier,)), row) is None
            for row in (
                dict(zip(heads, labels, strict=True))
                for labels in itertools.product(*[_few(head, earlier, later) for head in heads])
            )
        )
        assert earlier.catches_all_of(later) == (not left)


def _few(head: str, *rules: Rule) -> list[str | None]:
    """An empty label, and of the others one for each set of rules that want it: the rest make no difference."""
    kinds = {tuple(label in rule.when.get(head, ()) for rule in rules): label for label in LABELS[head]}
    return [None, *kinds.values()]


DEFAULT = [
    ({"sentiment": "negative", "loyalty": "at_risk", "issue": "billing"}, "manager takes over"),
    ({"sentiment": "positive", "loyalty": "at_risk", "issue": "none"}, "thank and keep the door open"),
    ({"sentiment": "negative", "issue": "billing"}, "refund or correct the bill"),
    ({"sentiment": "mixed", "issue": "product"}, "replace or credit"),
    ({"sentiment": "negative", "issue": "delivery"}, "trace the delivery and apologise"),
    (
        {"sentiment": "negative", "issue": "service", "greeting": "negative", "resolution": "negative"},
        "apologise in person",
    ),
    ({"sentiment": "negative", "issue": "service", "resolution": "negative"}, "solve it and apologise"),
    ({"sentiment": "mixed", "issue": "service", "resolution": "mixed"}, "apologise"),
    ({"sentiment": "negative", "issue": "other"}, "look into it"),
    ({"sentiment": "negative"}, "look into it"),
    ({"sentiment": "positive", "issue": "product", "gratitude": "positive"}, "thank and put it right"),
    ({"sentiment": "positive", "issue": "none", "loyalty": "returning"}, "thank and reward loyalty"),
    ({"sentiment": "positive", "issue": "none", "loyalty": "new"}, "thank and invite back"),
    ({"sentiment": "positive", "level": "amazes", "gratitude": "positive"}, "thank and ask for a review"),
    ({"sentiment": "positive", "level": "meets", "gratitude": "positive"}, "thank"),
    ({"sentiment": "positive", "level": "exceeds", "issue": "none", "loyalty": "none"}, None),
    ({"sentiment": "neutral", "issue": "delivery", "loyalty": "at_risk"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("labels", "expected"), DEFAULT)
def test_what_the_default_rules_say(labels: dict[str, str], expected: str | None) -> None:
    assert action(read_rules("default", TAXONOMY), **labels) == expected


def test_the_default_rules_answer_all_who_are_dissatisfied_and_no_one_who_is_neutral() -> None:
    rules = read_rules("default", TAXONOMY)
    heads = sorted({head for rule in rules.rules for head in rule.when} - {"sentiment"})
    rows = [dict(zip(heads, found, strict=True)) for found in itertools.product(*(LABELS[head] for head in heads))]
    codes = {name: np.full(len(rows), -1, np.int16) for name in LABELS}
    codes |= {head: np.array([LABELS[head].index(row[head]) for row in rows], np.int16) for head in heads}
    for sentiment, answered in (("negative", True), ("mixed", True), ("neutral", False)):
        codes["sentiment"] = np.full(len(rows), LABELS["sentiment"].index(sentiment), np.int16)
        assert ((rules.choose(TAXONOMY, codes) != NO_ACTION) == answered).all(), sentiment
    assert {expected for _, expected in DEFAULT} == {*rules.actions, None}  # every one of them is tried above


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no rules; at least one"),
        ("rules = []", "no rules"),
        ('rules = ["x"]', "no rules"),
        ("name = 'x'\n" + RULES, "unknown keys: 'name'"),
        ("[[rules]]\nwhen = {sentiment = 'mixed'}", "rule 1 needs an action"),
        ("[[rules]]\naction = ' '\nwhen = {sentiment = 'mixed'}", "rule 1 needs an action"),
        ("[[rules]]\naction = \"a\\nb\"\nwhen = {sentiment = 'mixed'}", "rule 1 needs an action"),
        ("[[rules]]\naction = 'a'", r"rule 1 \('a'\) needs a when"),
        ("[[rules]]\naction = 'a'\nwhen = {}", r"rule 1 \('a'\) needs a when"),
        ("[[rules]]\naction = 'a'\nwhen = 'mixed'", r"rule 1 \('a'\) needs a when"),
        ("[[rules]]\naction = 'a'\nsentiment = 'mixed'", "unknown keys: 'sentiment'; heads stand in when"),
        (
            RULES + "[[rules]]\naction = 'a'\nwhen = {price = 'negative'}",
            r"rule 5 \('a'\) asks for 'price'.*language, se",
        ),
        (
            "[[rules]]\naction = 'a'\nwhen = {issue = 'bill'}",
            r"rule 1 \('a'\): issue has no label 'bill'.*none, product",
        ),
        ("[[rules]]\naction = 'a'\nwhen = {issue = ['billing', 3]}", "issue has no label 3; there are none"),
        ("[[rules]]\naction = 'a'\nwhen = {issue = {x = 1}}", "issue has no label {'x': 1}"),
        ("[[rules]]\naction = 'a'\nwhen = {issue = []}", "issue lists no label"),
        (
            "[[rules]]\naction = 'a'\nwhen = {language = 'fi'}",
            "language has no label 'fi'; there are nl, da, sv, en, und",
        ),
        (
            RULES + "[[rules]]\naction = 'late'\nwhen = {sentiment = 'positive', issue = ['none', 'other']}",
            r"rule 5 \('late'\) is never reached: rule 2 \('thank'\) catches all it does",
        ),
        ("[[rules]", "cannot be read as rules"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(FeedbackError, match=words) as caught:
        rules_of(text, tmp_path)
    assert str(caught.value).startswith(str(tmp_path / "rules.toml"))
    assert len(str(caught.value)) < 500


def test_long_values_are_cut(tmp_path: Path) -> None:
    with pytest.raises(FeedbackError) as caught:
        rules_of(f"[[rules]]\naction = 'a'\nwhen = {{ issue = '{'x' * 9000}' }}", tmp_path)
    assert len(str(caught.value)) < 400


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(FeedbackError, match=r"nowhere\.toml: cannot be read as rules"):
        read_rules("nowhere.toml", TAXONOMY)


def test_rules_follow_any_taxonomy(tmp_path: Path) -> None:
    taxonomy = Taxonomy("hotel", ("nl",), (Head("price"), Head("stay", ("short", "long"), "choice")))
    rules = rules_of(
        "[[rules]]\naction = 'a'\nwhen = {price = ['negative', 'mixed'], stay = 'long'}", tmp_path, taxonomy
    )
    codes = {"language": [0, 0, 0], "price": [1, 2, 1], "stay": [1, 1, 0]}
    chosen = rules.choose(taxonomy, {name: np.array(code, np.int16) for name, code in codes.items()})
    assert chosen.tolist() == [0, 0, NO_ACTION]
    with pytest.raises(FeedbackError, match="'loyalty', which is no head; there are language, price, stay"):
        read_rules("default", taxonomy)


def test_no_head_can_be_called_action() -> None:
    with pytest.raises(FeedbackError, match="'action' is reserved"):
        Head.from_dict({"name": "action"})

"""The tools behind docs/accuracy, and whether the pages are those of the figures beside them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.corpus import Example
from feedbackclf.heads import HeadAnswers
from feedbackclf.taxonomy import Head, Taxonomy
from tests.behaviour.cases import CAPABILITIES, LANGUAGES, ceilings
from tools import experiments
from tools.accuracy import measure, pages
from tools.accuracy.consistency import parallel_consistency
from tools.accuracy.rereading import agreement

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "accuracy"
TAXONOMY = Taxonomy("two", ("nl", "en"), (Head("speed"), Head("mood", ("good", "bad"), "choice")))


def example(speed: str, mood: str, text: str = "Snel maar duur", language: str = "nl", group: str = "") -> Example:
    labels = {"speed": speed, "mood": mood, "sentiment": "mixed"}
    return Example(text, language, labels, None, group, "made-up", 1)


def answers(*rows: tuple[str, float, str, float]) -> dict[str, HeadAnswers]:
    speed, mood = TAXONOMY.heads
    p = np.array([[row[1] / 3] * 3 + [1 - row[1]] for row in rows])
    q = np.array([[row[3], 1 - row[3]] if row[2] == "good" else [1 - row[3], row[3]] for row in rows])
    return {
        "speed": HeadAnswers(np.array([speed.labels.index(row[0]) for row in rows]), 1 - p[:, 3], p),
        "mood": HeadAnswers(np.array([mood.labels.index(row[2]) for row in rows]), q.max(axis=1), q),
    }


def test_what_is_kept_is_surer_and_counted() -> None:
    given = answers(("none", 0.04, "good", 0.9), ("positive", 0.9, "bad", 0.55))
    found = measure.kept([example("none", "good"), example("negative", "good")], given, TAXONOMY)
    assert found["0.9"] == (0.5, 1.0)
    assert found["0.5"] == (0.75, 2 / 3)  # praise itself has a third of 0.9


def test_exact_probabilities_have_the_error_that_is_expected_of_them() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.1, 0.9, 4_000)
    gold = [example("positive" if hit else "none", "good") for hit in rng.random(4_000) < p]
    given = answers(*(("positive", float(x), "good", 0.99) for x in p))
    error, expected = measure.calibration(gold, given, TAXONOMY)["speed"]
    assert abs(error - expected) < 0.01
    assert expected < 0.03


def test_two_readings_agree_as_far_as_they_have_one_label() -> None:
    first = [example("none", "good"), example("negative", "good"), example("mixed", "bad"), example("none", "bad")]
    second = [example("none", "good"), example("positive", "good"), example("none", "bad"), example("none", "good")]
    found = agreement(first, second, TAXONOMY)
    assert found["texts"] == 4
    assert found["heads"]["speed"] == {"same": 0.5, "f1": 2 / 3}  # of two that are mentioned, one is found
    assert found["heads"]["mood"] == {"same": 0.75, "f1": (0.8 + 2 / 3) / 2}


def test_polarity_and_errors_are_counted() -> None:
    gold = [example("none", "good"), example("negative", "good"), example("mixed", "bad", "Kort")]
    given = answers(("positive", 0.9, "good", 0.9), ("negative", 0.9, "good", 0.9), ("none", 0.1, "bad", 0.9))
    table = measure.polarity_confusion(gold, given, TAXONOMY)
    assert (table["none"]["positive"], table["negative"]["negative"], table["mixed"]["none"]) == (1, 1, 1)
    assert sum(sum(row.values()) for row in table.values()) == 3
    errors = measure.error_profile(gold, given, TAXONOMY)["speed"]
    assert (errors["missed"], errors["made_up"]) == (1, 1)
    assert errors["wrong"] == {"words": 2.0, "contrast": 0.5, "mixed": 1.0}


def test_translations_are_compared_where_there_is_one_in_each_language(small: FeedbackClassifier) -> None:
    codes = small.model_.taxonomy.languages
    rows = [example("none", "good", text, code, text) for text in ("OK", "Super!!", "1234") for code in codes]
    found = parallel_consistency([*rows, example("none", "good", "Alleen", "nl", "alone")], small.engine_)
    assert found["sentences"] == 3
    for head in found["heads"].values():
        assert 0 <= head["all"] <= head["pairs"] <= 1


def test_the_pages_are_those_of_the_figures() -> None:
    results = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == pages.overview(results)
    for code in LANGUAGES:
        remarks = (ROOT / "tools" / "accuracy" / "remarks" / f"{code}.md").read_text(encoding="utf-8")
        assert (FOLDER / f"{code}.md").read_text(encoding="utf-8") == pages.language_page(code, results, remarks)
    behaviour = pages.behaviour_page(results["behaviour"], ceilings())
    assert (FOLDER / "behaviour.md").read_text(encoding="utf-8") == behaviour
    assert list(results["behaviour"]) == list(CAPABILITIES)
    entries = json.loads(experiments.FILE.read_text(encoding="utf-8"))
    assert experiments.FILE.with_suffix(".md").read_text(encoding="utf-8") == experiments.rendered(entries)

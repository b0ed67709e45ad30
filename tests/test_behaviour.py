"""What the shipped model must get right, capability by capability (after CheckList, Ribeiro et al., 2020).

The cases are in `behaviour/`; a ceiling is the share of its cases that a capability may get wrong in a language. Irony
and rudeness as charm are known to be weak, and their ceilings say so.

`golden.json` holds what the shipped model says of a few texts. After a change that is meant to change answers, write
it anew and read the difference before you commit it:

    python -m tests.test_behaviour
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import feedbackclf
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.corpus import read_corpus
from feedbackclf.taxonomy import default_taxonomy
from tests.behaviour.cases import CAPABILITIES, LANGUAGES, cases, ceilings, failure_rate, outcomes

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).with_name("golden.json")
GOLDEN_TEXTS = [
    *(case.text for language in LANGUAGES for case in cases(language, "contrast")[:2]),
    *(cases(language, "numbers")[2].text for language in LANGUAGES),
    "Ich habe mein Paket immer noch nicht bekommen.",
    "👍👍👍",
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("capability", CAPABILITIES)
def test_no_more_goes_wrong_than_is_known(capability: str, language: str, shipped: FeedbackClassifier) -> None:
    found = outcomes(shipped, language, capability)
    wrong = [text for text, right in found if not right]
    assert failure_rate(found) <= ceilings()[capability][language] + 1e-9, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_told(language: str, shipped: FeedbackClassifier) -> None:
    texts = [case.text for case in cases(language, "clear")]
    assert sum(code != language for code, _ in shipped.detect_languages(texts)) <= 0.1 * len(texts)


def test_cases_name_labels_that_there_are_and_are_the_same_kinds_in_every_language() -> None:
    taxonomy, sizes = default_taxonomy(), set()
    for language in LANGUAGES:
        for capability in CAPABILITIES:
            if capability == "intensity":
                continue
            for case in cases(language, capability):
                assert all(wanted <= set(taxonomy.head(head).labels) for head, wanted in case.expected), case.text
                assert "{" not in case.text
            sizes.add((capability, len(cases(language, capability))))
    assert len(sizes) == len(CAPABILITIES) - 1


def test_no_case_is_a_text_of_the_corpus() -> None:
    learned = {x.text.casefold() for x in read_corpus([ROOT / "corpora"], default_taxonomy()).examples}
    asked = {
        case.text.casefold() for lang in LANGUAGES for c in CAPABILITIES if c != "intensity" for case in cases(lang, c)
    }
    assert not learned & asked


def golden(classifier: FeedbackClassifier) -> list[dict[str, Any]]:
    return [
        {
            "text": text,
            "language": found.language,
            "mentioned": found.mentioned,
            **{name: answer.label for name, answer in found.choices.items()},
        }
        for text, found in zip(GOLDEN_TEXTS, classifier.predict(GOLDEN_TEXTS), strict=True)
    ]


def test_golden_predictions(shipped: FeedbackClassifier) -> None:
    assert golden(shipped) == json.loads(GOLDEN.read_text(encoding="utf-8"))


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(golden(feedbackclf.load()), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

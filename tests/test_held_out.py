"""The shipped model on real feedback that it has not seen. The feedback may not be copied into the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.corpus import read_corpus
from feedbackclf.evaluation import evaluate
from feedbackclf.metrics import Sampling
from feedbackclf.model_card import HELD_OUT
from feedbackclf.model_folder import METRICS, read_json, resolve_model
from feedbackclf.taxonomy import default_taxonomy

HELD_OUT_FEEDBACK = Path(__file__).parents[2] / "shared" / "data" / "annotated.dev.jsonl"


@pytest.fixture(scope="module")
def report(shipped: FeedbackClassifier) -> dict[str, Any]:
    if not HELD_OUT_FEEDBACK.is_file():
        pytest.skip(f"{HELD_OUT_FEEDBACK} is not here: real feedback, which may be measured on but not passed on")
    examples = read_corpus([HELD_OUT_FEEDBACK], default_taxonomy()).examples
    return evaluate(examples, shipped.engine_, Sampling(10))


def test_the_shipped_model_is_as_good_as_it_has_to_be(report: dict[str, Any]) -> None:
    summary = report["summary"]
    assert summary["all"]["mentioned_f1"] >= 0.865
    assert summary["all"]["signed_f1"] >= 0.80
    assert summary["all"]["sentiment_accuracy"] >= 0.912
    assert min(summary[language]["mentioned_f1"] for language in default_taxonomy().languages) >= 0.795


def test_the_card_gives_the_figures_of_the_model_it_is_with(report: dict[str, Any]) -> None:
    written = read_json(resolve_model("default") / METRICS)[HELD_OUT]["summary"]
    assert report["summary"].keys() == written.keys()
    for group, figures in written.items():  # another machine may round another way
        assert report["summary"][group] == pytest.approx(figures, abs=0.002), group

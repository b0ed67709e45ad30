"""Sentiment of the Swedish reviews behind SweReC: three classes, Matthews correlation, with and without some to "
"learn from."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from feedbackclf.corpus import Example
from feedbackclf.engine import Engine
from feedbackclf.language import LanguageModel
from feedbackclf.near_duplicates import fold_groups
from feedbackclf.taxonomy import Head, Taxonomy
from feedbackclf.training import TrainingData, train_model

N_LEARNED, N_ASKED = 1_024, 2_048
STARS = {1: "negative", 2: "negative", 3: "neutral", 4: "positive", 5: "positive"}
SENTIMENT = Taxonomy(
    "sentiment",
    ("nl", "da", "sv", "en"),
    (Head("sentiment", ("positive", "negative", "neutral"), "choice", from_rating=STARS),),
)
PUBLISHED = {"XLM-R large": 76.6, "e5-base": 76.1, "KB-BERT": 75.6, "mBERT": 61.8}
"""Matthews coefficients × 100 of encoders fine-tuned on 1,024 rows of SweReC, as published."""


def swerec(
    labelled: Sequence[Example], weak: Sequence[Example], stoffe: Sequence[Example], language: LanguageModel, jobs: int
) -> dict[str, Any]:
    """Matthews coefficients of three ways to learn.

    Args:
        labelled: feedback labelled with care, none of it from these reviews.
        weak: other reviews with stars, none of them from these.
        stoffe: these reviews, labelled with the sentiment that their stars say.
    """
    groups = fold_groups([x.text for x in stoffe], [x.group for x in stoffe])
    first = np.unique(groups, return_index=True)[1].tolist()  # one of each set of near-duplicates
    random.Random(0).shuffle(first)
    learned = [stoffe[place] for place in first[:N_LEARNED]]
    asked = [stoffe[place] for place in first[N_LEARNED : N_LEARNED + N_ASKED]]
    care, rough = [_three(x) for x in labelled], [_three(x) for x in weak]
    ways = {
        "without any of these reviews": TrainingData(care, weak=rough),
        "1,024 of these reviews alone": TrainingData(learned),
        "1,024 of these reviews, other reviews with stars as weak labels": TrainingData(learned, weak=[*care, *rough]),
    }
    found = {}
    for name, data in ways.items():
        engine = Engine(train_model(data, SENTIMENT, language=language, jobs=jobs).model)
        found[name] = _matthews(engine, asked)
    return {"learned": len(learned), "asked": len(asked), "ours": found, "published": PUBLISHED}


def _matthews(engine: Engine, asked: Sequence[Example]) -> float:
    from sklearn.metrics import matthews_corrcoef

    answers = engine.answer(pa.array([x.text for x in asked], pa.string()), pa.array(["sv"] * len(asked)))
    labels = SENTIMENT.heads[0].labels
    given = [labels[place] for place in answers.heads.of("sentiment").labels.tolist()]
    return float(matthews_corrcoef([x.labels["sentiment"] for x in asked], given))


def _three(example: Example) -> Example:
    """With no other label than the sentiment, mixed feelings being neutral."""
    sentiment = example.labels.get("sentiment")
    labels = {} if sentiment is None else {"sentiment": "neutral" if sentiment == "mixed" else sentiment}
    return replace(example, labels=labels)

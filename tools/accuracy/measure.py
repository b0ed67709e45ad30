"""Figures of the shipped model that `feedbackclf evaluate` does not give."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf.corpus import Example
from feedbackclf.heads import HeadAnswers
from feedbackclf.metrics import calibration_error
from feedbackclf.segments import CONTRAST_WORDS
from feedbackclf.taxonomy import NOT_MENTIONED, POLARITIES, Head, Taxonomy

Answers = Mapping[str, HeadAnswers]
LEAST = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def take(answers: Answers, rows: NDArray[np.int64]) -> dict[str, HeadAnswers]:
    """The answers to some of the texts."""
    return {
        name: HeadAnswers(found.labels[rows], found.confidence[rows], found.probabilities[rows])
        for name, found in answers.items()
    }


def calibration(examples: Sequence[Example], answers: Answers, taxonomy: Taxonomy) -> dict[str, tuple[float, float]]:
    """By head the calibration error, and what exactly right probabilities would show on as many texts (simulated)."""
    rng, found = np.random.default_rng(0), {}
    for head in taxonomy.heads:
        p, right = answers[head.name].confidence, as_said(head, examples, answers[head.name])
        floor = np.mean([calibration_error(p, rng.random(len(p)) < p) for _ in range(200)])
        found[head.name] = calibration_error(p, right), float(floor)
    return found


def as_said(head: Head, examples: Sequence[Example], found: HeadAnswers) -> NDArray[np.bool_]:
    """Whether that was so of which the confidence speaks."""
    if head.is_dimension:
        return np.array([x.labels[head.name] != NOT_MENTIONED for x in examples])
    right: NDArray[np.bool_] = found.labels == np.array([x.label_index(head) for x in examples])
    return right


def kept(examples: Sequence[Example], answers: Answers, taxonomy: Taxonomy) -> dict[str, tuple[float, float]]:
    """For some least probabilities the share of labels that have it, and how many of those are right."""
    sure, right = [], []
    for head in taxonomy.heads:
        sure.append(answers[head.name].label_probability)
        right.append(answers[head.name].labels == np.array([x.label_index(head) for x in examples]))
    p, hits = np.concatenate(sure), np.concatenate(right)
    return {str(least): (float(np.mean(p >= least)), float(np.mean(hits[p >= least]))) for least in LEAST}


def polarity_confusion(examples: Sequence[Example], answers: Answers, taxonomy: Taxonomy) -> dict[str, dict[str, int]]:
    """How often each polarity was given for each, all dimensions together."""
    pairs: Counter[tuple[str, str]] = Counter()
    for head in taxonomy.dimensions:
        given = [head.labels[place] for place in answers[head.name].labels.tolist()]
        pairs.update(zip((x.labels[head.name] for x in examples), given, strict=True))
    return {gold: {given: pairs[gold, given] for given in POLARITIES} for gold in POLARITIES}


def error_profile(examples: Sequence[Example], answers: Answers, taxonomy: Taxonomy) -> dict[str, Any]:
    """What the texts have in common whose dimensions were missed or made up, beside the others."""
    words = np.array([len(x.text.split()) for x in examples])
    contrast = np.array([_has_contrast(x) for x in examples])
    mixed = np.array([x.labels["sentiment"] == "mixed" for x in examples])
    found = {}
    for head in taxonomy.dimensions:
        gold = as_said(head, examples, answers[head.name])
        said = answers[head.name].labels != head.labels.index(NOT_MENTIONED)
        parts = {}
        for name, rows in (("wrong", gold != said), ("right", gold == said)):
            there = rows.any()
            parts[name] = {
                "words": float(np.median(words[rows])) if there else 0.0,
                "contrast": float(contrast[rows].mean()) if there else 0.0,
                "mixed": float(mixed[rows].mean()) if there else 0.0,
            }
        found[head.name] = {"missed": int((gold & ~said).sum()), "made_up": int((said & ~gold).sum()), **parts}
    return found


def _has_contrast(example: Example) -> bool:
    return bool(CONTRAST_WORDS.get(str(example.language), set()) & set(re.findall(r"\w+", example.text.casefold())))

from __future__ import annotations

import numpy as np
import pytest

from feedbackclf.heads import Answers, HeadModel, Layers, decide, n_inputs, pool
from feedbackclf.language import softmax
from feedbackclf.scoring import ColumnScores
from feedbackclf.taxonomy import Head

HEADS = (Head("sentiment", ("positive", "negative"), "choice"), Head("speed"), Head("kind", ("a", "b", "c"), "choice"))


@pytest.fixture
def models() -> list[HeadModel]:
    chance = np.random.default_rng(0)
    return [
        HeadModel(
            head,
            chance.normal(size=(6, len(head.labels))).astype(np.float32),
            chance.normal(size=len(head.labels)).astype(np.float32),
            threshold=0.4,
            factors=np.ones(len(head.labels)) if head.is_dimension else chance.uniform(0.3, 3, len(head.labels)),
        )
        for head in HEADS
    ]


@pytest.mark.parametrize("n_texts", [0, 1, 50])
def test_heads_side_by_side_answer_as_each_would_alone(n_texts: int, models: list[HeadModel]) -> None:
    inputs = np.random.default_rng(1).normal(size=(n_texts, 6), scale=20).astype(np.float32)
    answers = Layers(models).answer(inputs).by_head()
    assert list(answers) == [head.name for head in HEADS]
    for model in models:
        found = answers[model.head.name]
        p = softmax(inputs.astype(float) @ model.coefficients + model.intercepts) if n_texts else found.probabilities
        np.testing.assert_allclose(found.probabilities, p, atol=1e-12)
        assert found.probabilities.shape == (n_texts, len(model.head.labels))
        expected = decide(p, model.head, model.threshold, model.factors)
        assert found.labels.tolist() == expected.labels.tolist()
        np.testing.assert_allclose(found.confidence, expected.confidence, atol=1e-12)


def test_labels_by_hand() -> None:
    speed = HEADS[1]
    none = speed.labels.index("none")
    p = np.full((2, len(speed.labels)), 0.0)
    p[:, none], p[:, 1 - none if none < 2 else 0] = (0.61, 0.59), (0.39, 0.41)
    found = decide(p, speed, 0.4, np.ones(4))
    assert (found.labels == none).tolist() == [True, False]
    np.testing.assert_allclose(found.confidence, [0.39, 0.41])
    p = np.array([[0.2, 0.8], [0.5, 0.5]])
    choice = decide(p, HEADS[0], 0.9, np.ones(2))  # a choice has no threshold
    assert (choice.labels.tolist(), choice.confidence.tolist()) == ([1, 0], [0.8, 0.5])
    rare_first = decide(p, HEADS[0], 0.9, np.array([4.1, 1.0]))
    assert (rare_first.labels.tolist(), rare_first.confidence.tolist()) == ([0, 0], [0.2, 0.5])


def test_answers_to_several_batches(models: list[HeadModel]) -> None:
    inputs = np.random.default_rng(2).normal(size=(9, 6)).astype(np.float32)
    whole = Layers(models).answer(inputs).of("kind")
    parts = [Layers(models).answer(part) for part in (inputs[:4], inputs[4:4], inputs[4:])]
    joined = Answers.joined(parts).of("kind")
    assert joined.labels.tolist() == whole.labels.tolist()
    np.testing.assert_allclose(joined.probabilities, whole.probabilities)


def test_what_heads_see_of_a_text() -> None:
    text, best = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32), np.array([[5.0, 6.0], [7.0, 8.0]], np.float32)
    scores = ColumnScores(text, best, np.ones(2, np.float32), np.array([0, 3]), np.array([0, 1]))
    found = pool(scores, np.array([1, 2]), 2)
    assert found.shape == (2, n_inputs(2, 0, 2))
    np.testing.assert_allclose(found[0], [1, 2, 5, 6, 0, 0, 0, 1])
    np.testing.assert_allclose(found[1], [3, 4, 7, 8, np.log(4), np.log(2), 0, 0], rtol=1e-6)
    with_phrases = pool(scores, np.array([1, 2]), 2, np.array([[9], [10]], np.float32))
    assert with_phrases.shape == (2, n_inputs(2, 1, 2))
    np.testing.assert_array_equal(np.delete(with_phrases, 4, axis=1), found)
    assert with_phrases[:, 4].tolist() == [9, 10]

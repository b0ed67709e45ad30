"""Learning to tell languages from labelled texts and from pieces of them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize_scalar

from feedbackclf.errors import FeedbackError
from feedbackclf.language import LanguageModel, softmax
from feedbackclf.vectors import choose_features, language_counts

PIECES = (1, 2, 2, 3, 3, 5, 5, 8, 15)
SAMPLES_PER_LANGUAGE = 40_000
MAX_REPEATS = 16
SHORT = 30
"""Below this many words a text is hard to tell as a whole; a longer one is no harder than its pieces."""
UNDETERMINED_PENALTY = 2.6
"""Taken from the scores of languages that are not ours, whose texts are rarer among feedback than in training.
The more, the fewer short Danish texts are taken for Norwegian, and the more Norwegian texts for Danish."""


def train_language(texts: Sequence[str], codes: Sequence[str], ours: Sequence[str], *, seed: int) -> LanguageModel:
    """Learn language identification.

    Args:
        texts: n texts.
        codes: the language of each; those that are not `ours` read as `und`.
        ours: the languages of the taxonomy.

    Raises:
        FeedbackError: fewer than two languages to tell apart.
    """
    classes = tuple(sorted(set(codes)))
    if len(classes) < 2:
        raise FeedbackError("language: the data is in one language only; take the identification of a trained model")
    pieces, labels = _pieces(texts, codes, classes, seed)
    counts = language_counts(pieces)
    scale = choose_features(counts, min_df=2 + len(pieces) // 15_000, ngram_factor=1)
    vectors = scale.vectors(counts[:, scale.buckets])
    held_out = np.random.default_rng(seed).random(len(pieces)) < 0.1
    sharpness = _sharpness(*_fit(vectors[~held_out], labels[~held_out], seed), vectors[held_out], labels[held_out])
    coefficients, intercepts = _fit(vectors, labels, seed)
    penalty = np.array([0 if code in ours else UNDETERMINED_PENALTY for code in classes])
    table = scale.table(coefficients * sharpness, (intercepts - penalty) * sharpness)
    return LanguageModel(classes, table.in_half_precision())


def _pieces(
    texts: Sequence[str], codes: Sequence[str], classes: Sequence[str], seed: int
) -> tuple[list[str], NDArray[np.int64]]:
    """As many samples of each language, if it has enough: short texts as wholes, and runs of a few words of any."""
    rng = random.Random(seed)
    pieces: list[str] = []
    labels: list[int] = []
    for index, code in enumerate(classes):
        own = [text for text, other in zip(texts, codes, strict=True) if other == code and text.strip()]
        rng.shuffle(own)
        wholes = [text for text in own if len(text.split()) < SHORT][: SAMPLES_PER_LANGUAGE // 3]
        known = set(wholes)
        sources = [*wholes, *(text for text in own if text not in known)]
        samples: list[str] = []
        for _ in range(MAX_REPEATS):
            if len(samples) < SAMPLES_PER_LANGUAGE:
                samples += [*wholes, *(_run(text.split(), rng) for text in sources)]
        pieces += samples[:SAMPLES_PER_LANGUAGE]
        labels += [index] * len(samples[:SAMPLES_PER_LANGUAGE])
    return pieces, np.array(labels)


def _run(words: Sequence[str], rng: random.Random) -> str:
    size = rng.choice(PIECES)
    begin = rng.randrange(max(1, len(words) - size + 1))
    return " ".join(words[begin : begin + size])


def _fit(
    vectors: sparse.csr_matrix, labels: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One logistic regression per language against all others, by averaged stochastic gradient descent."""
    from sklearn.linear_model import SGDClassifier

    learner = SGDClassifier(loss="log_loss", alpha=5e-7, max_iter=10, tol=None, average=True, random_state=seed)
    learner.fit(vectors, labels)
    coefficients, intercepts = learner.coef_.T, learner.intercept_
    if len(intercepts) == 1:  # two languages are learned as one question
        return np.hstack([-coefficients, coefficients]), np.r_[-intercepts, intercepts]
    return coefficients, intercepts


def _sharpness(
    coefficients: NDArray[np.float64],
    intercepts: NDArray[np.float64],
    vectors: sparse.csr_matrix,
    labels: NDArray[np.int64],
) -> float:
    """The factor that makes a softmax of the scores calibrated (temperature scaling; Guo et al., 2017)."""
    scores = vectors @ coefficients + intercepts
    rows = np.arange(len(labels))

    def loss(logarithm: float) -> float:
        return float(-np.log(softmax(scores * np.exp(logarithm))[rows, labels] + 1e-12).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))

"""Self-training: what the model says of unlabelled texts teaches its columns in turn (Scudder, 1965).

The sources of unlabelled texts are more varied than those of labelled ones, and that is what the columns learn from.
Only "is the dimension mentioned" is learned so, where labels are scarcest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from feedbackclf.columns import Column
from feedbackclf.heads import HeadModel, answer
from feedbackclf.taxonomy import UNDETERMINED

TEXTS_PER_LANGUAGE = 10_000
WEIGHT = 0.3
SURE = 2.0
"""Log-odds away from the threshold from which on a text has its full weight."""


def choose_unlabelled(languages: Sequence[str], *, seed: int) -> NDArray[np.int64]:
    """Places of up to `TEXTS_PER_LANGUAGE` texts in each language, none of them undetermined."""
    rng = np.random.default_rng(seed)
    codes = np.array(languages, dtype=object)
    chosen = [
        rng.permutation(np.flatnonzero(codes == code))[:TEXTS_PER_LANGUAGE]
        for code in sorted(set(languages) - {UNDETERMINED})
    ]
    return np.sort(np.concatenate(chosen))


def guess(inputs: NDArray[np.float32], heads: Sequence[HeadModel]) -> list[tuple[Column, NDArray[np.float64]]]:
    """Guess for each dimension whether texts mention it.

    Args:
        inputs: pooled scores of n texts.
        heads: layers of dimensions.

    Returns:
        For each head the column of guesses, and the weight of each text: less near the threshold, shape (n,).
    """
    guesses = []
    for model, found in zip(heads, answer(inputs, heads).values(), strict=True):
        distance = _log_odds(found.confidence) - _log_odds(np.array(model.threshold))
        column = Column(f"{model.head.name}:mentioned", (distance >= 0).astype(np.int8))
        guesses.append((column, WEIGHT * np.minimum(1, np.abs(distance) / SURE)))
    return guesses


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(probability, 1e-9, 1 - 1e-9)
    return np.log(inside / (1 - inside))

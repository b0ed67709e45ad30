"""What a teacher guesses about texts that nobody has labelled, in a file that does not hold the texts.

A teacher is a model that is better and too slow. What it says of many texts, a fast model can learn (distillation;
Hinton, Vinyals and Dean, 2015).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

STEP = 1 / 16
"""Log-odds are kept in steps of this, up to eight either way."""
NOT_ASKED = -128
"""The step that says that there is no guess."""


@dataclass(frozen=True)
class Guesses:
    """What a teacher says of n texts.

    Attributes:
        columns: names of the questions (see `feedbackclf.columns`).
        keys: `text_key` of each text, shape (n,).
        log_odds: of a yes, NaN where the teacher was not asked, shape (n, n_columns).
    """

    columns: tuple[str, ...]
    keys: NDArray[np.uint64]
    log_odds: NDArray[np.float32]

    def about(self, texts: Sequence[str], columns: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Which of the texts there are guesses about, ascending, and these: NaN for columns that were not asked.

        Returns:
            Shapes (n_known,) and (n_known, n_columns).
        """
        places, known = known_texts(self.keys, texts)
        log_odds = np.full((len(places), len(columns)), np.nan, np.float32)
        for place, name in enumerate(columns):
            if name in self.columns:
                log_odds[:, place] = self.log_odds[known, self.columns.index(name)]
        return places, log_odds

    def first(self, n: int) -> Guesses:
        """The first n of them."""
        return Guesses(self.columns, self.keys[:n], self.log_odds[:n])

    def write(self, path: Path) -> None:
        """Write them as arrays, a byte for each answer."""
        rounded = np.clip(np.round(self.log_odds / STEP), -127, 127)
        steps = np.nan_to_num(rounded, nan=NOT_ASKED).astype(np.int8)
        np.savez_compressed(path, columns=np.array(self.columns), keys=self.keys, steps=steps)

    @classmethod
    def read(cls, path: Path) -> Guesses:
        """Read what `write` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            names = tuple(arrays["columns"].tolist())
            steps = arrays["steps"].astype(np.float32)
            return cls(names, arrays["keys"], np.where(steps == NOT_ASKED, np.nan, steps * np.float32(STEP)))


def known_texts(keys: NDArray[np.uint64], texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which of the texts have one of the keys (see `text_key`), ascending, and the places of these keys."""
    rows = {key: row for row, key in enumerate(keys.tolist())}
    found = [(place, rows[key]) for place, key in enumerate(map(text_key, texts)) if key in rows]
    places, known = np.array(found, np.int64).reshape(-1, 2).T
    return places, known


def text_key(text: str) -> int:
    """A number by which a text is known again, and from which it cannot be told."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")

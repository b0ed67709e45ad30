"""A teacher's guesses at the labels of texts, in a file without the texts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

STEP = 1 / 16
"""Log-odds are kept in steps of this, up to eight either way."""


@dataclass(frozen=True)
class Guesses:
    """What a teacher says of n texts.

    Attributes:
        columns: names of the questions (see `feedbackclf.columns`).
        keys: `text_key` of each text, shape (n,).
        log_odds: shape (n, n_columns).
    """

    columns: tuple[str, ...]
    keys: NDArray[np.uint64]
    log_odds: NDArray[np.float32]

    def write(self, path: Path) -> None:
        """Write them as arrays, a byte for each answer."""
        steps = np.clip(np.round(self.log_odds / STEP), -127, 127).astype(np.int8)
        np.savez_compressed(path, columns=np.array(self.columns), keys=self.keys, steps=steps)

    @classmethod
    def read(cls, path: Path) -> Guesses:
        """Read what `write` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            names = tuple(arrays["columns"].tolist())
            return cls(names, arrays["keys"], arrays["steps"].astype(np.float32) * STEP)


def text_key(text: str) -> int:
    """A number by which a text is known again, and from which it cannot be told."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")

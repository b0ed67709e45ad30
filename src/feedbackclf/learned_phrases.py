"""A phrase network to train with, and what it would say of the texts that it was learned from had it not seen them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feedbackclf.chunks import chunk_texts
from feedbackclf.guesses import known_texts
from feedbackclf.language import language_numbers
from feedbackclf.memory import ChunkMemory
from feedbackclf.phrases import PhraseNetwork
from feedbackclf.table import ScoreTable
from feedbackclf.taxonomy import UNDETERMINED


@dataclass(frozen=True)
class LearnedPhrases:
    """A network and its scores of n texts, each from a network that was not learned from that text.

    Attributes:
        network: learned from all of them.
        keys: `text_key` of each text, shape (n,).
        out_of_fold: shape (n, n_columns).
    """

    network: PhraseNetwork
    keys: NDArray[np.uint64]
    out_of_fold: NDArray[np.float32]

    @classmethod
    def from_elsewhere(cls, network: PhraseNetwork) -> LearnedPhrases:
        """A network that has seen none of the texts that are asked about."""
        return cls(network, np.zeros(0, np.uint64), np.zeros((0, len(network.columns)), np.float32))

    def scores(self, texts: Sequence[str], codes: Sequence[str], languages: Sequence[str]) -> NDArray[np.float32]:
        """Scores of texts, shape (n_texts, n_columns): out of fold where they are known, otherwise the network's.

        Args:
            texts: n_texts of them.
            codes: the language of each.
            languages: those of the taxonomy.
        """
        scores = network_scores(self.network, texts, codes, languages)
        places, known = known_texts(self.keys, texts)
        scores[places] = self.out_of_fold[known]
        return scores

    def write(self, path: Path) -> None:
        """Write the arrays of the network and the scores, in half precision."""
        network, kept = self.network, self.out_of_fold.astype(np.float16)
        about = {"columns": np.array(network.columns), "gain": np.array(network.gain)}
        arrays: dict[str, Any] = {"keys": self.keys, "out_of_fold": kept, **about, **network.arrays}
        np.savez_compressed(path, allow_pickle=False, **arrays)

    @classmethod
    def read(cls, path: Path) -> LearnedPhrases:
        """Read what `write` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            network = PhraseNetwork.of(tuple(arrays["columns"].tolist()), float(arrays["gain"]), arrays)
            return cls(network, arrays["keys"], arrays["out_of_fold"].astype(np.float32))


def network_scores(
    network: PhraseNetwork, texts: Sequence[str], codes: Sequence[str], languages: Sequence[str]
) -> NDArray[np.float32]:
    """The scores of a network alone, see `LearnedPhrases.scores`."""
    table = ScoreTable.empty().with_embeddings(network.buckets, network.embeddings)
    memory = ChunkMemory(ScoreTable.empty(), table, (*languages, UNDETERMINED), phrases=network)
    chunked = chunk_texts(pa.array(texts, pa.large_string()))
    places = memory.places(chunked, memory.numbers(chunked), language_numbers(codes, languages))
    return network.scores(places, chunked.offsets, memory.taps)

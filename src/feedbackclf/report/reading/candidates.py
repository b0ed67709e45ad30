"""Texts that may be quoted: for each label a sample of those that have it, drawn while the file goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feedbackclf.report.reading.source import TaggedBatch
from feedbackclf.report.statistics.unsure import is_unsure
from feedbackclf.taxonomy import NOT_MENTIONED, Taxonomy

TYPICAL_OR_TELLING, UNSURE = "sure", "unsure"
"""Kinds of cells."""

_SAMPLE = {TYPICAL_OR_TELLING: 48, UNSURE: 8}
_EASY_TO_READ = 25, 400
"""Characters of a text that is quoted before any longer or shorter one."""
_SURE = 0.8

Cell = tuple[str, str, str]
"""Head, label, and kind."""


@dataclass(frozen=True)
class Candidate:
    """A text that may be quoted.

    Attributes:
        place: of its row in `Feedback`.
        text: all of it.
        language: as in `Feedback`.
        labels: of each head, as a place in `head.labels`; -1 if there is none.
    """

    place: int
    text: str
    language: int
    labels: Mapping[str, int]


class Candidates:
    """Draws them from batches. It holds few texts at any time, however long the file is."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._random = np.random.default_rng(0)
        labels = [(head.name, label) for head in taxonomy.heads for label in head.labels]
        # By text, so that each is drawn once; in the order of the taxonomy, not in that in which labels turn up.
        self._drawn: dict[Cell, dict[str, tuple[float, Candidate]]] = {
            (*label, kind): {} for label in labels for kind in _SAMPLE
        }

    def see(self, batch: TaggedBatch) -> None:
        """Draw from the next rows. What is drawn does not depend on how the rows fall into batches."""
        length = pc.fill_null(pc.utf8_length(batch.texts), 0).to_numpy(zero_copy_only=False)
        low, high = _EASY_TO_READ
        lot = self._random.random(len(length)) + np.where((length < low) | (length > high), 1, 0)
        has_text = length > 0
        for head in self._taxonomy.heads:
            codes, confidence = batch.codes[head.name], batch.confidence.get(head.name)
            sure = np.ones(len(codes), bool) if confidence is None else ~(confidence < np.float32(_SURE))
            unsure = np.zeros(len(codes), bool) if confidence is None else is_unsure(head, confidence)
            for code, label in enumerate(head.labels):
                of_label = has_text & (codes == code)
                if label != NOT_MENTIONED:
                    # Those that the model is not sure of come last.
                    self._draw((head.name, label, TYPICAL_OR_TELLING), batch, of_label, lot + np.where(sure, 0, 2))
                self._draw((head.name, label, UNSURE), batch, of_label & unsure, lot)

    def cells(self) -> dict[Cell, list[Candidate]]:
        """What was drawn, in the order of the lots."""
        return {
            cell: [candidate for _, candidate in sorted(found.values(), key=lambda drawn: drawn[0])]
            for cell, found in self._drawn.items()
            if found
        }

    def _draw(self, cell: Cell, batch: TaggedBatch, eligible: NDArray[np.bool_], lot: NDArray[np.float64]) -> None:
        rows, size = np.flatnonzero(eligible), _SAMPLE[cell[2]]
        if not len(rows):
            return
        drawn = self._drawn[cell]
        if len(drawn) >= size:
            worst = max(drawn.values(), key=lambda found: found[0])[0]
            rows = rows[lot[rows] < worst]
        rows = rows[np.argsort(lot[rows], kind="stable")][: 2 * size]  # twice as many, since some may be the same text
        for row, text in zip(rows.tolist(), _texts(batch.texts, rows), strict=True):
            key = " ".join(text.split()).casefold()
            if key in drawn and drawn[key][0] <= lot[row]:
                continue
            labels = {name: int(codes[row]) for name, codes in batch.codes.items()}
            drawn[key] = float(lot[row]), Candidate(batch.first + row, text, int(batch.language[row]), labels)
        for key in sorted(drawn, key=lambda key: drawn[key][0])[size:]:
            del drawn[key]


def _texts(texts: pa.Array, rows: NDArray[np.int64]) -> list[str]:
    return list(texts.take(pa.array(rows)).to_pylist())

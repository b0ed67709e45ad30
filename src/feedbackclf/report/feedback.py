"""Tagged feedback without its texts: every row as numbers, a column each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedbackclf.taxonomy import Head, Taxonomy

SENTIMENT = "sentiment"
POSITIVE, NEGATIVE = "positive", "negative"


@dataclass(frozen=True)
class Grouping:
    """A column that divides rows into groups.

    Attributes:
        values: of the column, in the order in which they turned up.
        codes: the value of each row as a place in `values`, -1 where there is none, shape (n,).
    """

    values: tuple[str, ...]
    codes: NDArray[np.int16]


@dataclass(frozen=True)
class Feedback:
    """n rows: what was answered, and what the file says of them beside the text.

    Attributes:
        name: what the whole is called.
        sources: the names of the files.
        source: the file of each row, a place in `sources`, shape (n,).
        row: its number there, from 1; rejected rows count.
        has_text: whether there is anything but white space.
        language: a place in `(*taxonomy.languages, "und")`; -1 if nothing is said.
        codes: by head, the label as a place in `head.labels`; -1 if there is none.
        confidence: by head that has one, the probability; NaN if there is none.
        rating: stars, NaN without any; `rating_column` is where they are from, None if nowhere.
        date: days, NaT without any; `date_column` is where they are from, None if nowhere.
        groups: by the name of a column, the group of each row.
        notes: what a reader should know of how the files were read.
    """

    name: str
    sources: tuple[str, ...]
    source: NDArray[np.int32]
    row: NDArray[np.int32]
    has_text: NDArray[np.bool_]
    language: NDArray[np.int16]
    codes: Mapping[str, NDArray[np.int16]]
    confidence: Mapping[str, NDArray[np.float32]]
    rating: NDArray[np.float32]
    rating_column: str | None
    date: NDArray[np.datetime64]
    date_column: str | None
    groups: Mapping[str, Grouping]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.row)

    @property
    def told(self) -> NDArray[np.bool_]:
        """Whether a row says anything: it has a text or a label, shape (n,)."""
        told = self.has_text.copy()
        for codes in self.codes.values():
            told |= codes >= 0
        return told


def sentiment_head(taxonomy: Taxonomy) -> Head | None:
    """The choice `sentiment` with the labels positive and negative; None if there is no such head."""
    for head in taxonomy.choices:
        if head.name == SENTIMENT and {POSITIVE, NEGATIVE} <= set(head.labels):
            return head
    return None


def answered(feedback: Feedback, taxonomy: Taxonomy) -> NDArray[np.bool_]:
    """The rows that parts are made of: those with a sentiment or, without that head, those that say anything."""
    head = sentiment_head(taxonomy)
    return feedback.told if head is None else feedback.codes[head.name] >= 0

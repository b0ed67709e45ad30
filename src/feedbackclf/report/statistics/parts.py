"""Some of the rows, such as a group or a period: the same figures for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from feedbackclf.report.feedback import NEGATIVE, POSITIVE, Feedback, answered, sentiment_head
from feedbackclf.report.figures import Part, PartDimension
from feedbackclf.report.statistics.shares import mean, net, wilson
from feedbackclf.report.statistics.suppression import shown
from feedbackclf.taxonomy import NOT_MENTIONED, POLARITIES, Taxonomy

Counts = NDArray[np.int64]


def tally(part: NDArray[np.integer], codes: NDArray[np.int16], n_parts: int, n_labels: int) -> Counts:
    """How often each label is in each part, shape (n_parts + 1, n_labels); last the rows of no part (-1)."""
    has = codes >= 0
    where = np.where(part[has] < 0, n_parts, part[has]).astype(np.int64)
    cells = np.bincount(where * n_labels + codes[has], minlength=(n_parts + 1) * n_labels)
    return cells.reshape(n_parts + 1, n_labels)


def sizes(part: NDArray[np.integer], is_row: NDArray[np.bool_], n_parts: int) -> Counts:
    """How many of some rows are in each part, shape (n_parts + 1,); last those of no part (-1)."""
    return tally(part, np.where(is_row, 0, -1).astype(np.int16), n_parts, 1)[:, 0]


def sentiment_counts(
    part: NDArray[np.integer], feedback: Feedback, taxonomy: Taxonomy, n_parts: int
) -> list[tuple[int, int, int]]:
    """Rows of each part with a positive, a negative, any sentiment; last those of no part. [] without the head."""
    head = sentiment_head(taxonomy)
    if head is None:
        return []
    counts = tally(part, feedback.codes[head.name], n_parts, len(head.labels))
    positive, negative = counts[:, head.labels.index(POSITIVE)], counts[:, head.labels.index(NEGATIVE)]
    return [(int(a), int(b), int(n)) for a, b, n in zip(positive, negative, counts.sum(axis=1), strict=True)]


def parts(
    part: NDArray[np.integer], names: Sequence[str], feedback: Feedback, taxonomy: Taxonomy, min_group: int
) -> list[Part]:
    """The figures of each part.

    A rating, or the net polarity of a dimension, is left out where fewer than `min_group` rows have one, and where such
    a figure of another part could be found by subtraction otherwise.

    Args:
        part: of each row as a place in `names`, -1 for rows of none, shape (n,).
        names: of the parts.
    """
    n = len(names)
    rows = sizes(part, answered(feedback, taxonomy), n)
    sentiment = sentiment_counts(part, feedback, taxonomy, n)
    has_rating = ~np.isnan(feedback.rating)
    rated = sizes(part, has_rating, n)
    show_rating = shown(rated[:-1], int(rated[-1]), min_group)
    dimensions = [_dimensions(part, feedback.codes[head.name], n, min_group) for head in taxonomy.dimensions]
    return [
        Part(
            name=name,
            rows=int(rows[place]),
            net=net(*sentiment[place]) if sentiment else None,
            rating=mean(feedback.rating[(part == place) & has_rating]) if show_rating[place] else None,
            dimensions={head.name: found[place] for head, found in zip(taxonomy.dimensions, dimensions, strict=True)},
        )
        for place, name in enumerate(names)
    ]


def _dimensions(
    part: NDArray[np.integer], codes: NDArray[np.int16], n_parts: int, min_group: int
) -> list[PartDimension]:
    counts = tally(part, codes, n_parts, len(POLARITIES))
    answers = counts.sum(axis=1)
    mentions = answers - counts[:, POLARITIES.index(NOT_MENTIONED)]
    positive, negative = counts[:, POLARITIES.index(POSITIVE)], counts[:, POLARITIES.index(NEGATIVE)]
    visible = shown(mentions[:-1], int(mentions[-1]), min_group)
    return [
        PartDimension(
            wilson(int(mentions[place]), int(answers[place])),
            net(int(positive[place]), int(negative[place]), int(mentions[place])) if visible[place] else None,
        )
        for place in range(n_parts)
    ]

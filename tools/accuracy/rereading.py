"""How far a second reading of annotated texts gives the same labels: what the further labels are worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from feedbackclf.corpus import Example
from feedbackclf.taxonomy import NOT_MENTIONED, Taxonomy


def agreement(first: Sequence[Example], second: Sequence[Example], taxonomy: Taxonomy) -> dict[str, Any]:
    """Agreement of two readings of n texts, in the same order, by head.

    Returns:
        `texts`, how many, and `heads`: for each `same`, the share of texts with one label, and `f1`: of a dimension
        that of "mentioned", of a choice the mean over labels; the first reading is taken for the truth.
    """
    heads = {}
    for head in taxonomy.heads:
        one, other = (np.array([x.labels[head.name] for x in reading]) for reading in (first, second))
        if head.is_dimension:
            f1 = f1_score(one != NOT_MENTIONED, other != NOT_MENTIONED, zero_division=0.0)
        else:
            f1 = f1_score(one, other, average="macro", zero_division=0.0)
        heads[head.name] = {"same": float(np.mean(one == other)), "f1": float(f1)}
    return {"texts": len(first), "heads": heads}

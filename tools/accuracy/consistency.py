"""Whether a sentence gets the same labels in all four languages: parallel consistency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pyarrow as pa

from feedbackclf.corpus import Example
from feedbackclf.engine import Engine
from feedbackclf.taxonomy import NOT_MENTIONED


def parallel_consistency(examples: Sequence[Example], engine: Engine) -> dict[str, Any]:
    """Shares of parallel sentences that get the same label of each head.

    Args:
        examples: sentences in the languages of the model; those with the same `group` are translations of each other.

    Returns:
        `sentences`, how many are there in every language; by head, `all` (the share with one label in all languages),
        `pairs` (the mean over pairs of languages), and for dimensions `mentioned_in_any` (the share that mentions it in
        one language at least) and `all_of_mentioned` (the share of those with one label throughout).
    """
    taxonomy = engine.model.taxonomy
    texts = pa.array([example.text for example in examples], pa.string())
    codes = pa.array([example.language for example in examples], pa.string())
    answers = engine.answer(texts, codes).heads.by_head()
    by_group: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for place, example in enumerate(examples):
        by_group[str(example.group)][str(example.language)] = place
    whole = [places for places in by_group.values() if len(places) == len(taxonomy.languages)]
    heads: dict[str, Any] = {}
    for head in taxonomy.heads:
        labels = answers[head.name].labels.tolist()
        rows = [[labels[of[code]] for code in taxonomy.languages] for of in whole]
        same = [len(set(row)) == 1 for row in rows]
        pairs = [a == b for row in rows for a, b in combinations(row, 2)]
        heads[head.name] = {"all": _mean(same), "pairs": _mean(pairs)}
        if head.is_dimension:
            none = head.labels.index(NOT_MENTIONED)
            somewhere = [alike for row, alike in zip(rows, same, strict=True) if set(row) != {none}]
            heads[head.name] |= {"mentioned_in_any": len(somewhere) / len(rows), "all_of_mentioned": _mean(somewhere)}
    return {"sentences": len(whole), "heads": heads}


def _mean(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else float("nan")

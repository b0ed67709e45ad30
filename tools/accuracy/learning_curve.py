"""Quality against the number of labelled texts: what more of them would buy."""

from __future__ import annotations

import random
from collections.abc import Sequence

from feedbackclf.corpus import Example
from feedbackclf.engine import Engine
from feedbackclf.evaluation import evaluate
from feedbackclf.language import LanguageModel
from feedbackclf.taxonomy import Taxonomy
from feedbackclf.training import TrainingData, train_model

SHARES = (0.125, 0.25, 0.5, 1.0)


def learning_curve(
    examples: Sequence[Example],
    chosen: Sequence[Example],
    extra: Sequence[Example],
    asked: Sequence[Example],
    taxonomy: Taxonomy,
    language: LanguageModel,
    jobs: int,
) -> list[dict[str, float]]:
    """Figures of models that have learned from a share of the examples and of the chosen ones, and from no weak ones.

    Returns:
        For each share `texts`, how many, `mentioned_f1` and `signed_f1` (means), F1 of each dimension, macro F1 of each
        choice.
    """
    shuffled = [list(examples), list(chosen)]
    for part in shuffled:
        random.Random(0).shuffle(part)
    curve = []
    for share in SHARES:
        some, more = (part[: round(share * len(part))] for part in shuffled)
        data = TrainingData(some, chosen=more, extra=extra)
        model = train_model(data, taxonomy, language=language, jobs=jobs).model
        found = evaluate(asked, Engine(model))
        summary = found["summary"]["all"]
        row = {"texts": len(some) + len(more), **{name: summary[name] for name in ("mentioned_f1", "signed_f1")}}
        for head in taxonomy.heads:
            of_head = found["heads"][head.name]["all"]
            row[head.name] = of_head["f1"]["value"] if head.is_dimension else of_head["macro_f1"]
        curve.append(row)
    return curve

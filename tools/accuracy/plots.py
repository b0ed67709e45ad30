"""Precision-recall and reliability plots of one language, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf.corpus import Example
from feedbackclf.heads import HeadAnswers
from feedbackclf.taxonomy import NOT_MENTIONED, Head, Taxonomy
from tools.accuracy.measure import as_said

COLOURS = ("#1f5fa8", "#c8641e", "#3a8a4d", "#8a3a7d", "#777777")
N_BINS = 10


def draw(examples: Sequence[Example], answers: dict[str, HeadAnswers], taxonomy: Taxonomy, path: Path) -> None:
    """Write one picture: precision and recall of each dimension beside the reliability of what is said of all."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams.update(
        {"svg.hashsalt": "feedbackclf", "svg.fonttype": "none", "font.size": 9, "axes.titlelocation": "left"}
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.6))
    _precision_recall(left, examples, answers, taxonomy)
    _reliability(right, examples, answers, taxonomy)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None}, facecolor="white")
    plt.close(figure)


def _precision_recall(
    axes: Any, examples: Sequence[Example], answers: dict[str, HeadAnswers], taxonomy: Taxonomy
) -> None:
    from sklearn.metrics import precision_recall_curve

    for head, colour in zip(taxonomy.dimensions, COLOURS, strict=False):
        gold = as_said(head, examples, answers[head.name])
        precision, recall, _ = precision_recall_curve(gold, answers[head.name].confidence)
        axes.plot(recall, precision, color=colour, linewidth=1.2, label=head.name)
        said = answers[head.name].labels != head.labels.index(NOT_MENTIONED)
        axes.plot(
            (gold & said).sum() / gold.sum(), (gold & said).sum() / max(said.sum(), 1), "o", color=colour, markersize=5
        )
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02), title="Mentioned; dots: as shipped")
    axes.legend(frameon=False, loc="lower left")


def _reliability(axes: Any, examples: Sequence[Example], answers: dict[str, HeadAnswers], taxonomy: Taxonomy) -> None:
    def told(heads: Sequence[Head]) -> list[tuple[NDArray[np.float64], NDArray[np.bool_]]]:
        return [(answers[head.name].confidence, as_said(head, examples, answers[head.name])) for head in heads]

    axes.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=1)
    for name, parts, colour in (
        ("mentioned", told(taxonomy.dimensions), COLOURS[0]),
        ("choices", told(taxonomy.choices), COLOURS[1]),
    ):
        p, right = (np.concatenate(column) for column in zip(*parts, strict=True))
        bins = np.minimum((p * N_BINS).astype(int), N_BINS - 1)
        n = np.bincount(bins, minlength=N_BINS)
        kept = n >= 10
        with np.errstate(invalid="ignore"):
            x, y = np.bincount(bins, p, N_BINS) / n, np.bincount(bins, right, N_BINS) / n
        axes.plot(x[kept], y[kept], color=colour, linewidth=1.2, label=name)
        axes.scatter(x[kept], y[kept], s=np.sqrt(n[kept]) * 3, color=colour)
    axes.set(xlabel="probability given", ylabel="share that was so", title="Reliability; larger: more texts")
    axes.legend(frameon=False, loc="upper left")

"""What scikit-learn and its users hand to an estimator, as texts and labels: lists, arrays and columns of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any, TypeAlias

import pyarrow as pa

from feedbackclf.chunks import LARGE_STRING
from feedbackclf.errors import FeedbackError, shown
from feedbackclf.taxonomy import Taxonomy

Labels: TypeAlias = Mapping[str, str]
"""The label of a text for each head that it is labelled for."""

_MISSING = ("None", "nan", "<NA>")
"""How what stands for no value in Python, NumPy and pandas is printed."""


def as_texts(X: Any) -> pa.Array:
    """Texts, shape (n,), as strings of Arrow; None and NaN become null.

    Args:
        X: a list, a NumPy array, a pandas Series or an Arrow array of str.

    Raises:
        FeedbackError: it is one text, a table, or holds something else than texts.
    """
    if isinstance(X, str):
        raise FeedbackError("X is one text, and has to be a sequence of texts; write [text]")
    if isinstance(X, pa.Array):
        return X
    try:
        texts = pa.array(X, LARGE_STRING, from_pandas=True)
    except (pa.ArrowException, LookupError, TypeError, ValueError):  # which may quote a text
        raise FeedbackError(
            f"X (a {type(X).__name__}) is something else than texts; it has to be a list, an array or a column of str"
        ) from None
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def as_labels(y: Any, taxonomy: Taxonomy) -> list[Labels]:
    """The labels of n texts, without heads that a text is not labelled for (None, NaN, "" or absent).

    Args:
        y: a sequence of mappings of head to label.

    Raises:
        FeedbackError: something else, a head that the taxonomy does not have, or a label that its head does not have.
    """
    if y is None:
        raise FeedbackError("y is missing: for each text it has a dict of head to label")
    heads = {head.name: head.labels for head in taxonomy.heads}
    return [_labels(of_text, heads, number) for number, of_text in enumerate(y, start=1)]


def mean_accuracy(gold: Sequence[Labels], found: Sequence[Mapping[str, str | None]]) -> float:
    """The mean over heads of the share of texts whose label is right, among the texts that are labelled for the head.

    Raises:
        FeedbackError: no text is labelled.
    """
    right: dict[str, list[bool]] = {}
    for labels, predicted in zip(gold, found, strict=True):
        for head, label in labels.items():
            right.setdefault(head, []).append(predicted[head] == label)
    if not right:
        raise FeedbackError("score: y has no label to compare with")
    return mean(mean(of_head) for of_head in right.values())


def _labels(of_text: Any, heads: Mapping[str, Sequence[str]], number: int) -> Labels:
    if not isinstance(of_text, Mapping):
        raise FeedbackError(
            f"y: what is given of text {number} is a {type(of_text).__name__}, and has to be a dict such as "
            "{'speed': 'negative'}; of a table of labels: y.to_dict('records')"
        )
    labels = {head: label for head, label in of_text.items() if not _is_missing(label)}
    for head, label in labels.items():
        if head not in heads:
            raise FeedbackError(f"y: text {number} has a head {shown(head)}; the heads are: {', '.join(heads)}")
        if label not in heads[head]:
            raise FeedbackError(
                f"y: text {number} has the label {shown(label)} of {head}; its labels are: {', '.join(heads[head])}"
            )
    return labels


def _is_missing(label: object) -> bool:
    return not label if isinstance(label, str) else str(label) in _MISSING

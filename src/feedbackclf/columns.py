"""Score columns: the yes/no questions that are learned first, and what labelled texts answer to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedbackclf.corpus import Example
from feedbackclf.taxonomy import Head, Taxonomy

NOT_LABELLED = -1
DIMENSION_QUESTIONS = ("mentioned", "positive", "negative")


@dataclass(frozen=True)
class Column:
    """A yes/no question about a text.

    Attributes:
        name: head and question, such as `speed:positive`.
        answers: 1 yes, 0 no, `NOT_LABELLED` for each text, shape (n_texts,).
        by_language: whether yes and no are to weigh the same in each language, and not only over all of them.
    """

    name: str
    answers: NDArray[np.int8]
    by_language: bool = False


def label_columns(examples: Sequence[Example], taxonomy: Taxonomy) -> list[Column]:
    """The questions of every head: for a dimension, is it mentioned, praised, criticised; for a choice, each label.

    Those of dimensions are balanced by language: that the annotated texts of one language mention a dimension more
    often than those of another is a matter of the businesses they are about, and no word of the language tells it.
    """
    return [column for head in taxonomy.heads for column in _of_head(head, [x.labels.get(head.name) for x in examples])]


def weak_columns(examples: Sequence[Example], taxonomy: Taxonomy) -> list[Column]:
    """The questions that weakly labelled examples can answer, stars included.

    They are columns of their own, so that the layers above can learn how far to trust them.
    """
    columns = []
    for head in taxonomy.heads:
        labels = [_weak_label(example, head) for example in examples]
        columns += [Column(f"weak:{column.name}", column.answers) for column in _of_head(head, labels)]
    return [column for column in columns if len(set(column.answers.tolist()) - {NOT_LABELLED}) == 2]


def head_of(column: str) -> str:
    """Name of the head that a column, given by name, asks about; `weak` for the columns of rough labels."""
    return column.split(":")[0]


def mentioned_column(head: Head) -> str:
    """Name of the column that asks whether a dimension is mentioned."""
    return f"{head.name}:mentioned"


def says_yes(head: Head, question: str) -> frozenset[str]:
    """The labels of a head that answer a question of its columns with yes."""
    of_dimension = {
        "mentioned": frozenset({"positive", "negative", "mixed"}),
        "positive": frozenset({"positive", "mixed"}),
        "negative": frozenset({"negative", "mixed"}),
    }
    return of_dimension[question] if head.is_dimension else frozenset({question})


def _of_head(head: Head, labels: Sequence[str | None]) -> list[Column]:
    columns = []
    for question in DIMENSION_QUESTIONS if head.is_dimension else head.labels:
        yes = says_yes(head, question)
        answers = [NOT_LABELLED if label is None else int(label in yes) for label in labels]
        columns.append(Column(f"{head.name}:{question}", np.array(answers, np.int8), head.is_dimension))
    return columns


def _weak_label(example: Example, head: Head) -> str | None:
    if head.name in example.labels:
        return example.labels[head.name]
    if head.from_rating is None or example.rating is None:
        return None
    return head.from_rating.get(round(example.rating))

"""The answers to a batch of texts as columns of a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feedbackclf.engine import BatchAnswers
from feedbackclf.evidence_columns import evidence_columns, quoted
from feedbackclf.heads import HeadAnswers
from feedbackclf.taxonomy import UNDETERMINED, UNSURE, Head, Taxonomy


def label_columns(
    found: BatchAnswers, texts: pa.Array, taxonomy: Taxonomy, *, min_confidence: float = 0.0
) -> pa.RecordBatch:
    """The output columns of n texts, see `Taxonomy.output_columns`; labels are dictionary-encoded.

    Args:
        found: what the engine says of them. If it holds evidence, the columns of `evidence_columns` follow.
        texts: strings, shape (n,).
        min_confidence: a label whose probability is less is left out (null). If it is above 0, a last column
            `UNSURE` names the heads of which that is so, with blanks between.
    """
    codes = (*taxonomy.languages, UNDETERMINED)
    columns = [_labels(found.language, codes), _probabilities(found.language_confidence)]
    unsure = np.zeros((len(taxonomy.heads), len(texts)), bool)
    for head, left_out in zip(taxonomy.heads, unsure, strict=True):
        answers = found.heads.of(head.name)
        if min_confidence > 0:
            left_out |= found.has_text & (answers.label_probability < min_confidence)
        columns += _columns(head, answers, found.has_text, left_out)
    names = list(taxonomy.output_columns)
    if min_confidence > 0:
        columns.append(_names_of(unsure, [head.name for head in taxonomy.heads]))
        names.append(UNSURE)
    if found.evidence is not None:
        columns += quoted(texts, found.evidence.without(unsure.T))
        names += evidence_columns(taxonomy)
    return pa.RecordBatch.from_arrays(columns, names=names)


def decoded(labels: pa.RecordBatch) -> pa.RecordBatch:
    """The same columns, their labels as plain strings."""
    columns = [column.dictionary_decode() if has_labels(column) else column for column in labels.columns]
    return pa.RecordBatch.from_arrays(columns, names=labels.schema.names)


def _columns(
    head: Head, answers: HeadAnswers, has_text: NDArray[np.bool_], left_out: NDArray[np.bool_]
) -> list[pa.Array]:
    columns = [_labels(np.where(has_text & ~left_out, answers.labels, len(head.labels)), (*head.labels, None))]
    if head.confidence:
        columns.append(_probabilities(np.where(has_text, answers.confidence, np.nan)))
    return columns


def _names_of(is_in: NDArray[np.bool_], names: Sequence[str]) -> pa.Array:
    """For each column of `is_in`, shape (n_names, n), the names of its true rows with blanks between."""
    rows, kind = np.unique(is_in.T, axis=0, return_inverse=True)
    sets = [" ".join(name for name, there in zip(names, row.tolist(), strict=True) if there) for row in rows]
    return _labels(kind.reshape(-1), sets)


def has_labels(column: pa.Array) -> bool:
    """Whether a column of `label_columns` holds labels, and not numbers."""
    return bool(pa.types.is_dictionary(column.type))


def _labels(numbers: NDArray[np.int64], labels: Sequence[str | None]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(labels, pa.string()))


def _probabilities(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(rounded(values), from_pandas=True)  # NaN becomes null


def rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities as they are given out. Four decimals say all that a calibrated probability can."""
    return np.round(values, 4)

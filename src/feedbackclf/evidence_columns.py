"""The columns of the output that quote evidence, four for each head."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from feedbackclf.errors import UsageError
from feedbackclf.evidence import Evidence
from feedbackclf.taxonomy import Taxonomy

Spans = list[tuple[int, int]]
"""Start and end, in characters."""

_QUOTE, _START, _LENGTH, _WEIGHT = "_evidence", "_evidence_start", "_evidence_length", "_evidence_weight"


def evidence_columns(taxonomy: Taxonomy, *, offsets: bool = True) -> tuple[str, ...]:
    """Names of the columns: of each head the span quoted and, unless `offsets` is false, where it is and its weight.

    Raises:
        UsageError: the taxonomy has such a column already.
    """
    kinds = (_QUOTE, _START, _LENGTH, _WEIGHT) if offsets else (_QUOTE,)
    names = tuple(head.name + kind for head in taxonomy.heads for kind in kinds)
    taken = next((name for name in names if name in taxonomy.output_columns), None)
    if taken is not None:
        raise UsageError(f"evidence would need a column {taken!r}, which is that of a head; rename the head")
    return names


def quoted(texts: pa.Array, evidence: Evidence) -> list[pa.Array]:
    """The columns of n texts, null where a label has no evidence."""
    words = texts.to_pylist()
    columns = []
    for start, length, weight in zip(evidence.start.T, evidence.length.T, evidence.weight.T, strict=True):
        nothing = length == 0
        where = np.flatnonzero(~nothing).tolist()
        quotes: list[str | None] = [None] * len(words)
        for row, begin, size in zip(where, start[where].tolist(), length[where].tolist(), strict=True):
            quotes[row] = words[row][begin : begin + size]
        columns += [
            pa.array(quotes, pa.string()),
            pa.array(start, pa.int32(), mask=nothing),
            pa.array(length, pa.int32(), mask=nothing),
            pa.array(np.round(weight, 4), pa.float64(), mask=nothing),
        ]
    return columns


def changed(
    labels: pa.RecordBatch, texts: pa.Array, changes: pa.Array, follow: Callable[[str, Spans], tuple[str, Spans]]
) -> pa.RecordBatch:
    """The labels, their evidence quoted from other texts than those that it was found in.

    Args:
        labels: of n texts, with the columns above or without.
        texts: strings.
        changes: whether each text is another one now, bool.
        follow: gives the other text of a text, and where spans of the one are in the other.
    """
    names = labels.schema.names
    heads = [name.removesuffix(_LENGTH) for name in names if name.endswith(_LENGTH)]
    rows = [row for row, changes_here in enumerate(changes.to_pylist()) if changes_here]
    columns = {h: [labels.column(h + kind).to_pylist() for kind in (_QUOTE, _START, _LENGTH)] for h in heads}
    for row, text in zip(rows, texts.take(rows).to_pylist(), strict=True):
        there = [head for head in heads if columns[head][0][row] is not None]
        spans = [(columns[head][1][row], columns[head][1][row] + columns[head][2][row]) for head in there]
        other, moved = follow(text, spans)
        for head, (start, end) in zip(there, moved, strict=True):
            for column, value in zip(columns[head], (other[start:end], start, end - start), strict=True):
                column[row] = value
    for name, values in _named(columns):
        place = labels.schema.get_field_index(name)
        labels = labels.set_column(place, name, pa.array(values, labels.schema.field(place).type))
    return labels


def _named(columns: dict[str, list[list[object]]]) -> Iterator[tuple[str, list[object]]]:
    for head, of_head in columns.items():
        yield from zip((head + _QUOTE, head + _START, head + _LENGTH), of_head, strict=True)

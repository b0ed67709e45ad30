"""Labels as they stand in a table, as numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feedbackclf.errors import FeedbackError
from feedbackclf.report.reading.numbers import numbers, trimmed
from feedbackclf.tables.names import named


@dataclass(frozen=True)
class Place:
    """Where a column of a batch is from, for messages: `row` gives the number in the file of the nth row."""

    path: str
    column: str
    row: Callable[[int], int]

    def refuse(self, which: NDArray[np.bool_], problem: str) -> None:
        """See that no row is among `which`.

        Raises:
            FeedbackError: one is. It says where, and not what stands there: that may be the text of a customer.
        """
        if which.any():
            row = self.row(int(np.argmax(which)))
            raise FeedbackError(f"{self.path}, row {row}, column {named(self.column)}: {problem}")


def label_codes(column: pa.Array, labels: Sequence[str], place: Place) -> NDArray[np.int16]:
    """The places in `labels` of the cells, -1 where they are empty, shape (n,).

    Raises:
        FeedbackError: a cell is none of the labels.
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    text = trimmed(column)
    found = pc.fill_null(pc.index_in(text, pa.array(labels, text.type)), -1).to_numpy(zero_copy_only=False)
    unknown = (found < 0) & text.is_valid().to_numpy(zero_copy_only=False)
    place.refuse(
        unknown,
        f"is none of the labels {', '.join(labels)}; if another model tagged this, name it with --model, and if the "
        "column is not from predict, see --prefix",
    )
    codes: NDArray[np.int16] = found.astype(np.int16)
    return codes


def probabilities(column: pa.Array, place: Place) -> NDArray[np.float32]:
    """The probabilities, NaN where the cell is empty, shape (n,).

    Raises:
        FeedbackError: a cell is no number from 0 to 1.
    """
    values, odd = numbers(column)
    filled = trimmed(column).is_valid().to_numpy(zero_copy_only=False)
    wrong = (np.isnan(values) & filled) if odd else np.zeros(len(values), bool)
    place.refuse(
        wrong | (values < 0) | (values > 1),
        "is no probability, a number from 0 to 1; if the column is not from predict, see --prefix",
    )
    return values

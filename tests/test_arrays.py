from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from feedbackclf.arrays import lengths_of, offsets_of, places_of, positions

LENGTHS = st.lists(st.integers(0, 5), max_size=8).map(lambda x: np.array(x, np.int64))


@given(LENGTHS)
def test_offsets_and_lengths(lengths: np.ndarray) -> None:
    offsets = offsets_of(lengths)
    assert offsets.tolist() == [sum(lengths[:place]) for place in range(len(lengths) + 1)]
    assert offsets.dtype == np.int64
    assert lengths_of(offsets).tolist() == lengths.tolist()
    assert offsets_of(lengths > 2).tolist() == offsets_of((lengths > 2).astype(int)).tolist()


@given(LENGTHS)
def test_positions(lengths: np.ndarray) -> None:
    position, owner = positions(lengths)
    pairs = [(place, run) for run, length in enumerate(lengths.tolist()) for place in range(length)]
    assert list(zip(position.tolist(), owner.tolist(), strict=True)) == pairs


def test_places_of_runs() -> None:
    assert places_of(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]

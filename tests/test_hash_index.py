from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedbackclf.hash_index import HashIndex

# A slot is chosen by the upper bits of a product; these crowd into the same few, round the end of the table too.
_INVERSE = pow(0x9E3779B97F4A7C15, -1, 1 << 64)
CROWDED = st.integers(0, 1 << 12).map(lambda x: ((x % 3 - 1) << 62 | x << 1) * _INVERSE % (1 << 64) & ~1)
HASHES = st.integers(0, (1 << 63) - 1).map(lambda x: x << 1) | st.integers(0, 5).map(lambda x: x << 1) | CROWDED


def array(hashes: list[int]) -> np.ndarray:
    return np.array(hashes, np.uint64)


@given(batches=st.lists(st.lists(HASHES, max_size=40), max_size=6), capacity=st.sampled_from([0, 1, 50]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_numbers_as_a_dictionary_would(kernels_or_not: None, batches: list[list[int]], capacity: int) -> None:
    index, known = HashIndex(capacity), dict[int, int]()
    for batch in batches:
        new = [x for x in dict.fromkeys(batch) if x not in known]
        numbers, first = index.number(array(batch))
        known.update({x: len(known) + place for place, x in enumerate(new)})
        assert numbers.tolist() == [known[x] for x in batch]
        assert first.tolist() == [batch.index(x) for x in new]
        assert (numbers.dtype, first.dtype, len(index)) == (np.int32, np.int64, len(known))


def test_forgets(kernels_or_not: None) -> None:
    index = HashIndex(2)
    many = np.random.default_rng(0).integers(0, 1 << 63, 10_000, dtype=np.uint64) << np.uint64(1)
    for _ in range(2):
        assert (index.number(many)[0] == np.arange(10_000)).all()
    index.clear()
    assert len(index) == 0
    numbers, first = index.number(many[[7, 5, 7]])
    assert (numbers.tolist(), first.tolist(), len(index)) == ([0, 1, 0], [0, 1], 2)


def test_nothing_has_no_numbers(kernels_or_not: None) -> None:
    numbers, first = HashIndex(3).number(array([]))
    assert (numbers.tolist(), first.tolist(), numbers.dtype) == ([], [], np.int32)

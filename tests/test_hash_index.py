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
def test_finds_what_a_dictionary_would(kernels_or_not: None, batches: list[list[int]], capacity: int) -> None:
    index, known = HashIndex(capacity), dict[int, int]()
    for batch in batches:
        assert index.find(array(batch)).tolist() == [known.get(x, -1) for x in batch]
        new = [x for x in batch if x not in known]
        numbers, first = index.add(array(new))
        assert first.tolist() == [new.index(x) for x in dict.fromkeys(new)]
        known.update({x: len(known) + place for place, x in enumerate(dict.fromkeys(new))})
        assert numbers.tolist() == [known[x] for x in new]
        assert (numbers.dtype, first.dtype, len(index)) == (np.int32, np.int64, len(known))
        assert index.find(array([*known, *batch])).tolist() == [known[x] for x in (*known, *batch)]


def test_forgets(kernels_or_not: None) -> None:
    index = HashIndex(2)
    many = np.random.default_rng(0).integers(0, 1 << 63, 10_000, dtype=np.uint64) << np.uint64(1)
    index.add(many)
    assert (index.find(many) == np.arange(10_000)).all()
    assert (index.find(many + np.uint64(2)) == -1).all()
    index.clear()
    assert (len(index), set(index.find(many).tolist())) == (0, {-1})
    index.add(many[5:7])
    assert index.find(many[4:8]).tolist() == [-1, 0, 1, -1]


def test_nothing_has_no_numbers(kernels_or_not: None) -> None:
    index = HashIndex(3)
    numbers, first = index.add(array([]))
    assert (numbers.tolist(), first.tolist(), index.find(array([])).dtype) == ([], [], np.int32)

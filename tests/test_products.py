from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from feedbackclf import products
from feedbackclf.products import sums

POINTERS = st.lists(st.integers(0, 20), max_size=12).map(lambda x: np.r_[0, np.cumsum(np.array(x, np.int64))])


@given(pointer=POINTERS, n_columns=st.sampled_from([1, 2, 17, 33]), seed=st.integers(0, 100))
@settings(max_examples=100, deadline=None)
def test_sums_are_scipys_product(pointer: np.ndarray, n_columns: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(9, n_columns)).astype(np.float32)
    columns = chance.integers(0, 9, pointer[-1]).astype(np.int32)
    counts = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, pointer), (len(pointer) - 1, 9))
    found = sums(columns, pointer, rows)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, counts @ rows)  # the same numbers, added in the same order


def test_sums_of_nothing() -> None:
    empty = np.zeros(0, np.int32)
    assert sums(empty, np.zeros(1, np.int64), np.ones((3, 2), np.float32)).shape == (0, 2)
    assert sums(empty, np.zeros(4, np.int64), np.ones((0, 2), np.float32)).tolist() == [[0, 0]] * 3


WITHOUT_SCIPY = """
import sys
import numpy as np
from feedbackclf.products import sums
columns, pointer, rows = np.array([0, 1, 1], np.int32), np.array([0, 1, 3]), np.array([[1.0], [2.0]], np.float32)
assert sums(columns, pointer, rows).tolist() == [[1.0], [4.0]]
assert "scipy.sparse" not in sys.modules
from scipy import sparse  # which brings a second copy of the extension
counts = sparse.csr_matrix((np.ones(3, np.float32), columns, pointer))
assert (counts @ rows).tolist() == sums(columns, pointer, rows).tolist() == [[1.0], [4.0]]
"""


def test_scipy_is_not_imported_for_sums_and_may_be_later() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_SCIPY], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_extension_is_imported_as_usual_where_it_cannot_be_had_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from scipy.sparse import _sparsetools

    products._sparsetools.cache_clear()
    assert products._sparsetools() is _sparsetools  # it is there already
    monkeypatch.delitem(sys.modules, "scipy.sparse._sparsetools")
    monkeypatch.setattr(products, "find_spec", lambda name: None)
    products._sparsetools.cache_clear()
    assert hasattr(products._sparsetools(), "csr_matvecs")
    products._sparsetools.cache_clear()

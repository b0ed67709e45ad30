"""Sums of rows, by SciPy's compiled sparse products.

They are for where nothing was compiled; the compiled functions add up rows themselves. SciPy's are called directly:
`import scipy.sparse` takes 0.2 s, a fifth of what a command needs to start, and the making of a matrix object takes
longer than the product for a single text.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def sums(columns: NDArray[np.int32], pointer: NDArray[np.int64], rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums of the rows `columns[pointer[i]:pointer[i + 1]]` for each i, added up from left to right."""
    n = len(pointer) - 1
    total = np.zeros((n, rows.shape[1]), np.float32)
    ones = np.ones(len(columns), np.float32)
    bounds = pointer.astype(np.int32)
    _sparsetools().csr_matvecs(n, len(rows), rows.shape[1], bounds, columns, ones, rows.ravel(), total.ravel())
    return total


def whole_sums(
    columns: NDArray[np.int32], pointer: NDArray[np.int64], rows: NDArray[np.signedinteger[Any]]
) -> NDArray[np.int32]:
    """The same of rows of whole numbers, which may be added up in any order."""
    total = np.zeros((len(pointer) - 1, rows.shape[1]), np.int32)
    filled = np.flatnonzero(np.diff(pointer))
    if len(filled):
        total[filled] = np.add.reduceat(rows[columns], pointer[filled], dtype=np.int32)
    return total


@cache
def _sparsetools() -> Any:
    """The extension module alone; by the usual import where it cannot be had so."""
    name = "scipy.sparse._sparsetools"
    package = find_spec("scipy")
    if name not in sys.modules and package is not None and package.origin is not None:
        found = PathFinder.find_spec("_sparsetools", [str(Path(package.origin).parent / "sparse")])
        if found is not None and found.loader is not None:
            try:
                module = module_from_spec(found)
                found.loader.exec_module(module)
            except ImportError:
                pass
            else:
                return module
    from scipy.sparse import _sparsetools

    return _sparsetools

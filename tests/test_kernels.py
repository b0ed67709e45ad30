from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from feedbackclf import kernels


def test_without_the_compiled_file_there_are_no_kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    uncached = kernels.library.__wrapped__
    monkeypatch.setattr(kernels, "LIBRARY", tmp_path / "nothing.so")
    assert uncached() is None
    (tmp_path / "text.so").write_text("not compiled for this machine")
    monkeypatch.setattr(kernels, "LIBRARY", tmp_path / "text.so")
    assert uncached() is None


def test_a_compiled_function_is_given_arrays_and_numbers() -> None:
    if kernels.library() is None:
        pytest.skip("the kernels are not compiled here")
    total = np.zeros((2, 2), np.float32)
    columns, pointer = np.array([1, 1, 0], np.int32), np.array([0, 2, 3])
    rows = np.array([[1, 2], [10, 20]], np.float32)
    kernels.call("sums", columns, pointer, 2, rows, 2, total)
    assert total.tolist() == [[20, 40], [1, 2]]

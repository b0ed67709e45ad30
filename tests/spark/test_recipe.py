"""The recipe for Dask in the documents does what it says. It needs no cluster, but Dask."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import parquet as pq

from .conftest import Reviews
from .test_rows import Run, of_command

PAGE = Path(__file__).parents[2] / "docs" / "spark.md"


def test_dask(made: Reviews, tmp_path: Path, run: Run) -> None:
    pytest.importorskip("dask.dataframe", reason="Dask is not installed: pip install 'dask[dataframe]'")
    (recipe,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8").split("## Dask")[1], re.DOTALL)
    (tmp_path / "recipe.py").write_text(recipe, encoding="utf-8")
    (tmp_path / "reviews").mkdir()
    for part in made.folder.glob("*.parquet"):  # without the columns that pandas has no type for
        pq.write_table(pq.read_table(part, columns=["id", "review"]), tmp_path / "reviews" / part.name)
    subprocess.run([sys.executable, "recipe.py"], cwd=tmp_path, check=True)
    ours, expected = pq.read_table(tmp_path / "tagged").sort_by("id"), of_command(run, made, tmp_path)
    assert ours.column_names[2:] == expected.column_names[8:]
    assert ours.to_pylist() == expected.select(ours.column_names).to_pylist()

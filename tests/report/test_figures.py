"""Every number of the JSON is the one that another way gives: SQL and statistical libraries on the same file."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from feedbackclf import __version__
from feedbackclf.commands import main
from feedbackclf.taxonomy import default_taxonomy
from tests.report.oracle import Oracle
from tests.report.tagged import tagged_rows, write_csv


def differences(found: Any, expected: Any, at: str = "") -> list[str]:
    """Where two trees differ; every leaf has to be there in both."""
    if isinstance(expected, dict) and isinstance(found, dict):
        odd = [f"{at}.{key}: only in one" for key in found.keys() ^ expected.keys()]
        both = found.keys() & expected.keys()
        return odd + [x for key in both for x in differences(found[key], expected[key], f"{at}.{key}")]
    if isinstance(expected, list) and isinstance(found, list):
        if len(found) != len(expected):
            return [f"{at}: {len(found)} of {len(expected)}"]
        pairs = enumerate(zip(found, expected, strict=True))
        return [x for place, (a, b) in pairs for x in differences(a, b, f"{at}[{place}]")]
    if isinstance(expected, float) and isinstance(found, float | int) and not isinstance(found, bool):
        same = math.isclose(found, expected, rel_tol=1e-6, abs_tol=1e-9)
    else:
        same = type(found) is type(expected) and found == expected
    return [] if same else [f"{at}: {found!r}, and not {expected!r}"]


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs the command line in this process; gives exit code, stdout and stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["feedbackclf", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        out = capsys.readouterr()
        return int(stop.value.code or 0), out.out, out.err

    return call


@pytest.mark.parametrize(("n", "min_group", "unit"), [(600, 20, "month"), (900, 5, "week"), (400, 45, "quarter")])
def test_every_figure_is_what_another_way_gives(run, tmp_path: Path, n: int, min_group: int, unit: str) -> None:
    source = write_csv(tmp_path / "tagged.csv", tagged_rows(n, seed=n))
    code, out, err = run("report", source, "--json", "-", "--min-group", min_group, "--title", "Ours")
    assert code == 0, err
    found = json.loads(out)
    expected = Oracle(source, default_taxonomy(), min_group, unit).figures()
    expected["source"]["name"] = "tagged.csv"
    assert found.pop("made")[:2] == "20"
    known = {"title": "Ours", "version": __version__, "model": "default", "min_group": min_group}
    nothing = {"quotes": [], "comparison": None}
    wrong = differences(found, {**expected, **known, **nothing})
    assert not wrong, "\n".join(wrong)

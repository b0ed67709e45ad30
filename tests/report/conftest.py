"""Ways to a report: by the command line, and by its functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from feedbackclf.commands import main
from feedbackclf.inputs import Inputs
from feedbackclf.report.columns import Wanted
from feedbackclf.report.feedback import Feedback
from feedbackclf.report.source import NumberedRejects, read_feedback
from feedbackclf.taxonomy import default_taxonomy


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs the command line in this process; gives exit code, stdout and stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["feedbackclf", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        out = capsys.readouterr()
        return int(stop.value.code or 0), out.out, out.err

    return call


@pytest.fixture
def figures_of(run: Callable[..., tuple[int, str, str]]) -> Callable[..., Any]:
    """The figures of a report, as its JSON has them."""

    def call(*arguments: object) -> Any:
        code, out, err = run("report", *arguments, "--json", "-")
        assert code == 0, err
        return json.loads(out)

    return call


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Feedback]:
    """Reads tagged files."""

    def call(*paths: Path, taxonomy: Any = None, see: Any = None, **wanted: Any) -> Feedback:
        def nobody() -> Any:
            raise AssertionError("the files are tagged")

        with NumberedRejects(str(tmp_path / "rejects.jsonl")) as rejects:
            inputs = Inputs([str(path) for path in paths])
            taxonomy = taxonomy or default_taxonomy()
            return read_feedback(inputs, taxonomy, nobody, rejects, name="dump", wanted=Wanted(**wanted), see=see)

    return call

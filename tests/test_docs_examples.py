"""The Python on pages of the documentation runs, block after block, in a folder with the corpora."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

# spaCy finds it by its entry point, but not in a checkout that was installed before there was one.
import feedbackclf.integrations.spacy_component  # noqa: F401
from feedbackclf.classifier import FeedbackClassifier

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["scikit-learn.md", "spacy.md"])
def test_the_examples_of_a_page_run(
    page: str,
    shipped: FeedbackClassifier,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert blocks
    names: dict[str, object] = {"__name__": "example"}
    for nth, block in enumerate(blocks, start=1):
        exec(compile(block, f"{page}, block {nth}", "exec"), names)
        said = capsys.readouterr().out.splitlines()
        promised = re.findall(r"^print\(.*#> (.*)$", block, re.MULTILINE)
        assert [line for line in said if line in promised] == promised, f"{page}, block {nth} printed {said}"

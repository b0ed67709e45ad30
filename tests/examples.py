"""The examples of README and docs: fenced blocks, and the remarks that say what a test does with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"(?:<!-- (?P<remark>not run|background|file): (?P<about>[^>]+?) -->\n+)?"
    r"^```(?P<language>\w+)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
RUN = ("sh", "python")


@dataclass(frozen=True)
class Example:
    """A fenced block.

    Attributes:
        line: where it begins in its page, from 1.
        language: `sh` or `python`, which are run; anything of a file.
        not_run: why a test cannot run it; empty if it can.
        answers: the address that answers when what the block starts in the background is ready; empty if the block
            ends by itself.
        file: the name under which other examples of the page read it; empty if it is to be run.
    """

    line: int
    language: str
    code: str
    not_run: str = ""
    answers: str = ""
    file: str = ""


def examples(page: str) -> list[Example]:
    """The examples of a page of Markdown, from top to bottom.

    Before a block may stand `<!-- not run: reason -->`, `<!-- background: address -->` or `<!-- file: name -->`, which
    readers do not see.
    """
    found = []
    for match in BLOCK.finditer(page):
        line = page.count("\n", 0, match.start("code"))
        told = {"not run": "not_run", "background": "answers", "file": "file"}.get(match["remark"])
        if told or match["language"] in RUN:
            more = {told: match["about"]} if told else {}
            found.append(Example(line, match["language"], match["code"], **more))
    return found


def pages(root: Path) -> Sequence[Path]:
    """The pages whose examples run."""
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]

"""`feedbackclf explain`: which words carry the labels of a text."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from feedbackclf.commands.options import check_language

_STDIO = "-"


def explain(
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Texts in quotes; - is one text from stdin.")],
    model: Annotated[str, typer.Option(metavar="NAME|PATH", help="The model to use.")] = "default",
    language: Annotated[str | None, typer.Option(metavar="CODE", help="The language, if known.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object per text instead.")] = False,
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help="Write a page instead; - is stdout.")
    ] = None,
) -> None:
    """Show which words carry each label of a text, and what each word adds.

    Numbers are log-odds: +1 makes a label 2.7 times as likely against all others. Those of all words, and what the
    model says without words, add up to that of the label. What is highlighted is the shortest run of words that the
    label hangs on.

    Examples:

    feedbackclf explain "Quick delivery, but the zip broke on the first day"

    feedbackclf explain --html why.html "Aardige mensen, maar drie weken gewacht"

    cat letter.txt | feedbackclf explain - --json
    """
    from feedbackclf import load
    from feedbackclf.errors import UsageError
    from feedbackclf.explaining import terminal_lines, to_dict

    classifier = load(model)
    check_language(language, classifier.model_.taxonomy.languages)
    if as_json and html is not None:
        raise UsageError("--json and --html: give one of them")
    explained = [classifier.explain(_read(text), language) for text in texts]
    if html is not None:
        from feedbackclf.report.pages.explain_page import render_explanations
        from feedbackclf.tables.sinks import write_output

        write_output(html, render_explanations(explained).encode())
        return
    if as_json:
        for explanation in explained:
            typer.echo(json.dumps(to_dict(explanation), ensure_ascii=False))
        return
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    for nth, explanation in enumerate(explained):
        if nth:
            console.print()
        for line in terminal_lines(explanation, colours=console.color_system is not None):
            console.print(line)


def _read(text: str) -> str:
    return sys.stdin.buffer.read().decode("utf-8", "replace") if text == _STDIO else text

"""Write docs/reference from the code: the command line from its help, the Python API from its docstrings.

Usage: python tools/reference.py [--check]
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

import feedbackclf
from feedbackclf.commands import app

ROOT = Path(__file__).parents[1]
WIDTH = 100
CORES = ("train", "jobs")
"""The command and option whose default is counted on the machine."""
QUOTED_TYPE = re.compile(r"(?<=: )'([^']*)'|(?<=-> )'([^']*)'")
WRITTEN_BY = "This page is written by `tools/reference.py`."


def main() -> None:
    """Write, or with --check only compare."""
    pages = {"cli.md": command_line(typer.main.get_command(app)), "python.md": python_api()}
    stale = []
    for name, page in pages.items():
        path = ROOT / "docs" / "reference" / name
        if "--check" in sys.argv:
            stale += [name] if not path.exists() or path.read_text(encoding="utf-8") != page else []
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(page, encoding="utf-8")
    sys.exit(f"docs/reference: not what the code says: {', '.join(stale)}; run this script" if stale else None)


def command_line(root: Any) -> str:
    """A section for each command of a tree: its help, its examples, and a table of arguments and options."""
    sections = [
        section for words, command in commands(root, ("feedbackclf",)) for section in of_command(words, command)
    ]
    intro = f"What `--help` says, on one page. {WRITTEN_BY}"
    return "\n\n".join(["# Command line", intro, *sections]) + "\n"


def commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below one, in the order of its help, with the words that lead to it."""
    yield words, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*words, name))


def of_command(words: tuple[str, ...], command: Any) -> list[str]:
    """Heading, text, examples and table of one command."""
    paragraphs = [p for p in (command.help or "").split("\n\n") if p]
    prose = [escaped(p) for p in paragraphs if not is_example(p)]
    lines = [p.removeprefix("Example: ") for p in paragraphs if is_example(p)]
    shown = "\n".join(line for line in lines if line != "Examples:")
    examples = [f"```text\n{shown}\n```"] if shown else []
    return ["## " + " ".join(words), *prose, *examples, *options(command)]


def is_example(paragraph: str) -> bool:
    return re.match(r"Examples?:|(.*\| )?feedbackclf ", paragraph) is not None


def options(command: Any) -> list[str]:
    """A table of what a command takes, if it takes more than --help."""
    context = typer.Context(command)
    for parameter in command.params:
        if (command.name, parameter.name) == CORES:
            parameter.show_default = "the number of cores"  # which is not that of the machine this runs on
    records = [p.get_help_record(context) for p in command.params if p.name != "help" and not p.hidden]
    rows = [f"| `{in_cell(names)}` | {in_cell(escaped(' '.join(about.split())))} |" for names, about in records]
    return ["\n".join(["| option or argument | what it is |", "|---|---|", *rows])] if rows else []


def python_api() -> str:
    """A section for each public name: its signature and its docstring, and those of its public members."""
    sections = [part for name in feedbackclf.__all__ for part in of_name(name, getattr(feedbackclf, name))]
    intro = f"The public names of the package `feedbackclf`: everything else may change. {WRITTEN_BY}"
    return "\n\n".join(["# Python", intro, *sections]) + "\n"


def of_name(name: str, value: Any) -> Iterator[str]:
    """The sections of a class with its members, or of a function."""
    yield f"## {name}"
    if not inspect.isclass(value):
        yield signature(name, value)
        yield docstring(value)
        return
    if issubclass(value, Exception):
        yield f"```text\nclass {name}({value.__bases__[0].__name__})\n```"
    else:
        yield signature(f"class {name}", value)
    yield docstring(value)
    for member, found in vars(value).items():
        yield from of_member(name, member, found)


def of_member(owner: str, name: str, found: Any) -> Iterator[str]:
    """The section of a method or property; nothing for what is private or a field, which the signature shows."""
    function = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
    if name.startswith("_") or not inspect.isfunction(function):
        return
    yield f"### {owner}.{name}"
    if isinstance(found, property):
        yield f"```text\n{name}: {inspect.signature(function).return_annotation}\n```"
    else:
        yield signature(name, getattr(feedbackclf, owner).__dict__[name].__get__(None, getattr(feedbackclf, owner)))
    if function.__doc__:
        yield docstring(function)


def signature(name: str, value: Any) -> str:
    """How something is called; one parameter a line if they do not fit on one."""
    found = inspect.signature(value)
    words = [str(parameter) for parameter in found.parameters.values() if parameter.name != "self"]
    kinds = [parameter.kind for parameter in found.parameters.values() if parameter.name != "self"]
    if inspect.Parameter.KEYWORD_ONLY in kinds:
        words.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    ends = "" if inspect.isclass(value) else f" -> {found.return_annotation}"
    shown = f"{name}({', '.join(words)}){ends}"
    if len(shown) > WIDTH:
        shown = f"{name}(\n" + "".join(f"    {word},\n" for word in words) + f"){ends}"
    plain = QUOTED_TYPE.sub(r"\1\2", shown)
    return f"```text\n{plain}\n```"


def docstring(value: Any) -> str:
    """A docstring in Google's style as Markdown: its sections become lists."""
    parts = re.split(r"^(Args|Attributes|Raises|Returns):$", inspect.getdoc(value) or "", flags=re.MULTILINE)
    prose = parts[0].strip()
    sections = [f"**{title}**\n\n{listed(body)}" for title, body in zip(parts[1::2], parts[2::2], strict=True)]
    return "\n\n".join([prose, *sections])


def listed(body: str) -> str:
    """The entries of a section: each begins at its first indentation, and goes on deeper."""
    entries = re.split(r"^    (?=\S)", body.rstrip(), flags=re.MULTILINE)[1:]
    joined = [" ".join(entry.split()) for entry in entries]
    return "\n".join("- " + re.sub(r"^(\w+): ", r"`\1`: ", entry) for entry in joined)


def escaped(text: str) -> str:
    """Prose of help, of which no sign is one of Markdown's."""
    return re.sub(r"([*_<>\[\]])", r"\\\1", text)


def in_cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    main()

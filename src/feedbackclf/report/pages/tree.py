"""Figures that know where they stand, so that a page can say it beside each number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from feedbackclf.report.pages.formats import FORMATS, words


class Node:
    """Part of the JSON of `Figures`.

    `node.name`, `node["name"]` and `node[0]` go down, iteration gives the parts, and a node is true if its value is.
    Only text can be put in a page as it is; a number needs a format.

    Attributes:
        raw: the value.
        at: its path, names and list positions with dots between them.
    """

    def __init__(self, raw: Any, at: str = "") -> None:
        self.raw = raw
        self.at = at

    def __getitem__(self, key: str | int) -> Node:
        return Node(self.raw[key], f"{self.at}.{key}" if self.at else str(key))

    def __getattr__(self, key: str) -> Node:
        try:
            return self[key]
        except (KeyError, TypeError):
            raise AttributeError(f"no figure {key!r} at {self.at!r}") from None

    def __iter__(self) -> Iterator[Node]:
        keys: Sequence[Any] = list(self.raw) if isinstance(self.raw, Mapping) else range(len(self.raw))
        return (self[key] for key in keys)

    def __len__(self) -> int:
        return len(self.raw)

    def __bool__(self) -> bool:
        return bool(self.raw)

    def __html__(self) -> str:
        """A name from the data, set apart in case it is written from right to left."""
        return name(self.raw)


def name(text: str) -> str:
    """HTML of a name that comes from the data."""
    return f'<bdi class="name">{escape(printable(text))}</bdi>'


def figure(node: Node, form: str) -> str:
    """HTML of a figure: its text, and where in the JSON it is from."""
    text = escape(FORMATS[form](node.raw))
    return f'<span data-figure="{escape(node.at)}" data-format="{form}">{text}</span>'


def estimate(node: Node, form: str) -> str:
    """HTML of an estimate with its interval, if it has one."""
    value = figure(node["value"], form)
    if node["low"].raw is None or node["high"].raw is None:
        return value
    low, high = figure(node["low"], form), figure(node["high"], form)
    return f'{value} <span class="interval">({low} to {high})</span>'


def label(node: Node) -> str:
    """HTML of a label or the name of a head."""
    return name(words(node.raw))


def printable(text: str) -> str:
    """Text without control characters, nor those that change the direction of what follows; emoji stay whole."""
    return "".join(char for char in text if char in "\n\t" or not _is_control(char))


def _is_control(char: str) -> bool:
    code = ord(char)
    return (
        code < 0x20
        or 0x7F <= code < 0xA0
        or 0xD800 <= code < 0xE000
        or char in "\u061c\u200e\u200f\u2028\u2029\ufeff"
        or 0x202A <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
        or code in (0xFFFE, 0xFFFF)
    )

"""Reads a page as its readers and their browsers do, without one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "br", "img", "input", "link", "hr"}
_NOT_OURS = {"script", "style", "title", "svg", "blockquote", "h1", "h2", "h3", "h4"}
"""Elements whose digits are those of the data, of a chart or of a heading."""
_NOT_OURS_BY_CLASS = {"name", "meta", "chart-title"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parts: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    def all(self) -> Iterator[Element]:
        yield self
        for part in self.parts:
            if isinstance(part, Element):
                yield from part.all()

    def with_attribute(self, name: str) -> list[Element]:
        return [element for element in self.all() if name in element.attributes]

    def loose_text(self) -> str:
        """What is neither a figure, nor from the data, nor part of a chart or heading."""
        classes = set(self.attributes.get("class", "").split())
        if self.tag in _NOT_OURS or "data-figure" in self.attributes or classes & _NOT_OURS_BY_CLASS:
            return " "
        return "".join(part if isinstance(part, str) else part.loose_text() for part in self.parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].parts.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> ends <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def read(html: str) -> Element:
    """The root of a page, in which every element is closed where it should be."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, "not closed: " + ", ".join(element.tag for element in reader.open[1:])
    return reader.open[0]

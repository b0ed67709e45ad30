"""Colours of the report: blue for praise and orange for criticism, which also the colour-blind tell apart."""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "paper": "#fefefe",
    "ink": "#1d2733",
    "muted": "#566270",
    "line": "#dbe0e6",
    "surface": "#f4f6f8",
    "accent": "#1c5b85",
    "bar": "#86abc8",
    "positive": "#2a86b4",
    "negative": "#cd5f2f",
    "neutral": "#8d97a3",
    "mixed": "#7c639f",
    "praise-tint": "#d9ebf4",
    "criticism-tint": "#fbe3d6",
    "mixed-tint": "#ebe3f5",
}
DARK: Mapping[str, str] = {
    "paper": "#12171e",
    "ink": "#e6eaee",
    "muted": "#a2aebb",
    "line": "#2d3742",
    "surface": "#1a212a",
    "accent": "#8cc4ec",
    "bar": "#48718f",
    "positive": "#58b0d8",
    "negative": "#f08c5f",
    "neutral": "#7d8996",
    "mixed": "#b79fdc",
    "praise-tint": "#173a4d",
    "criticism-tint": "#512b18",
    "mixed-tint": "#372c4c",
}
_OF_LABEL = {"positive": "positive", "negative": "negative", "mixed": "mixed"}


def of_label(label: str) -> str:
    """The name of the colour of a sentiment or polarity."""
    return _OF_LABEL.get(label, "neutral")


def stylesheet() -> str:
    """CSS variables of both themes; print is light."""

    def block(colours: Mapping[str, str]) -> str:
        return ":root{" + "".join(f"--{name}:{value};" for name, value in colours.items()) + "}"

    return f"{block(LIGHT)}\n@media screen and (prefers-color-scheme: dark){{{block(DARK)}}}\n"

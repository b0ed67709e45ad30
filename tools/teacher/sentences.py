"""The sentences of a text, in which a remark stands alone, for the teacher to label and the phrase network to learn."""

from __future__ import annotations

import re
from dataclasses import replace

from feedbackclf.corpus import Example

SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
MIN_WORDS = 3


def sentences(example: Example) -> list[Example]:
    """The sentences of a text, without labels; none if it has only one."""
    parts = [part.strip() for part in SENTENCE_END.split(example.text)]
    parts = [part for part in parts if len(part.split()) >= MIN_WORDS]
    return (
        [replace(example, text=part, language=None, labels={}, rating=None) for part in parts] if len(parts) > 1 else []
    )

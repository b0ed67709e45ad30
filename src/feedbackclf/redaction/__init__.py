"""Personal data in free text, masked: see docs/personal-data.md."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from feedbackclf.redaction.kinds import KINDS
from feedbackclf.redaction.order_numbers import WORDS

_BLANKS, _HYPHENS = "\u00a0\u2007\u2009\u202f", "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_PLAIN = (
    {0xFF01 + code: 0x21 + code for code in range(0x5E)}  # the fullwidth forms of ASCII
    | dict.fromkeys(map(ord, _BLANKS), " ")
    | dict.fromkeys(map(ord, _HYPHENS), "-")
    | {ord("İ"): "I"}  # the only one that is longer in lower case
)
_UNUSUAL = re.compile(f"[{''.join(map(chr, _PLAIN))}]")
# Counted repetitions of sets with all letters of Unicode would be a hundred times as slow.
_SUSPECT = "|".join(
    [
        r"[@＠]|[(\[]at[)\]]|://|www\.|[a-z0-9]\.[a-z]{2,6}/",
        "[0-9０-９](?:[^a-z0-9０-９]*[0-9０-９]){6}",
        f"(?:{WORDS})(?:[a-z]*[^a-z0-9０-９]+){{0,6}}[a-z]*[0-9０-９]",
    ]
)


def redact(texts: pa.Array) -> pa.Array:
    """Mask e-mail and web addresses, and numbers of phones, accounts, cards, orders and people, in each text.

    Args:
        texts: strings or large strings.

    Returns:
        As many, of the same type, with a placeholder such as `[EMAIL]` for each. Nulls stay null, and the rest of a
        text stays as it is. To mask twice changes nothing more.
    """
    suspect = pc.fill_null(pc.match_substring_regex(texts, _SUSPECT, ignore_case=True), False)
    if not pc.any(suspect).as_py():
        return texts
    masked = [_mask(text) for text in texts.filter(suspect).to_pylist()]
    return pc.replace_with_mask(texts, suspect, pa.array(masked, texts.type))


def redact_and_follow(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Mask one text, and say where spans of it (start and end, in characters) are in the masked one.

    A span that has part of what is masked gets all of the placeholder.
    """
    # Of each character of the masked text, which part of the text it stands for.
    origin = [(place, place + 1) for place in range(len(text))]
    before = ""
    while text != before:
        before = text
        text, origin = _mask_once(text, origin)
    starts, ends = [start for start, _ in origin], [end for _, end in origin]
    return text, [(bisect_right(ends, start), bisect_left(starts, end)) for start, end in spans]


def _mask(text: str) -> str:
    before = ""
    while text != before:  # what is gone may have kept its neighbour from being seen
        before, (text, _) = text, _mask_once(text)
    return text


def _mask_once(text: str, origin: list[tuple[int, int]] | None = None) -> tuple[str, list[tuple[int, int]]]:
    plain = text.translate(_PLAIN) if _UNUSUAL.search(text) else text
    lower, origin = plain.lower(), origin or []
    for kind in KINDS:  # the three are alike character for character: places in one are places in the others
        spans = list(kind.spans(plain, lower))
        if spans:
            placeholder = f"[{kind.name}]"
            text, plain, lower = (_put(placeholder, spans, within) for within in (text, plain, lower))
            for start, stop in reversed(spans if origin else []):
                origin[start:stop] = [(origin[start][0], origin[stop - 1][1])] * len(placeholder)
    return text, origin


def _put(placeholder: str, spans: Sequence[tuple[int, int]], text: str) -> str:
    ends = [0, *(stop for _, stop in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return placeholder.join(text[a:b] for a, b in zip(ends, starts, strict=True))

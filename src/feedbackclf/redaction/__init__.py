"""Personal data in free text, masked: see docs/personal-data.md."""

from __future__ import annotations

import re
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


def _mask(text: str) -> str:
    before = ""
    while text != before:  # what is gone may have kept its neighbour from being seen
        before, text = text, _mask_once(text)
    return text


def _mask_once(text: str) -> str:
    plain = text.translate(_PLAIN) if _UNUSUAL.search(text) else text
    lower = plain.lower()
    for kind in KINDS:  # the three are alike character for character: places in one are places in the others
        spans = list(kind.spans(plain, lower))
        if spans:
            text, plain, lower = (_put(f"[{kind.name}]", spans, within) for within in (text, plain, lower))
    return text


def _put(placeholder: str, spans: Sequence[tuple[int, int]], text: str) -> str:
    ends = [0, *(stop for _, stop in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return placeholder.join(text[a:b] for a, b in zip(ends, starts, strict=True))

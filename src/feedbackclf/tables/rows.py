"""Where the rows of delimited text end. Quotes open at the beginning of a cell only, as for Arrow's parser."""

from __future__ import annotations

import re
from functools import cache

from feedbackclf import kernels


def last_row_end(block: bytes, delimiter: str) -> tuple[int, bool]:
    """Where the last whole row of a block ends (0 if none does), and whether the block ends between quotes."""
    compiled = kernels.compiled()
    if compiled is not None:
        cut = compiled.last_row_end(block, len(block), ord(delimiter))
        return (cut, False) if cut >= 0 else (-1 - cut, True)
    cells = list(_quoted_cell(delimiter).finditer(block))
    end = len(block)
    for cell in reversed(cells):
        newline = block.rfind(b"\n", cell.end(), end)
        if newline >= 0:
            break
        end = cell.start()
    else:
        newline = block.rfind(b"\n", 0, end)
    return newline + 1, bool(cells) and not cells[-1][1]


def open_quote(block: bytes, delimiter: str) -> int | None:
    """Where the quoted cell begins that the block does not end; None if there is none."""
    return next((cell.start() for cell in _quoted_cell(delimiter).finditer(block) if not cell[1]), None)


@cache
def one_row(delimiter: str) -> re.Pattern[bytes]:
    """Matches a row, and its end as the group `end`; where nothing is left, an empty one."""
    return re.compile(rb'(?:[^"\r\n]++|%s|")*+(?P<end>\r\n?|\n|\Z)' % _quoted_cell(delimiter).pattern)


@cache
def _quoted_cell(delimiter: str) -> re.Pattern[bytes]:
    """Matches a quoted cell from left to right; group 1 is its closing quote, or empty if the bytes end before."""
    # The quote comes before the look at what is left of it: `re` finds a literal beginning several times as fast.
    return re.compile(rb'"(?<![^%s\r\n]")[^"]*+(?:""[^"]*+)*+("|\Z)' % re.escape(delimiter).encode())

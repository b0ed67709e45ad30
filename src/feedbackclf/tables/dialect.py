"""How a delimited text is written down: its delimiter, its line ends, and the names of its columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.tables.base import MOST_COLUMNS
from feedbackclf.tables.names import check_different

NO_DELIMITER = "\x1f"  # one column; a sign for machines that hardly any text holds
_CONTROLS = [NO_DELIMITER, *(chr(code) for code in range(1, 0x1F) if chr(code) not in "\t\n\v\f\r")]
_WORDS = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|"}
_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 100
_BLANK_LINES = re.compile(rb"(?:[ \t\v\f]*+(?:\r\n?|\n))*+")
_SEP_LINE = re.compile(rb'"?sep=([\t!#-/:-@\[-`{-~])"?(?:\r\n?|\n|\Z)', re.IGNORECASE)
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_QUOTED = re.compile(rb'(?:\A|(?<=[,;\t|\r\n]))"[^"]*+(?:""[^"]*+)*+(?:"|\Z)')


def delimiter_of(option: str) -> str:
    """The delimiter that the user named, by itself or as a word.

    Raises:
        UsageError: it cannot be one.
    """
    found = _WORDS.get(option.lower(), option)
    if len(found) != 1 or not found.isascii() or found.isalnum() or found in '"\r\n\0':
        raise UsageError(f"--delimiter {option!r}: must be one ASCII sign, or comma, semicolon, tab or pipe")
    return found


def first_row(head: bytes) -> tuple[int, str | None]:
    """Where the column names begin, behind blank lines and Excel's line `sep=;`, and the delimiter which that names."""
    blank = _BLANK_LINES.match(head)
    start = blank.end() if blank else 0
    line = _SEP_LINE.match(head, start)
    return (line.end(), line[1].decode()) if line else (start, None)


def ends_in_returns(head: bytes) -> bool:
    r"""Whether lines end in a lone `\r`, as they did on old Macintoshes: there is no `\n` outside quotes."""
    if not _LONE_RETURN.search(head):
        return False
    bare = _QUOTED.sub(b"", head) if b'"' in head else head
    return b"\r" in bare and b"\n" not in bare


def detected_delimiter(text: str, *, is_whole: bool) -> str:
    """The delimiter with which most rows have as many cells as the first; `NO_DELIMITER` if there is one column.

    Of those that do equally well the one with more columns is taken, and then the more usual one.

    Args:
        text: the column names and what follows.
        is_whole: the text ends with a row, and not anywhere.
    """
    best = (0.0, 1, NO_DELIMITER)
    for delimiter in _DELIMITERS:
        rows = _rows(text, delimiter)
        columns = len(next(rows, []))
        if columns < 2:
            continue
        cells = [len(row) for row in islice(rows, _SAMPLE_ROWS + 1)]
        cells = cells[: _SAMPLE_ROWS if is_whole or len(cells) > _SAMPLE_ROWS else -1]
        share = cells.count(columns) / len(cells) if cells else 1.0
        best = max(best, (share, columns, delimiter), key=lambda found: found[:2])
    return best[2]


def absent_sign(block: bytes) -> str:
    """A control character that does not occur, to stand for the delimiter of one column."""
    return next((sign for sign in _CONTROLS if sign.encode() not in block), NO_DELIMITER)


def column_names(path: str, row: str, delimiter: str) -> tuple[list[str], list[str]]:
    """The names in the first row, and those of them that were made up. One name may be blank.

    Raises:
        FeedbackError: a name is there twice, or these are no names.
    """
    names = next(_rows(row, delimiter), [])
    if not names or any("\0" in name for name in names):
        raise FeedbackError(f"{path}: the first row cannot be read as column names; is this CSV? Try --encoding")
    if len(names) > MOST_COLUMNS:
        raise FeedbackError(f"{path}: has {len(names):,} columns; at most {MOST_COLUMNS:,} can be read")
    blank = [place for place, name in enumerate(names) if not name][1:]
    for place in blank:
        names[place] = f"column_{place + 1}"
        while names.count(names[place]) > 1:
            names[place] += "_"
    check_different(path, names)
    return names, [names[place] for place in blank]


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows that are not blank, as far as they can be read."""
    try:
        yield from filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:  # a cell is longer than Python's csv allows
        return

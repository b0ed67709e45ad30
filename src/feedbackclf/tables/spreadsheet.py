"""Cells that a spreadsheet would run as formulas, made text.

OWASP calls it CSV injection (https://owasp.org/www-community/attacks/CSV_Injection): a cell that begins with `=`, `+`,
`-`, `@`, a tab or the end of a line is computed when the file is opened, and may fetch or send what it likes. With an
apostrophe before it, it is text.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

# Blanks, controls and invisible characters may be skipped before the sign; \x{FF1D} and so on are its wide forms.
_FORMULA = r"\A[\pZ\pC]*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]|\A\p{Cf}*[\t\r\n]"
# After a plus no more than seven digits in a row: longer ones are phone numbers, which lose their plus.
_WHOLE = r"-[0-9]+|\+[0-9]{1,7}|[+-][0-9]{1,3}(?:(?:\.[0-9]{3})+|(?:,[0-9]{3})+)"
_NUMBER = rf"\A *(?:{_WHOLE})(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?\z"


def neutralise(column: pa.Array) -> pa.Array:
    """Put an apostrophe before each text that a spreadsheet would run as a formula; plain numbers are none.

    Args:
        column: strings, large strings or a dictionary of them; other columns come back as they are.

    Returns:
        A column of the same type and length; nulls stay null.
    """
    if pa.types.is_dictionary(column.type):
        texts = neutralise(column.dictionary)
        return column if texts is column.dictionary else _with_dictionary(column, texts)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    risky = pc.match_substring_regex(column, _FORMULA)
    if not pc.any(risky).as_py():
        return column
    risky = pc.and_not(risky, pc.match_substring_regex(column, _NUMBER))
    apostrophe, nothing = pa.scalar("'", column.type), pa.scalar("", column.type)
    return pc.if_else(risky, pc.binary_join_element_wise(apostrophe, column, nothing), column)


def neutralise_names(names: list[str]) -> list[str]:
    """The same for the names in a header."""
    return list(neutralise(pa.array(names, pa.string())).to_pylist())


def _with_dictionary(column: pa.DictionaryArray, texts: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(column.indices, texts, ordered=column.type.ordered)

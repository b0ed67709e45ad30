"""Numbers that tell nobody apart: dates, times, years, prices and quantities."""

from __future__ import annotations

import re

_DAY, _MONTH, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19|20)[0-9]{2}"
_TIME = "(?:(?:[01]?[0-9]|2[0-4])[.:]|[01][0-9]|2[0-4])[0-5][05]"
_DATE = re.compile(
    rf"(?:{_DAY}([-./ ]?){_MONTH}\1{_YEAR}|{_YEAR}([-./ ]?){_MONTH}\2{_DAY}|{_YEAR}(?: ?[-/] ?| ){_YEAR}"
    rf"|{_TIME} ?- ?{_TIME})(?=\s|\Z)"
)
_UNIT = (
    "kr|kronor|kroner|dkk|sek|nok|eur|euros?|gbp|usd|dollars?|pounds?|pund|cent|g|kg|ml|cl|dl|l|cm|mm|m|km|kb|mb|gb|tb"
    "|mah|w|kw|kwh|v|x|stk|st|stuks?|styck|pcs|pieces|keer|gange|gånger|times|dagen|dage|dagar|days|uur|uren|timer"
    "|timmar|hours|minuten|minutter|minuter|minutes|weken|uger|veckor|weeks|personen|personer|people"
)
_AFTER = re.compile(rf"\s?(?:[€$£%]|(?:{_UNIT})(?![^\W_]))", re.IGNORECASE)
_DECIMALS = re.compile(r",[0-9]{1,2}(?![0-9])|,-|:-")
_BEFORE = re.compile(r"(?:[€$£]|(?<![^\W_])(?:kr|dkk|sek|nok|eur|euro|gbp|usd)\.?)\s?\Z", re.IGNORECASE)
_GLUED = re.compile(rf"[0-9.,]+(?:{_UNIT})", re.IGNORECASE)
_LONGEST_BEFORE = 7


def is_date(number: str) -> bool:
    """Whether it is, or begins with, a date, two years, or two times of the day."""
    return _DATE.match(number) is not None


def is_amount(text: str, start: int, stop: int) -> bool:
    """Whether what stands around the number makes it a price or a quantity: decimals, a currency or a unit."""
    if _DECIMALS.match(text, stop) or _AFTER.match(text, stop) or _GLUED.fullmatch(text, start, stop):
        return True
    return _BEFORE.search(text[max(0, start - _LONGEST_BEFORE) : start]) is not None

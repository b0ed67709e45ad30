"""Numbers of orders, customers, invoices, parcels and cases: known by the word before them."""

from __future__ import annotations

import re

from feedbackclf.redaction.amounts import is_amount, is_date

WORDS = (
    "order|ordre|bestel|bestelling|beställnings?|bestillings?|kunde?|klant|customer|factuur|faktura|invoice|pakket?|paket"
    "|pakke|parcel|package|zending|forsendelses?|försändelses?|sändnings?|shipment|kolli|retour|retur|return|sags?|ärende"
    "|track(?:ing)?(?: ?(?:and|&|en|og|och|n) ?trace)?|t&t|ticket|case|booking|boknings?|reservering|reservations?"
    "|ref(?:erentie|erence|erens|erance)?"
)
"""What stands before such a number, as a regular expression; RE2 reads it as well."""

_SAID = r"(?:nummer(?:et)?|numret|number|num|nr|no|id|code|kode?)(?![^\W\d_])\.?(?:\s(?:is|was|er|var|är))?"
NAMED_ORDER = (
    rf"(?:{WORDS})(?:e?[nt]|s)?(?:s?[ -]?{_SAID})?(?:[\s.:#=]{{1,4}}|(?=[0-9]))"
    r"([0-9]{3,}+(?: [0-9]{3,}+)+(?![^\W_])|[^\W_]{1,40}+(?:[-_/.][^\W_]{1,40}+){0,9}+)"
)
"""Such a word and what may be the number, group 1; in lower case and as a regular expression."""

_NUMBER_SAID = re.compile(rf"(?:{_SAID}\s?[:=]?|#)\s*\Z", re.IGNORECASE)
_LONGEST_SAID = 20
_SHORTEST = 4
_YEAR_OR_ROUND = re.compile("(?:19|20)[0-9]{2}|[0-9]{2}00")
_CODE = re.compile(r"[0-9]{3}|\A(?=.*[A-Z])[^a-z]*\Z")
_POSTCODE_END = re.compile(r" ?[A-Z]{2}(?![^\W_])")


def is_order_number(text: str, start: int, stop: int) -> bool:
    """Whether `text[start:stop]`, which stands after one of the words, is a number and not a price, a date or a word.

    After "nummer", "nr" or "#" anything is that has a digit and four characters. Otherwise years, round hundreds,
    postcodes and words that merely hold a digit (iPhone14) are not.
    """
    token = text[start:stop]
    if len(token) < _SHORTEST or not any(character.isdigit() for character in token):
        return False
    if is_date(token) or is_amount(text, start, stop):
        return False
    if _NUMBER_SAID.search(text[max(0, start - _LONGEST_SAID) : start]):
        return True
    if _YEAR_OR_ROUND.fullmatch(token) or (len(token) == 4 and _POSTCODE_END.match(text, stop)):
        return False
    return _CODE.search(token) is not None

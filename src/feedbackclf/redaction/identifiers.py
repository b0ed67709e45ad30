"""Whether a number is what it looks like: check digits by python-stdnum, phone numbers by Google's libphonenumber.

Both are imported only when a text holds a number that long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_NOT_DIGITS = re.compile("[^0-9]")


def is_iban(number: str) -> bool:
    """Whether the country has such account numbers and the check digits are right."""
    from stdnum import iban

    return bool(iban.is_valid(number))


def is_card(number: str) -> bool:
    """Whether it has 13 to 19 digits and the last is right (Luhn)."""
    from stdnum import luhn

    digits = _NOT_DIGITS.sub("", number)
    return 13 <= len(digits) <= 19 and bool(luhn.is_valid(digits))


def is_bsn(number: str) -> bool:
    """Whether it has nine digits and passes the 11-test of Dutch citizens' numbers."""
    from stdnum.nl import bsn

    digits = _NOT_DIGITS.sub("", number)
    return len(digits) == 9 and bool(bsn.is_valid(digits))


def is_cpr(number: str) -> bool:
    """Whether it has ten digits, the date of birth exists, and modulus 11 is right."""
    from stdnum.dk import cpr

    return _has_cpr_date(number) and cpr.checksum(_NOT_DIGITS.sub("", number)) == 0


def is_cpr_of_january_first(number: str) -> bool:
    """Whether it is a Danish number of somebody born on 1 January.

    For these days modulus 11 ran out of numbers in 2007, as most who do not know their birthday are given them.
    """
    return number.startswith("0101") and _has_cpr_date(number)


def _has_cpr_date(number: str) -> bool:
    from stdnum.dk import cpr
    from stdnum.exceptions import ValidationError

    digits = _NOT_DIGITS.sub("", number)
    try:
        return len(digits) == 10 and cpr.get_birth_date(digits) is not None
    except ValidationError:
        return False


def is_personnummer(number: str) -> bool:
    """Whether it has ten or twelve digits, the date exists, and the last digit is right (Luhn).

    In a samordningsnummer, for those who are not registered in Sweden, the day is 60 more.
    """
    from stdnum import luhn
    from stdnum.exceptions import ValidationError
    from stdnum.se import personnummer

    digits = _NOT_DIGITS.sub("", number)
    if len(digits) not in (10, 12) or not luhn.is_valid(digits[-10:]):
        return False
    day = int(digits[-6:-4])
    date = f"{digits[:-6]}{day - 60 if day > 60 else day:02}"
    try:
        return personnummer.get_birth_date(f"{date}{'+' if '+' in number else '-'}{digits[-4:]}") is not None
    except ValidationError:
        return False


def is_phone(number: str, regions: tuple[str, ...]) -> bool:
    """Whether such a number is given out in one of the regions, or, if it begins with `+`, anywhere."""
    from phonenumbers import is_valid_number

    return any(map(is_valid_number, _read_phone(number, regions)))


def may_be_phone(number: str, regions: tuple[str, ...]) -> bool:
    """Whether it has nine digits at least and is as long as the numbers there, be it given out or not."""
    from phonenumbers import is_possible_number

    return any(map(is_possible_number, _read_phone(number, regions, shortest=9)))


def _read_phone(number: str, regions: tuple[str, ...], shortest: int = 7) -> Iterator[PhoneNumber]:
    """The number as it is understood in each of the regions; nothing if it is too short or too long for all."""
    from phonenumbers import NumberParseException, parse

    if not shortest <= len(_NOT_DIGITS.sub("", number)) <= 15:
        return
    for region in regions:
        with suppress(NumberParseException):
            yield parse(number, region)

"""What personal data looks like in free text, kind by kind, in the order in which it is masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from feedbackclf.redaction.amounts import is_amount, is_date
from feedbackclf.redaction.identifiers import (
    is_bsn,
    is_card,
    is_cpr,
    is_cpr_of_january_first,
    is_iban,
    is_personnummer,
    is_phone,
    may_be_phone,
)
from feedbackclf.redaction.order_numbers import NAMED_ORDER, is_order_number

Holds = Callable[[str, int, int], bool]
"""Whether `text[start:stop]`, which has the shape, is what it looks like."""


@dataclass(frozen=True)
class Kind:
    """One kind of personal data.

    Attributes:
        name: the word of its placeholder.
        shape: group 1 is what may be masked; for text in lower case.
        holds: tells the real thing from chance. What stands behind a space need not belong to it: if the whole does
            not hold, its beginnings are tried, the longest first.
        signs: no text is looked at closer unless it holds one of them, in lower case.
    """

    name: str
    shape: re.Pattern[str]
    holds: Holds
    signs: tuple[str, ...] = ("",)

    def spans(self, text: str, lower: str) -> Iterator[tuple[int, int]]:
        """Where it stands in the text, from left to right; `lower` is the text in lower case."""
        if not any(sign in lower for sign in self.signs):
            return
        at = 0
        while found := self.shape.search(lower, at):
            start, stop = found.span(1)
            while stop > start and not self.holds(text, start, stop):
                stop = text.rfind(" ", start, stop)
            at = max(stop, found.end())
            if stop > start:
                yield start, stop


def _if(check: Callable[[str], bool]) -> Holds:
    return lambda text, start, stop: check(text[start:stop])


def _bsn(text: str, start: int, stop: int) -> bool:
    return is_bsn(text[start:stop]) and not is_amount(text, start, stop)


def _phone(check: Callable[[str, tuple[str, ...]], bool], *regions: str) -> Holds:
    def holds(text: str, start: int, stop: int) -> bool:
        number = text[start:stop]
        if is_date(number) or _LIKE_OF_PEOPLE.fullmatch(number):
            return False
        if number[0] not in "+0(" and is_amount(text, start, stop):
            return False
        return check(number, regions)

    return holds


def _named_phone(text: str, start: int, stop: int) -> bool:
    number = text[start:stop]
    return sum(map(str.isdigit, number)) >= 7 and not is_date(number) and not is_amount(text, start, stop)


def _always(text: str, start: int, stop: int) -> bool:
    return True


def _shape(first: str, shape: str, not_behind: str = r"(?<![^\W_].)(?<![0-9][.+-].)") -> re.Pattern[str]:
    """A shape behind no letter or digit, and not in the midst of a number.

    The pattern begins with the set of characters that the shape can begin with, because `re` finds that many times as
    fast as anything else. Only then it looks back, and goes one character back to look at the shape itself.
    """
    return re.compile(rf"{first}{not_behind}(?<=(?={shape}).)")


_END = r"(?![^\W_])(?![.-]?[0-9])(?!,[0-9]{1,2}(?![0-9]))"


def _number(shape: str, spaced: str | None = None, first: str = "[0-9]") -> re.Pattern[str]:
    """A number by itself; in the spaced shape also not beside others, for a row of numbers is not one in groups."""
    alone = f"|(?<![0-9] )(?:{spaced}){_END}(?! [0-9])" if spaced else ""
    return _shape(first, f"((?:{shape}){_END}{alone})")


def _named(first: str, names: str, shape: str) -> re.Pattern[str]:
    """A number right behind its name."""
    said = r"(?:[ -]?(?:nummer(?:et)?|numret|number|nr|no))?[\s.:#=]{0,3}(?:(?:is|was|er|var|är)\s)?"
    return _shape(first, rf"(?:{names}){said}({shape})(?![^\W_])")


_REST = r"[^\s<>\"“”\[\]]*[\w/#=&%-]"  # of an address, without the punctuation behind it
_URL = _shape("[hw]", rf"((?:https?://|www\.){_REST})")
_TOP = "nl|dk|se|com|net|org|eu|io|be|de|no|fi|fr|info|biz|shop|store|app|dev|me|tv|ly|gl|co|uk|us|online|site|nu"
_PAGE = _shape("[a-z0-9]", rf"((?:[a-z0-9][a-z0-9-]*+\.)++(?:{_TOP})/{_REST})", r"(?<![\w@.-].)")
_AT, _DOT = r"(?:@|\s?[(\[]at[)\]]\s?)", r"(?:\.|\s?[(\[]dot[)\]]\s?)"
# What stands before the @ is eaten whole, and only from its beginning, so that no text is gone through twice.
_LOCAL = r"[\w.%+'-]"
_EMAIL = _shape(
    _LOCAL,
    rf"[.%+'-]*+(\w{_LOCAL}*+{_AT}(?:[\w-]{{1,63}}+{_DOT})+[^\W\d_]{{2,24}})(?!\w)",
    rf"(?<!{_LOCAL}.)",
)

_IBAN = _number("[a-z]{2}[0-9]{2}(?:[ -]?[a-z0-9]{4}){2,7}(?:[ -]?[a-z0-9]{1,3})?", first="[a-z](?=[a-z][0-9])")
_CARD = _number(
    "[0-9]{13,19}|[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{1,4}(?:[ -][0-9]{3})?|[0-9]{4}[ -][0-9]{6}[ -][0-9]{4,5}"
)
_BSN = _number(r"[0-9]{9}|[0-9]{4}\.[0-9]{2}\.[0-9]{3}", "[0-9]{4} [0-9]{2} [0-9]{3}|[0-9]{3} [0-9]{3} [0-9]{3}")
_CPR = _number("[0-9]{6}-?[0-9]{4}", "[0-9]{6} [0-9]{4}")
_PERSONNUMMER = _number("(?:18|19|20)?[0-9]{6}[+-]?[0-9]{4}", "(?:18|19|20)?[0-9]{6} [0-9]{4}")
_NAMED_BSN = _named("[bs]", "bsn|sofi|burgerservice", "[0-9]{8,9}|[0-9]{3,4}[ .-][0-9]{2,3}[ .-][0-9]{3}")
_NAMED_CPR = _named("c", "cpr", "[0-9]{6}[ -]?[0-9]{3,5}")
_NAMED_PERSONNUMMER = _named("[ps]", "(?:person|samordnings)(?=-?n[ru])", "(?:18|19|20)?[0-9]{6}[ +-]?[0-9]{3,5}")

_GROUPS = "(?:[ ().-]{1,3}[0-9]{1,8}){0,7}"
_ABROAD = _number(rf"(?:\(\+[0-9]{{1,3}}\)|\+ ?[1-9][0-9]{{0,14}}){_GROUPS}", first="[+(]")
_ABROAD_00 = _number(rf"00 ?[1-9][0-9]{{0,14}}{_GROUPS}", first="0")
_WITH_ZERO = _number(r"(?:\(0[1-9][0-9]{0,4}\)|0[1-9][0-9]{0,9})(?:[ -]{1,3}[0-9]{2,8}){0,5}", first="[0(]")
_MOBILE = _number("0[67][0-9]{8}", first="0")
_DANISH = _number("[2-9][0-9](?:[0-9]{6}|(?: [0-9]{2}){3}|(?:-[0-9]{2}){3}|(?: [0-9]{3}){2})", "[2-9][0-9]{3} [0-9]{4}")
_AMERICAN = _number(r"(?:1[ -])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[0-9]{3}[ .-][0-9]{4}", first="[0-9(]")
_LIKE_OF_PEOPLE = re.compile("[0-9]{6}-[0-9]{4}")  # nobody writes phone numbers so
_CALL = r"(?:ring|bel|call|sms|whatsapp)(?:\s(?:gerne|til|mig|mij|me|us|ons|os|oss|dan|då))*"
_MINE = r"(?:mit|mitt|mijn|my)\s(?:nummer|number|nr)"
_TELEPHONE = r"(?:tlf|tel|telefon|telefoon|telephone|phone|mob|mobil|mobiel|mobile)"
_NAMED_PHONE = _shape(
    "[bcmprstw]",
    rf"(?:{_CALL}|{_MINE}|{_TELEPHONE}(?:[ -]?(?:nummer|numret|number|nr))?)[\s.:]{{0,3}}"
    r"(?:(?:på|op|on|at|is|er|är)\s)?"
    r"([0-9]{7,12}|[0-9]{2}(?: [0-9]{2}){3,4}|[0-9]{2,4}[ -][0-9]{3,8}(?: [0-9]{2,4}){0,2})" + _END,
)
_ORDER = _shape("[bcfikoprstzä]", NAMED_ORDER)
_EUROPE = "NL", "SE", "GB", "DK"

KINDS = (
    Kind("URL", _URL, _always, ("://", "www.")),  # whole, also if there is an e-mail address in it
    Kind("EMAIL", _EMAIL, _always, ("@", "(at)", "[at]")),
    Kind("URL", _PAGE, _always, ("/",)),
    Kind("IBAN", _IBAN, _if(is_iban)),
    Kind("CARD", _CARD, _if(is_card)),
    Kind("PHONE", _ABROAD, _phone(is_phone, "NL"), ("+",)),
    Kind("PHONE", _ABROAD, _phone(may_be_phone, "NL"), ("+",)),
    Kind("BSN", _NAMED_BSN, _always, ("bsn", "sofi", "burgerservice")),  # a slip of the pen is still personal
    Kind("CPR", _NAMED_CPR, _always, ("cpr",)),
    Kind("PERSONNUMMER", _NAMED_PERSONNUMMER, _always, ("person", "samordnings")),
    Kind("ORDER", _ORDER, is_order_number),
    Kind(
        "PHONE",
        _NAMED_PHONE,
        _named_phone,
        ("ring", "bel", "call", "sms", "whatsapp", "tel", "tlf", "phone", "mob", "mit", "mijn", "my "),
    ),
    Kind("PHONE", _MOBILE, _phone(is_phone, "NL", "SE")),  # some would pass for numbers of Danes
    Kind("CPR", _CPR, _if(is_cpr)),
    Kind("PERSONNUMMER", _PERSONNUMMER, _if(is_personnummer)),
    Kind("CPR", _CPR, _if(is_cpr_of_january_first)),
    Kind("BSN", _BSN, _bsn),
    Kind("PHONE", _ABROAD_00, _phone(is_phone, "NL")),
    Kind("PHONE", _ABROAD_00, _phone(may_be_phone, "NL")),
    Kind("PHONE", _WITH_ZERO, _phone(is_phone, *_EUROPE)),
    Kind("PHONE", _WITH_ZERO, _phone(may_be_phone, *_EUROPE)),
    Kind("PHONE", _DANISH, _phone(is_phone, "DK")),
    Kind("PHONE", _AMERICAN, _phone(is_phone, "US")),
)
"""In this order: a card number holds a phone number, and what somebody calls an order number is one. Phone numbers that
are given out come before those that are merely as long, for they show where a number ends and the next text begins."""

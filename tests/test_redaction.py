"""All texts are made up, and so are the numbers in them: they only pass the checks."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedbackclf.redaction import _PLAIN, _mask, redact
from feedbackclf.redaction.kinds import KINDS
from tests.messy import MESSY

CASES = (
    """
Mail me op jan.de-vries+x@voorbeeld.nl, graag | Mail me op [EMAIL], graag
Skriv til søren@eksempel.dk. | Skriv til [EMAIL].
Mejla åsa_b@exempel.se! | Mejla [EMAIL]!
Write to 'amy@example.co.uk' or bo@mail.example.com | Write to '[EMAIL]' or [EMAIL]
jan (at) voorbeeld (dot) nl en piet[at]voorbeeld.nl | [EMAIL] en [EMAIL]
Zie https://www.voorbeeld.nl/p?id=1&a=b. En dan | Zie [URL]. En dan
(www.eksempel.dk/a-b), http://x.example! | ([URL]), [URL]!
https://voorbeeld.nl/?mail=jan@voorbeeld.nl&x=1 is weg | [URL] is weg
exempel.se/profil/anna och example.co.uk/u/amy | [URL] och [URL]
Overmaken naar NL91ABNA0417164300 of NL91 ABNA 0417 1643 00 voor mij | Overmaken naar [IBAN] of [IBAN] voor mij
Konto DK50 0040 0440 1162 43, tak | Konto [IBAN], tak
SE45 5000 0000 0583 9825 7466 hade jag | [IBAN] hade jag
My card 4111 1111 1111 1111 12 days ago | My card [CARD] 12 days ago
kaart 4111-1111-1111-1111 of 378282246310005. | kaart [CARD] of [CARD].
Mijn BSN 111222333 en 1112.22.333 | Mijn BSN [BSN] en [BSN]
1112 22 333, 111 222 333 | [BSN], [BSN]
bsn: 111222334, BSN-nummer is 12345678 | bsn: [BSN], BSN-nummer is [BSN]
sofinummer 12345678, burgerservicenummer 1112.22.334 | sofinummer [BSN], burgerservicenummer [BSN]
Født 211062-5629, 2110625629 eller 211062 5629 | Født [CPR], [CPR] eller [CPR]
Den 1. januar: 010190-1234, 0101901234 | Den 1. januar: [CPR], [CPR]
cpr-nr. 211062-5620, CPR: 2110625620 | cpr-nr. [CPR], CPR: [CPR]
Jag är 880320-0016, 8803200016 eller 19880320-0016 | Jag är [PERSONNUMMER], [PERSONNUMMER] eller [PERSONNUMMER]
198803200016 och 880320+0016 och 880380-0013 | [PERSONNUMMER] och [PERSONNUMMER] och [PERSONNUMMER]
personnummer 880320-0018, samordningsnr: 880380-0014 | personnummer [PERSONNUMMER], samordningsnr: [PERSONNUMMER]
Bestelling 12345678 kwam niet | Bestelling [ORDER] kwam niet
bestelnummer is AB-1234, klantnr. K4455 | bestelnummer is [ORDER], klantnr. [ORDER]
factuur 2026-0012 en referentie: 77AA88 | factuur [ORDER] en referentie: [ORDER]
track and trace 3SABCD1234567, track & trace-code: 3SABCD1234567 | track and trace [ORDER], track & trace-code: [ORDER]
Ordre nr 2024 og ordrenr. 123-456 | Ordre nr [ORDER] og ordrenr. [ORDER]
Mit kundenummer er 123 456 789 | Mit kundenummer er [ORDER]
Pakken 00370712345678, pakkenummer 12345, sagsnummer 2026/1234 | Pakken [ORDER], pakkenummer [ORDER], sagsnummer [ORDER]
Beställning 556677, kundnr: K-4455, paketet 99887766 | Beställning [ORDER], kundnr: [ORDER], paketet [ORDER]
ärende 12345, ärendenummer: 77-22, faktura #8877 | ärende [ORDER], ärendenummer: [ORDER], faktura #[ORDER]
Order #12345, invoice no. INV2026001, ticket 55A66 | Order #[ORDER], invoice no. [ORDER], ticket [ORDER]
Case AB12CD, ref. 12-34-5678, customer id 12345 | Case [ORDER], ref. [ORDER], customer id [ORDER]
ORDERNUMMER 123456782 | ORDERNUMMER [ORDER]
Bel 06-12345678, 06 12 34 56 78 of 0612345678 | Bel [PHONE], [PHONE] of [PHONE]
+31 6 12345678 3 keer, +31 (0)20 123 4567, 0031612345678 | [PHONE] 3 keer, [PHONE], [PHONE]
(020) 123 4567 of 020-1234567/088 123 45 67 | [PHONE] of [PHONE]/[PHONE]
Ring 20 30 40 50, 20304050 eller +45 33 12 34 56 | Ring [PHONE], [PHONE] eller [PHONE]
tlf.:33-12-34-56, 2030 4050 | tlf.:[PHONE], [PHONE]
Ring 070-123 45 67, 08-123 456 78 eller +46701234567 | Ring [PHONE], [PHONE] eller [PHONE]
Tel. 06-12345678 m, +31 6 12345678 x | Tel. [PHONE] m, [PHONE] x
Ring til mig på 12 34 56 78, mit nummer er 12345678 | Ring til mig på [PHONE], mit nummer er [PHONE]
tlf. 12345678, bel mij op 1234567, Mitt nummer är 4111 1111 | tlf. [PHONE], bel mij op [PHONE], Mitt nummer är [PHONE]
Call 07700 900123, +44 7700 900123 or (212) 555-0187 | Call [PHONE], [PHONE] or [PHONE]
０６１２３４５６７８ ｊａｎ＠voorbeeld.nl | [PHONE] [EMAIL]
06\u201112345678, 06\u201312345678, 06\u00a012345678, 880320\u20110016 | [PHONE], [PHONE], [PHONE], [PERSONNUMMER]
""".replace("\\u2011", "\u2011")
    .replace("\\u2013", "\u2013")
    .replace("\\u00a0", "\u00a0")
)

UNTOUCHED = """
Order 2 pizzas, bestelling van 3 dagen geleden, order from 2024, order 2024, beställning 2025
kr 1.299,00 en EUR 1299 en €1299,95 en 12 500 kr och 1299:- eller 1.299.000 kr, USD 20304050
faktura 1.299,00 kr, factuur 1299 euro, faktura 1299,00, faktura kr 1299, invoice £1299
29-11-2026 2026-11-29 20261129 29.11.2026 29112026 29/11/2026
Order 29-11-2026, bestelling 20261129, ordre 29.11.2026, paket 2026-11-29
Åbent 09.00-17.30, open 20.00-22.00, öppet 9-17, kl. 14.30, 09:00 - 17:30, order 12:30
50%, 10/10, 4,5, 24/7, 5/5, 3-4 uger, 2-3 weken, 2023-2024
1234 AB Utrecht, 2100 København, 123 45 Stockholm, nr 12, Kerkstraat 112-3
iPhone 14, bestelling iPhone14, order PS5, Galaxy S23, 500x600x700, 1920x1080, pakke 500g, paket 1000ml, 20 stk
pakket 1234 AB, pakken 2100 København, order 1000 pizzas, order 10-12 dagen, pakke 20-30 kg, case 24/7
Bol.com en coolblue.nl, either/or, a/b, en/of, e.g. example.com
BSN, CPR og personnummer har jag inte. Telefoon? Nee. Order nr onbekend, kundenummer ukendt
@home, 5 @ 10, 1 @, c/o, #1, +1, + 20 %, (0), -5
111222334 311290-1234 411290-1234 880320-0018 4111111111111112 NL92ABNA0417164300
[EMAIL] [ORDER] 12345 order [PHONE] ordernr [BSN] 123456
artikel 0123456, fra 0800 til 1700, 00 12, 1-2-3-4-5-6-7-8-9
bel voor 17.00, ring 10-17, call 100 000 people, tel 29-11-2026, vi ringde 12 gånger på 30 dagar, 12 34 56 78
forkert 070761-4286, kort 4111 1111 1111 1112
1 2 3 4 5 6 7 8, 10 20 30, 100 200 300, 1 2 2024
"""


def masked(text: str) -> str:
    return str(redact(pa.array([text])).to_pylist()[0])


@pytest.mark.parametrize("case", CASES.strip().split("\n"))
def test_personal_data_is_masked(case: str) -> None:
    text, wanted = case.split(" | ")
    assert masked(text) == wanted
    assert masked(wanted) == wanted


@pytest.mark.parametrize("text", UNTOUCHED.strip().split("\n"))
def test_the_rest_is_not(text: str) -> None:
    assert masked(text) == text


def test_every_placeholder_is_documented() -> None:
    page = (Path(__file__).parents[1] / "docs" / "personal-data.md").read_text(encoding="utf-8")
    assert {kind.name for kind in KINDS} == set(re.findall(r"^\| `\[([A-Z]+)\]`", page, re.MULTILINE))


WORDS = (
    "order ordre bestelling beställning kunde kund klant customer factuur faktura invoice pakke pakket paket parcel"
    " zending forsendelse försändelse shipment sag ärende ticket case booking reservation reference referens ref"
)


@pytest.mark.parametrize("word", WORDS.split())
@pytest.mark.parametrize("between", ["nummer ", " nr. ", "nr:", " no. ", " #", " nummer är ", "snummer er "])
def test_words_before_order_numbers(word: str, between: str) -> None:
    for text in (word + between, word.title() + between, word.upper() + between.upper()):
        assert masked(f"mit {text}77ab2 og") == f"mit {text}[ORDER] og"


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_an_array_keeps_its_type_length_and_nulls(kind: pa.DataType) -> None:
    texts = pa.array(["mail a@voorbeeld.nl", None, "", "fijn", "a@b.nl en b@c.nl"], kind)
    found = redact(texts)
    assert found.type == kind
    assert found.to_pylist() == ["mail [EMAIL]", None, "", "fijn", "[EMAIL] en [EMAIL]"]
    assert redact(texts[1:]).to_pylist() == found.to_pylist()[1:]


def test_texts_without_any_come_back_the_very_same() -> None:
    for texts in (pa.array(["fijn", None]), pa.array([], pa.string()), pa.nulls(2, pa.string())):
        assert redact(texts) is texts


PIECES = st.sampled_from(
    [
        *(piece for case in CASES.strip().split("\n") for piece in case.split(" | ")[0].split(" ")),
        "0612345678", "880320-0016", "order", "nr", "#", "BSN", "+31", "a@b.nl", "www.", "http://", "[EMAIL]", "(at)",
        "1299", "kr", ",", ".", "-", "/", "@", "[", "]", "(", ")", "0", "00", "20", "1234", "İ", "ſ", "１", "é",
    ]
)  # fmt: skip
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", " ", "-", ".", "\n"])), max_size=10).map(
    lambda pieces: "".join(a + b for a, b in pieces)
)
PLACEHOLDER = re.compile("|".join(re.escape(f"[{kind.name}]") for kind in KINDS))


@given(TEXTS | MESSY)
@example("a@b.nl0612345678,0687654321")
def test_masking_twice_is_masking_once_and_leaves_the_rest(text: str) -> None:
    once = masked(text)
    assert masked(once) == once
    parts = map(re.escape, PLACEHOLDER.split(once))
    assert re.fullmatch("(?s:.+)".join(parts), text)


@given(TEXTS | MESSY)
def test_rows_that_are_passed_over_hold_nothing(text: str) -> None:
    assert _mask(text) == masked(text)


@given(st.lists(st.none() | st.text(max_size=20), max_size=5))
def test_any_text_will_do(texts: list[str | None]) -> None:
    found = redact(pa.array(texts, pa.string())).to_pylist()
    assert [text is None for text in found] == [text is None for text in texts]


def test_lower_case_is_as_long() -> None:
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)])).translate(_PLAIN)
    assert len(everything.lower()) == len(everything) == 0x110000 - 0x800


@pytest.mark.parametrize("piece", ["1", "@", ".", "-", "a", "a.", "a-", "1-", "1.", "a@", "www.(", "order.", "("])
def test_no_text_takes_long(piece: str) -> None:
    text = "www. a@b.nl " + piece * (300_000 // len(piece))
    started = time.process_time()
    masked(text)
    assert time.process_time() - started < 3


def test_libraries_of_numbers_are_imported_only_for_numbers() -> None:
    code = (
        "import sys, pyarrow as pa; from feedbackclf.redaction import redact; redact(pa.array(['a@b.nl, order 12345']))"
        "; assert not {'stdnum', 'phonenumbers'} & set(sys.modules); redact(pa.array(['06-12345678', '111222333']))"
        "; assert {'stdnum', 'phonenumbers'} <= set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

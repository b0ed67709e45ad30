from __future__ import annotations

import re
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedbackclf.tables.spreadsheet import neutralise, neutralise_names
from tests.messy import ANY_TEXT

FORMULAS = [
    "=1+1", "=cmd|'/c calc'!A0", "@SUM(1+1)*cmd|'/c calc'!A0", "+1+cmd|' /C calc'!A0", "-1+1", "-2+3+cmd|'x'!A0",
    "\t=1", " =1", "\r=1", "\n=1", "\u00a0=1", "\u200b=1", "\ufeff=1", " \u200b\t=1", "\0=1", "＝1", "＋1", "－1",
    "＠x", "\tplain", "\rplain", "\nplain", "\ufeff\tplain", "+31 6 1234 5678", "+31612345678", "+45 20-30-40-50",
    "--1", "+-1", "-", "=", "- snel geleverd", "+ god service", "@butiken", '=HYPERLINK("http://x.nl/?"&A1)', "-5+A1",
    "-1,2,3",
]  # fmt: skip
PLAIN = [
    "", "ok", "5", "-5", "+5", "-12345678", "+3,50", "-1.299,00", "-1,299.00", "-0.5", "1e5", "-1e-5", " -5", "a=1",
    "5-3", "'=1", "snel - en goed", "jan@voorbeeld.nl", "06-12345678", "kr -50", "1+1", "\u200bok", " ok",
]  # fmt: skip
SIGNS = st.sampled_from([*"=+-@\t\r\n 15,.eE'", "＝", "＋", "－", "＠", "\u200b", "\ufeff", "\u00a0", "\0", "+1", "-1"])
CELLS = st.lists(st.none() | ANY_TEXT | st.lists(SIGNS | ANY_TEXT, max_size=5).map("".join), max_size=6)


def runs(cell: str) -> bool:
    """What is dangerous, said another way: the first character that is no blank, or the first of all."""
    shown = next((c for c in cell if unicodedata.category(c)[0] not in "ZC" or unicodedata.category(c) == "Cn"), "")
    number = re.fullmatch(r" *[+-]\d+([.,]\d+)*(e[+-]?\d+)?", cell, re.IGNORECASE | re.ASCII)
    return (shown in set("=+-@＝＋－＠") and not number) or cell[:1] in set("\t\r\n")


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_formulas_become_text_and_the_rest_stays(kind: pa.DataType) -> None:
    cells = pa.array([*FORMULAS, None, *PLAIN], kind)
    safe = neutralise(cells)
    assert safe.type == kind
    assert safe.to_pylist() == [*("'" + cell for cell in FORMULAS), None, *PLAIN]


@given(CELLS)
def test_nothing_runs_and_without_the_apostrophe_all_is_as_it_was(cells: list[str | None]) -> None:
    column = pa.array(cells, pa.string())
    for cell, safe in zip(cells, neutralise(column).to_pylist(), strict=True):
        assert safe is None or not runs(safe)
        assert safe == cell or safe == f"'{cell}"
        assert safe == cell or cell[0] not in "'0123456789"
        if cell is not None and runs(cell):
            assert safe != cell
    assert neutralise(neutralise(column)).equals(neutralise(column))


def test_a_dictionary_keeps_its_indices() -> None:
    column = pa.array(["=1", None, "ok", "=1"]).dictionary_encode()
    safe = neutralise(column)
    assert safe.type == column.type
    assert safe.to_pylist() == ["'=1", None, "ok", "'=1"]
    fine = pa.array(["ok", None]).dictionary_encode()
    assert neutralise(fine) is fine


def test_slices_are_neutralised_as_well() -> None:
    column = pa.array(["=1", "=2", None, "ok", "=3"])
    assert neutralise(column[1:4]).to_pylist() == ["'=2", None, "ok"]
    assert neutralise(column.dictionary_encode()[1:4]).to_pylist() == ["'=2", None, "ok"]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([-1, None]),
        pa.array([-0.5]),
        pa.array([["=1"]]),
        pa.array([b"=1"]),
        pa.nulls(2),
        pa.array([-1, -1]).dictionary_encode(),
        pa.array(["ok", None]),
        pa.array([], pa.string()),
        pa.array([None], pa.string()),
    ],
    ids=lambda column: f"{column.type}-{len(column)}",
)
def test_what_needs_nothing_is_not_copied(column: pa.Array) -> None:
    assert neutralise(column) is column


def test_names_of_columns() -> None:
    assert neutralise_names(["text", "=1", "-5", "@x"]) == ["text", "'=1", "-5", "'@x"]
    assert neutralise_names([]) == []

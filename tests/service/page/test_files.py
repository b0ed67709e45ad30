"""Files in, by choosing or dropping them, and files out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedbackclf.tables.columns import WELL_KNOWN
from feedbackclf.tables.spreadsheet import neutralise
from tests.service.page.conftest import cells, choose_file, downloaded, show_labels, wait_for_labels

TEXTS = [
    "Quick delivery, but the zip broke on the first day 😡",
    'They said "tomorrow"; it took\nthree weeks.',
    "- snel geleverd, dank!",
    '=HYPERLINK("http://example.org")',
    "",
    "Sød betjening på Nørrebro",
]
ROWS = [["id", "Opmerking", "=shop"], *([str(nth), text, f"+{nth}"] for nth, text in enumerate(TEXTS))]
RUN = Callable[..., tuple[int, str, str]]


def table_of(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def label(page: Any, number: int) -> None:
    page.get_by_role("button", name="Show labels").click()
    wait_for_labels(page, number)


def test_csv_comes_back_as_the_command_line_writes_it(open_page: Any, run: RUN, tmp_path: Path) -> None:
    page = open_page()
    path = tmp_path / "reviews.csv"
    path.write_bytes(table_of(ROWS).encode("utf-8-sig"))
    choose_file(page, path.name, path.read_bytes())
    assert page.get_by_label("Column with the texts").locator("option:checked").inner_text() == "Opmerking"
    label(page, len(TEXTS))
    name, content = downloaded(page, "Download CSV")
    code, out, err = run("predict", path, "--evidence", "--excel-safe")
    assert code == 0, err
    assert name == "reviews-labels.csv"
    assert content == b"\xef\xbb\xbf" + out.encode()
    assert b"'=HYPERLINK" in content


def test_json_comes_back_with_all_that_the_command_line_says(open_page: Any, run: RUN, tmp_path: Path) -> None:
    page = open_page()
    path = tmp_path / "reviews.csv"
    path.write_text(table_of(ROWS), encoding="utf-8", newline="")
    choose_file(page, path.name, path.read_bytes())
    label(page, len(TEXTS))
    name, content = downloaded(page, "Download JSON")
    _, out, _ = run("predict", path, "--evidence", "--output-format", "jsonl")
    assert name == "reviews-labels.json"
    assert json.loads(content) == [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_the_delimiter_is_detected_and_kept(open_page: Any, delimiter: str) -> None:
    page = open_page()
    choose_file(page, "reviews.csv", table_of(ROWS, delimiter))
    label(page, len(TEXTS))
    found = cells(downloaded(page, "Download CSV")[1], delimiter)
    assert found[0][:4] == ["id", "Opmerking", "'=shop", "language"]
    guarded = neutralise(pa.array(TEXTS)).to_pylist()
    assert [row[:3] for row in found[1:]] == [[str(nth), text, f"+{nth}"] for nth, text in enumerate(guarded)]


def test_pasted_texts_come_back_too(open_page: Any, predicted: Callable[..., list[dict[str, Any]]]) -> None:
    page = open_page()
    show_labels(page, ["Aardige mensen, dank!", "Quick delivery"])
    name, content = downloaded(page, "Download JSON")
    assert name == "feedback-labels.json"
    assert json.loads(content) == predicted(["Aardige mensen, dank!", "Quick delivery"])


def test_labels_give_way_to_columns_that_are_there_already(open_page: Any) -> None:
    page = open_page()
    choose_file(page, "tagged.csv", "text,language,issue\nQuick delivery,en,mine\n")
    label(page, 1)
    assert "pred_" in page.locator("#prefix").inner_text()
    header, row = cells(downloaded(page, "Download CSV")[1])
    assert header[:5] == ["text", "language", "issue", "pred_language", "pred_language_confidence"]
    assert row[:3] == ["Quick delivery", "en", "mine"]
    assert json.loads(downloaded(page, "Download JSON")[1])[0]["issue"] == "mine"


def test_another_column_can_be_chosen(open_page: Any) -> None:
    page = open_page()
    choose_file(page, "two.csv", "text,reply\nQuick delivery,Aardige mensen\n")
    assert page.locator("#sample").inner_text() == "Quick delivery"
    page.get_by_label("Column with the texts").select_option("reply")
    assert page.locator("#sample").inner_text() == "Aardige mensen"
    label(page, 1)
    assert page.locator(".quote bdi").evaluate("x => x.firstChild.textContent").startswith("Aardige")
    page.get_by_role("button", name="Remove the file").click()
    assert page.get_by_label("Texts", exact=True).evaluate("x => x === document.activeElement")


def test_a_file_can_be_dropped(open_page: Any) -> None:
    page = open_page()
    page.evaluate("""() => {
        const data = new DataTransfer();
        data.items.add(new File(["text\\nQuick delivery\\n"], "dropped.csv", { type: "text/csv" }));
        for (const kind of ["dragover", "drop"])
            document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    }""")
    page.locator("#name", has_text="dropped.csv").wait_for()
    assert page.locator("body.dragging").count() == 0
    label(page, 1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "There are no rows"),
        (b"text\n", "There are no rows"),
        (b"text,id,text\na,b,c\n", "The column “text” is there twice. Rename one"),
        (b'id,text\n1,"fine"\n2,"never ends\n', "Row 3 has a quotation mark that is never closed"),
        (b"PK\x03\x04\x00\x00", "This is no CSV file"),
        (b"id,text\n1,2,3\n", "No row has as many cells as the first row"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(open_page: Any, content: bytes, says: str) -> None:
    page = open_page()
    choose_file(page, "odd.csv", content, good=False)
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert alert.inner_text().startswith(f"odd.csv: {says}")
    assert page.get_by_label("Texts", exact=True).is_visible()
    choose_file(page, "good.csv", "text\nQuick delivery\n")
    assert alert.is_hidden()


def test_rows_that_are_no_rows_are_left_out_and_named(open_page: Any) -> None:
    page = open_page()
    choose_file(page, "odd.csv", "id,text\n1,Quick delivery\n\n2\n3,Slow, very slow\n4,Aardig\n")
    notes = page.locator("#file-notes")
    assert notes.inner_text() == "2 rows are left out, with more or fewer cells than the first row: 4, 5."
    assert page.locator("#size").inner_text() == "2 texts."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_encodings(open_page: Any, encoding: str) -> None:
    page = open_page()
    choose_file(page, "reviews.csv", "id,bemærkning\n1,Sød betjening på Nørrebro\n".encode(encoding))
    assert page.locator("#sample").inner_text() == "Sød betjening på Nørrebro"
    told = page.locator("#file-notes").inner_text()
    assert told == {"utf-16": "Read as UTF-16LE.", "windows-1252": "Read as Windows-1252."}.get(encoding, "")


def test_the_text_column_is_guessed_as_the_command_line_does(open_page: Any) -> None:
    page = open_page()
    names = [name for line in WELL_KNOWN for name in line]
    texts = [f"{worse.upper()},x,{better}\na,a longer cell,b\n" for better, worse in pairwise(names)]
    guesses = page.evaluate(
        """async (texts) => {
            const { fromBytes } = await import("/tables.js");
            return texts.map((text) => fromBytes(new TextEncoder().encode(text)).text);
        }""",
        [*texts, "x,y\na,a longer cell\n"],
    )
    assert guesses == [2] * len(texts) + [1]


CELL = st.text(st.sampled_from("\"',;|\n\r\t=+-@15. aé😀＝"))
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=5)
)


def test_tables_are_read_and_written_as_python_does(open_page: Any) -> None:
    page = open_page()

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(TABLES, st.sampled_from(",;\t|")), min_size=10, max_size=40))
    def check(tables: list[tuple[list[list[str]], str]]) -> None:
        given = [[table_of(table, delimiter), table, delimiter] for table, delimiter in tables]
        found = page.evaluate(
            """async (given) => {
                const { parsed, written } = await import("/delimited.js");
                return given.map(([text, table, delimiter]) => [
                    parsed(text, delimiter).rows.map((row) => row.cells), written(table, delimiter)]);
            }""",
            given,
        )
        for (table, delimiter), (read, written) in zip(tables, found, strict=True):
            assert read == table
            safe = [neutralise(pa.array(row)).to_pylist() for row in table]
            assert list(csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)) == safe

    check()

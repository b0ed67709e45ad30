import datetime
import json
import os
import random
import struct
import subprocess
import sys
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart

from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.tables import open_reader, open_writer, workbook_guard, xlsx
from tools import workbook_readers

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path, **options):
    """All rows, the rejected ones, and the notes."""
    with open_reader(str(path), **options) as reader:
        rows = [row for batch in reader for row in batch.to_pylist()]
        return rows, reader.rejected, reader.notes


def texts(path, **options):
    return [row["text"] for row in read(path, **options)[0]]


def filled(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def by_hand(path, rows, shared="", *, namespace=MAIN, packing=zipfile.ZIP_DEFLATED):
    """A workbook from the XML of its rows and of its shared strings."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPE}.sharedStrings+xml"/></Types>',
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Blad 1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{namespace}"><sheetData>{rows}</sheetData></worksheet>',
        "xl/sharedStrings.xml": shared if shared.startswith("<!") else f'<sst xmlns="{namespace}">{shared}</sst>',
    }
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def row(*cells):
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"


def message_of(path, error=FeedbackError, **options):
    with pytest.raises(error) as caught:
        read(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="=_\ufffe\uffff")  # no formulas, no _x
SINCE = datetime.datetime(1900, 3, 1)  # Excel has a day too many before
CELLS = st.one_of(
    st.none(),
    st.text(CHARACTERS | st.just("\n")),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(-1e300, 1e300).map(lambda number: float(f"{number:.15g}")),  # openpyxl writes no more digits
    st.dates(SINCE.date()),
    st.datetimes(SINCE).map(lambda when: when.replace(microsecond=when.microsecond // 1000 * 1000)),
)


def as_csv_has_it(value):
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return repr(value + 0.0).removesuffix(".0")  # no -0.0
    return "" if value is None else str(value)


@quick
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5))
def test_every_cell_comes_back_as_text(tmp_path, rows):
    path = filled(tmp_path / "a.xlsx", [("id", "text", "x"), *rows])
    expected = [dict(zip(["id", "text", "x"], map(as_csv_has_it, cells), strict=True)) for cells in rows]
    assert read(path) == ([cells for cells in expected if any(cells.values())], [], [])


def test_spelling_of_numbers_dates_and_errors(tmp_path):
    midnight = datetime.datetime(2024, 5, 1)
    values = {
        5.0: "5",
        -0.0: "0",
        0.1: "0.1",
        1e300: "1e+300",
        "#N/A": "#N/A",
        "=1+1": "",  # nothing has computed it
        datetime.time(13, 5): "13:05:00",
        datetime.timedelta(hours=26, seconds=3.5): "26:00:03.500",
    }
    book = openpyxl.Workbook()
    book.active.append(["id", "text"])
    for number, value in enumerate(values):
        book.active.append([number, value])
    formats = {
        "DD-MM-YYYY": "2024-05-01",
        '[$-809]d mmmm "at" yyyy': "2024-05-01",
        "d/m/yy h:mm": "2024-05-01 00:00:00",
    }
    for shape in formats:
        book.active.append([0, midnight])
        book.active.cell(book.active.max_row, 2).number_format = shape
    book.active.append([0, 1e9])
    book.active.cell(book.active.max_row, 2).number_format = "yyyy"
    book.save(tmp_path / "a.xlsx")
    assert texts(tmp_path / "a.xlsx") == [*values.values(), *formats.values(), "#VALUE!"]


def test_rows_are_numbered_and_rejected_as_in_csv(tmp_path):
    rows = [[], ["id", "text", None], [1], [], ["", None], [2, "b", None, "c"], [3, "d", None], [4, "e", "f"]]
    path = filled(tmp_path / "a.xlsx", rows)
    found, rejected, _ = read(path)
    assert found == [{"id": "1", "text": ""}, {"id": "3", "text": "d"}]
    assert [(reject.row, reject.reason, json.loads(reject.raw)) for reject in rejected] == [
        (2, "4 cells where the header has 2", ["2", "b", "", "c"]),
        (4, "3 cells where the header has 2", ["4", "e", "f"]),
    ]
    assert rejected[0].file == str(path)


def test_long_and_wide_sheets_come_in_batches(tmp_path, monkeypatch):
    path = by_hand(tmp_path / "a.xlsx", row("id", "text") + "".join(row(i, "a") for i in range(90)))
    monkeypatch.setattr(xlsx, "BATCH_ROWS", 80)
    for cells, most in [(1000, 80), (20, 10), (1, 1)]:
        monkeypatch.setattr(xlsx, "_BATCH_CELLS", cells)
        with open_reader(str(path)) as reader:
            batches = list(reader)
        assert max(batch.num_rows for batch in batches) == most
        assert [row["id"] for batch in batches for row in batch.to_pylist()] == [str(i) for i in range(90)]


def test_a_header_alone_gives_an_empty_batch(tmp_path):
    with open_reader(str(by_hand(tmp_path / "a.xlsx", row("id", "text")))) as reader:
        assert [(batch.num_rows, batch.schema.names) for batch in reader] == [(0, ["id", "text"])]


def test_the_first_visible_sheet_unless_another_is_asked_for(tmp_path):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "notes"
    book.active.sheet_state = "hidden"
    book.create_chartsheet("chart").add_chart(BarChart())
    for name in ["one", "two"]:
        book.create_sheet(name).append(["text"])
        book[name].append([name])
    book["notes"].append(["text"])
    book["notes"].append(["hidden"])
    book.active = 1
    book.save(path)
    rows, _, notes = read(path)
    assert rows == [{"text": "one"}]
    assert notes == [f"{path}: reads the sheet 'one'; pass --sheet for another of: 'notes', 'one', 'two'"]
    for name, text in [("two", "two"), ("notes", "hidden")]:
        rows, _, notes = read(path, sheet=name)
        assert (rows, notes) == ([{"text": text}], [])
    assert "'notes', 'one', 'two'" in message_of(path, UsageError, sheet="chart")
    for name in ["one", "two"]:
        book[name].sheet_state = "hidden"
    book.save(path)
    assert "no sheet is visible; pass --sheet" in message_of(path)


def test_merged_cells_stand_in_their_first_cell(tmp_path):
    book = openpyxl.Workbook()
    for cells in [["id", "text"], [1, "a"], [None, "b"]]:
        book.active.append(cells)
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx")[0] == [{"id": "1", "text": "a"}, {"id": "", "text": "b"}]


def patched(path, part, old, new):
    """The workbook with a piece of a part exchanged."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content.replace(old, new) if name == part else content)
    return path


def test_what_openpyxl_grumbles_about_is_kept_from_the_user(tmp_path, capfd):
    path = filled(tmp_path / "a.xlsx", [["text"], ["a"]])
    validation = b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>'
    patched(path, "xl/worksheets/sheet1.xml", b"</worksheet>", validation)
    assert texts(path) == ["a"]
    assert "damaged" in message_of(patched(path, "xl/styles.xml", b'name="Normal" xfId="0"', b'name="Normal" xfId="9"'))
    assert capfd.readouterr() == ("", "")


def test_wrong_dimensions_hide_no_rows(tmp_path):
    path = filled(tmp_path / "a.xlsx", [["id", "text"], [1, "a"], [2, "b"]])
    assert texts(patched(path, "xl/worksheets/sheet1.xml", b'ref="A1:B3"', b'ref="A1"')) == ["a", "b"]


def test_escapes_and_rich_text(tmp_path):
    escaped = "a_x000D_\nb_xD83D__xDE00_"
    shared = f"<si><t>text</t></si><si><t>{escaped}</t></si><si><r><t>bo</t></r><r><t>ld</t></r></si>"
    rows = "".join(f'<row><c t="s"><v>{number}</v></c></row>' for number in range(3))
    assert texts(by_hand(tmp_path / "a.xlsx", rows, shared)) == ["a\r\nb😀", "bold"]


def test_a_sparse_sheet_is_quick(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"], book.active["XFD1048576"] = "text", "a", "far"
    book.save(tmp_path / "a.xlsx")
    rows, rejected, _ = read(tmp_path / "a.xlsx")
    assert rows == [{"text": "a"}]
    assert [(reject.row, reject.reason) for reject in rejected] == [(2, "16384 cells where the header has 1")]


def test_wide_rows_are_not_gathered(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "_BATCH_CELLS", 100)
    path = by_hand(tmp_path / "a.xlsx", row("text") + '<row><c r="CV1" t="str"><v>far</v></c></row>' * 3 + row("a"))
    with open_reader(str(path)) as reader:
        assert [(batch.num_rows, len(reader.rejected)) for batch in reader] == [(0, 1), (0, 2), (0, 3), (1, 3)]


def test_names_in_messages_are_cut(tmp_path):
    long, sheets = "naam" * 1000, [f"blad nummer {number}" for number in range(200)]
    assert len(message_of(by_hand(tmp_path / "a.xlsx", row(long, long)))) < 400
    book = openpyxl.Workbook()
    book.active.append(["text"])
    for sheet in sheets:
        book.create_sheet(sheet)
    book.save(tmp_path / "a.xlsx")
    message = message_of(tmp_path / "a.xlsx", UsageError, sheet="x")
    assert "'blad nummer 2'" in message
    assert message.endswith(" more")
    assert len(message) < 400


def test_through_a_pipe(tmp_path):
    path = filled(tmp_path / "a.xlsx", [["id", "text"], [1, "a"]])
    script = """
from feedbackclf.tables import open_reader
with open_reader("-", format="xlsx") as reader:
    print([batch.to_pylist() for batch in reader])
"""
    done = subprocess.run([sys.executable, "-c", script], input=path.read_bytes(), capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[[{'id': '1', 'text': 'a'}]]"
    assert not done.stderr
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.xlsx")
        with subprocess.Popen(["cp", str(path), str(tmp_path / "pipe.xlsx")]):
            assert texts(tmp_path / "pipe.xlsx") == ["a"]


def test_what_is_no_workbook(tmp_path):
    path = tmp_path / "a.xlsx"
    for content, reason in [
        (b"id,text\n1,a\n", "not a workbook"),
        (b"", "not a workbook"),
        (b"PK\x03\x04 and so on", "damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000), r"\(.xls\), or one with a password"),
    ]:
        path.write_bytes(content)
        with pytest.raises(FeedbackError, match=reason):
            read(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    assert "damaged, or not a workbook" in message_of(path)
    strict = by_hand(path, row("text"), namespace="http://purl.oclc.org/ooxml/spreadsheetml/main")
    assert "Strict" in message_of(strict)
    assert "is empty" in message_of(by_hand(path, ""))
    assert "no such file" in message_of(tmp_path / "missing.xlsx")
    (tmp_path / "folder.xlsx").mkdir()
    assert "cannot be read" in message_of(tmp_path / "folder.xlsx")
    assert "'text' is there twice (B and D)" in message_of(by_hand(path, row("id", "text", "x", "text")))


@pytest.mark.parametrize(
    "cell",
    ['<c t="s"><v>7</v></c>', "<c><v>x</v></c>", '<c s="x"/>', '<c r="ÿ"/>', f"<c><v>{'9' * 9999}</v></c>"],
)
def test_cells_that_cannot_be(tmp_path, cell):
    path = by_hand(tmp_path / "a.xlsx", row("text") + f"<row>{cell}</row>")
    assert "damaged" in message_of(path)


def test_rows_numbered_without_end(tmp_path):
    path = by_hand(tmp_path / "a.xlsx", row("text") + '<row r="99999999999"><c><v>1</v></c></row>')
    assert "damaged" in message_of(path)


def test_bombs(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    assert "unpacks to" in message_of(by_hand(path, "<row/>" * 1_000_000))
    assert "sharedStrings.xml' unpacks to" in message_of(by_hand(path, row("text"), "<si/>" * 1_000_000))
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    doctype = f'<!DOCTYPE sst [<!ENTITY a0 "ha">{laughs}]>'
    shared = f'{doctype}<sst xmlns="{MAIN}"><si><t>&a11;</t></si></sst>'
    assert "DOCTYPE" in message_of(by_hand(path, row("text"), shared))
    monkeypatch.setattr(workbook_guard, "_LARGEST_PART", 10_000)
    assert texts(by_hand(path, row("text") + row("a") * 1000)) == ["a"] * 1000
    assert "unpacks to" in message_of(by_hand(path, row("text"), "<si/>" * 10_000))


def test_the_size_that_is_claimed_is_the_most_that_is_unpacked(tmp_path):
    path = by_hand(tmp_path / "a.xlsx", row("text") + row("a") * 1000)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    at = data.rindex(struct.pack("<I", size))
    data[at : at + 4] = struct.pack("<I", 500)
    path.write_bytes(data)
    assert "damaged" in message_of(path)


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_damaged_workbook_is_told_or_does_not_matter(tmp_path, packing):
    shared = "".join(f"<si><t>{text}</t></si>" for text in ["text", "goed", "slecht", "mwah"])
    rows = "".join(f'<row><c t="s"><v>{number}</v></c><c><v>{number}</v></c></row>' for number in range(4))
    path = by_hand(tmp_path / "a.xlsx", rows, shared, packing=packing)
    whole, expected = path.read_bytes(), read(path)
    chance = random.Random(0)
    told = []
    for _ in range(400):
        data = bytearray(whole)
        if chance.random() < 0.2:
            del data[chance.randrange(len(data)) :]
        else:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        try:
            assert read(path) == expected
        except FeedbackError as error:
            told.append(str(error))
    assert len(told) > 200
    assert not any("\n" in message or "slecht" in message for message in told)


def test_openpyxl_is_optional(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    monkeypatch.delitem(sys.modules, "feedbackclf.tables.xlsx")
    with pytest.raises(FeedbackError, match=r"pip install 'feedbackclf\[xlsx\]'"):
        open_reader(str(tmp_path / "a.xlsx"))


def test_workbooks_are_not_written(tmp_path):
    for options in [{}, {"format": "xlsx"}]:
        with pytest.raises(UsageError, match="only read"):
            open_writer(str(tmp_path / "a.xlsx"), **options)
    assert list(tmp_path.iterdir()) == []


def test_figures_are_written_between_their_markers():
    page = workbook_readers.PAGE.read_text(encoding="utf-8")
    found = {"a": [(1234.5, 50.4), (99.0, 60.0), (1.0, 70.0)], "b": [(5000.0, 1.0), (5000.0, 2.0), None]}
    new = workbook_readers.with_figures(page, found)
    assert "| a | 1,200 rows/s, 50 MB | 100 rows/s, 60 MB | 70 MB |\n| b | 5,000 rows/s, 1 MB |" in new
    assert "| aborts |" in new
    assert workbook_readers.with_figures(new, found) == new
    assert new.split(workbook_readers.BEGIN)[0] == page.split(workbook_readers.BEGIN)[0]

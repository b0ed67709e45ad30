"""XLSX: one sheet of a workbook, every cell as the text that a CSV file would have for it.

docs/reading-workbooks.md says why openpyxl reads it, and what of a workbook is not read.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa

from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.tables.base import BATCH_ROWS, Reader, Rejected
from feedbackclf.tables.cells import text_array
from feedbackclf.tables.formats import STDIO
from feedbackclf.tables.names import check_different, listed, named
from feedbackclf.tables.sources import open_bytes
from feedbackclf.tables.workbook_guard import check_workbook

try:
    import openpyxl
except ImportError:
    raise FeedbackError("workbooks need openpyxl; install it with: pip install 'feedbackclf[xlsx]'") from None

from openpyxl.utils import get_column_letter

from feedbackclf.tables.workbook_cells import cell_text

_SHEET_ROWS = 1_048_576  # a sheet has no more; a damaged one may number them without end
_BATCH_CELLS = 1 << 20  # wide sheets make shorter batches


class XlsxReader(Reader):
    """Batches of string columns. The first row that is not blank has the names of the columns.

    Blank rows are passed over. A row with more cells than the header is rejected; `raw` is the JSON list of its cells.
    """

    format = "xlsx"

    def __init__(self, path: str, sheet: str | None) -> None:
        """`sheet`: its name; by default the first that is visible, and `notes` says so if it is one of several."""
        super().__init__()
        self._path = path
        self._row = 0
        self._file = _open_seekable(path)
        try:
            with _explained(path):
                check_workbook(path, self._file)
                with redirect_stdout(None):  # where openpyxl prints what it thinks of styles
                    book = openpyxl.load_workbook(self._file, read_only=True, data_only=True, keep_links=False)
                chosen = self._choose(book.worksheets, sheet)
                self._told_rows = chosen.max_row or 0
                chosen.reset_dimensions()  # some programs write wrong ones, and rows beyond them would be left out
            self._rows = self._filled_rows(chosen)
            header = self._take(1)
            if not header:
                advice = "choose another with --sheet, or save the workbook anew if it is a Strict one"
                raise FeedbackError(f"{path}: the sheet {named(chosen.title)} is empty; {advice}")
            self.column_names = header[0]
            check_different(path, self.column_names, get_column_letter)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        size = min(BATCH_ROWS, max(1, _BATCH_CELLS // len(self.column_names)))
        rows = self._take(size)
        while True:
            batch = self._batch(rows)
            self.share = self._row / self._told_rows if self._row < self._told_rows else 0.0
            yield batch
            rows = self._take(size)
            if not rows:
                return

    def close(self) -> None:
        self._file.close()

    def _choose(self, sheets: list[Any], wanted: str | None) -> Any:
        """The sheet to read; chart sheets are not among them."""
        names = listed(named(sheet.title) for sheet in sheets)
        if not sheets:
            raise FeedbackError(f"{self._path}: holds no sheet that can be read; save it anew as .xlsx (not Strict)")
        if wanted is not None:
            for sheet in sheets:
                if sheet.title == wanted:
                    return sheet
            raise UsageError(f"{self._path}: no sheet {named(wanted)}; pass --sheet with one of: {names}")
        visible = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
        if not visible:
            raise FeedbackError(f"{self._path}: no sheet is visible; pass --sheet with one of: {names}")
        if len(visible) > 1:
            note = f"reads the sheet {named(visible[0].title)}; pass --sheet for another of: {names}"
            self.notes.append(f"{self._path}: {note}")
        return visible[0]

    def _filled_rows(self, sheet: Any) -> Iterator[list[str]]:
        """The cells of each row, up to the last that is not empty."""
        for number, row in enumerate(sheet.iter_rows(), 1):
            if number > _SHEET_ROWS:
                raise FeedbackError(f"{self._path}: damaged; its rows have numbers that no workbook has")
            cells = [cell_text(cell) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield cells

    def _take(self, count: int) -> list[list[str]]:
        """The next rows, no more than `count`; fewer if they are wide, as one cell far to the right makes them."""
        rows: list[list[str]] = []
        cells = 0
        with _explained(self._path):
            for row in islice(self._rows, count):
                rows.append(row)
                cells += len(row)
                if cells >= _BATCH_CELLS:
                    break
        return rows

    def _batch(self, rows: list[list[str]]) -> pa.RecordBatch:
        width = len(self.column_names)
        whole = []
        for cells in rows:
            self._row += 1
            if len(cells) > width:
                reason = f"{len(cells)} cells where the header has {width}"
                raw = json.dumps(cells, ensure_ascii=False)
                self.rejected.append(Rejected(self._path, self._row, reason, raw))
            else:
                whole.append(cells + [""] * (width - len(cells)))
        columns = zip(*whole, strict=True) if whole else [()] * width
        with _explained(self._path):  # a column of more than 2 GB is too long for Arrow
            return pa.RecordBatch.from_arrays([text_array(column) for column in columns], names=self.column_names)


def _open_seekable(path: str) -> BinaryIO:
    """The file itself, or a copy of what comes through a pipe: the contents of a zip archive stand at its end."""
    stream = open_bytes(path)
    try:
        if path != STDIO and Path(path).is_file():
            return Path(path).open("rb")
        copy = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 (the reader closes it)
        try:
            shutil.copyfileobj(stream, copy)
            copy.seek(0)
        except BaseException:
            copy.close()
            raise
        return copy
    except OSError as error:
        raise FeedbackError(f"{path}: cannot be read ({error.strerror or error})") from None
    finally:
        if path != STDIO:
            stream.close()


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Turn whatever a damaged workbook causes into a `FeedbackError`, and keep openpyxl's warnings from the user.

    openpyxl checks little: beside the errors of zip, zlib and XML come `TypeError`, `KeyError`, `AttributeError` ...
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except FeedbackError:
        raise
    except MemoryError:
        raise FeedbackError(f"{path}: needs more memory than there is; save the sheet as .csv") from None
    except Exception:
        raise FeedbackError(f"{path}: damaged, or not a workbook; open it and save it anew as .xlsx or .csv") from None

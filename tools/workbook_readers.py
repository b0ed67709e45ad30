"""Measure how workbooks are read, beside python-calamine, and write that into docs/reading-workbooks.md.

Usage: python tools/workbook_readers.py
Needs Linux and python-calamine (pip install python-calamine), which nothing else here does. Takes two minutes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl

PAGE = Path(__file__).parents[1] / "docs" / "reading-workbooks.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
SIZES = (25_000, 100_000)
READERS = {
    "feedbackclf (openpyxl)": """
from feedbackclf.tables import open_reader
with open_reader(path) as reader:
    rows = sum(batch.num_rows for batch in reader)
""",
    "python-calamine": """
from python_calamine import CalamineWorkbook
rows = sum(1 for _ in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows()) - 1
""",
}
# Not `getrusage`: its peak is also that of the process that started this one.
MEASURED = """
import re, sys, time
from pathlib import Path
path, started = sys.argv[1], time.process_time()
{code}
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(rows / (time.process_time() - started), int(peak) / 1024)
"""


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [_long(Path(folder) / f"{size}.xlsx", size) for size in SIZES]
        paths.append(_sparse(Path(folder) / "sparse.xlsx"))
        found = {name: [_measure(code, path) for path in paths] for name, code in READERS.items()}
    PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")


def with_figures(page: str, found: dict[str, list[tuple[float, float] | None]]) -> str:
    """The page with rows per second and the most memory in MB of each reader; None where it died."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    heads = [f"{size:,} rows" for size in SIZES] + ["cells A1, A2 and XFD1048576"]
    lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for name, (*long, sparse) in found.items():
        cells = ["aborts" if run is None else f"{round(run[0], -2):,.0f} rows/s, {run[1]:.0f} MB" for run in long]
        cells.append("aborts" if sparse is None else f"{sparse[1]:.0f} MB")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}"


def _measure(code: str, path: str) -> tuple[float, float] | None:
    """Rows per second of processor time and MB, of a process of its own; None if it does not live to tell."""
    command = [sys.executable, "-c", MEASURED.format(code=code), path]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode < 0:  # a signal
        return None
    if done.returncode:
        sys.exit(done.stderr)
    speed, memory = done.stdout.split()
    return float(speed), float(memory)


def _long(path: Path, rows: int) -> str:
    book = openpyxl.Workbook()
    book.active.append(["id", "text", "stars", "score"])
    for number in range(rows):
        book.active.append([number, f"Parcel {number} came late, but it came. " * 6, number % 5 + 1, number / 8])
    book.save(path)
    return str(path)


def _sparse(path: Path) -> str:
    book = openpyxl.Workbook()
    for cell in ["A1", "A2", "XFD1048576"]:
        book.active[cell] = "text"
    book.save(path)
    return str(path)


if __name__ == "__main__":
    main()

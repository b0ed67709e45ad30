import pytest

from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.tables import expand_inputs, format_of


def test_patterns_become_the_files_they_match(tmp_path):
    for name in ["b.csv", "a.csv", "c.txt", "deep/er/d.csv", "deep/e.csv", "[x].csv", "x.csv/f.txt"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    def expand(*names):
        found = expand_inputs([f"{tmp_path}/{name}" for name in names])
        return [path.removeprefix(f"{tmp_path}/") for path in found]

    assert expand("*.csv") == ["[x].csv", "a.csv", "b.csv"]
    assert expand("?.txt", "[ab].csv") == ["c.txt", "a.csv", "b.csv"]
    assert expand("**/*.csv") == ["[x].csv", "a.csv", "b.csv", "deep/e.csv", "deep/er/d.csv"]
    assert expand("[x].csv") == ["[x].csv"]  # it exists
    assert expand("missing.csv", "c.txt") == ["missing.csv", "c.txt"]  # told when it is opened
    assert expand_inputs(["-"]) == ["-"]
    for pattern in ["*.tsv", "x.*v", "[", "\0*", "*" + "x" * 5000]:
        with pytest.raises(FeedbackError, match="matches no file"):
            expand(pattern)


@pytest.mark.parametrize(
    ("path", "format", "expected"),
    [
        ("-", None, "csv"),
        ("a.XLSX", None, "xlsx"),
        ("a.xlsm", None, "xlsx"),
        ("a.csv.gz", None, "csv"),
        ("a.ndjson.zst", None, "jsonl"),
        ("a.txt.ZST", "tsv", "tsv"),
        ("-", "xlsx", "xlsx"),
    ],
)
def test_format_of(path, format, expected):
    assert format_of(path, format) == expected


@pytest.mark.parametrize(
    ("path", "options", "reason"),
    [
        ("a.xlsx.zst", {}, "leave out .zst"),
        ("a.parquet.gz", {}, "leave out .gz"),
        ("a.csv.zst", {"writing": True}, "leave out .zst"),
        ("a.xls", {}, "save it as .xlsx"),
        ("a.ods", {}, "save it as .xlsx"),
        ("a.doc", {}, "xlsx"),
        ("a.xlsx", {"writing": True}, "write .csv"),
        ("a.csv", {"format": "xlsx", "writing": True}, "write .csv"),
    ],
)
def test_formats_that_cannot_be(path, options, reason):
    with pytest.raises(UsageError, match=reason):
        format_of(path, **options)

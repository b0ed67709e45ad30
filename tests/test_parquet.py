import io
import os
import random
import subprocess
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from feedbackclf.errors import FeedbackError
from feedbackclf.tables import open_reader, open_writer

# Arrow makes no such strings, but believes who says that bytes are one.
NOT_UTF8 = pa.array([b"a", b"\xff", b"b"]).view(pa.string())
TABLE = pa.table(
    {
        "id": range(60),
        "text": [f"tekst nummer {number} är bra" for number in range(60)],
        "nested": [{"a": [str(number)], "b": number} for number in range(60)],
        "label": pa.array(["x", "y", "z"] * 20).dictionary_encode(),
    }
)


def written(path, table, **options):
    pq.write_table(table, path, **options)
    return str(path)


def read(path):
    with open_reader(str(path)) as reader:
        return [row for batch in reader for row in batch.to_pylist()]


@pytest.mark.parametrize(
    "column",
    [
        NOT_UTF8,
        NOT_UTF8.dictionary_encode(),
        pa.StructArray.from_arrays([NOT_UTF8], ["x"]),
        pa.ListArray.from_arrays([0, 1, 2, 3], NOT_UTF8),
    ],
)
def test_text_that_is_not_utf8(tmp_path, column):
    start = pa.table({"id": range(9_000), "x": pa.nulls(9_000, column.type)})
    path = written(tmp_path / "a.parquet", pa.concat_tables([start, pa.table({"id": range(3), "x": column})]))
    with pytest.raises(FeedbackError) as caught:
        read(path)
    where = f"{path}, rows 8193 to 9003"
    assert str(caught.value) == f"{where}: column 'x' holds text that is not UTF-8; write the file anew"


def test_names_that_are_not_utf8(tmp_path):
    path = Path(written(tmp_path / "a.parquet", pa.table({"naam": ["a"]}), store_schema=False))
    path.write_bytes(path.read_bytes().replace(b"naam", b"na\xffm"))
    with pytest.raises(FeedbackError, match="not a Parquet file"):
        read(path)


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
def test_a_damaged_file_is_told_in_one_line(tmp_path, compression):
    whole = io.BytesIO()
    pq.write_table(TABLE, whole, compression=compression, row_group_size=40)
    data, chance, told = whole.getvalue(), random.Random(0), []
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    path = tmp_path / "a.parquet"
    for number in range(670):
        damaged = bytearray(data)
        if number % 5 == 0:
            del damaged[chance.randrange(len(data)) :]
        else:
            start = footer if number % 2 else 0
            damaged[chance.randrange(start, len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            read(path)
        except FeedbackError as error:
            told.append(str(error))
    assert len(told) > 300
    assert not any("\n" in message or "tekst" in message for message in told)


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 31) - 1, (1 << 32) - 1])
def test_a_footer_that_claims_another_size(tmp_path, size):
    path = Path(written(tmp_path / "a.parquet", TABLE))
    path.write_bytes(path.read_bytes()[:-8] + size.to_bytes(4, "little") + b"PAR1")
    with pytest.raises(FeedbackError, match="not a Parquet file"):
        read(path)


def test_damage_is_found_where_pages_have_checksums(tmp_path):
    path = Path(written(tmp_path / "a.parquet", TABLE, compression="none", write_page_checksum=True))
    data = path.read_bytes()
    assert read(path) == TABLE.to_pylist()
    path.write_bytes(data.replace(b"nummer 7", b"nummer 8"))
    with pytest.raises(FeedbackError, match="damaged"):
        read(path)


def test_no_rows_and_no_columns(tmp_path):
    extras = {"m": pa.map_(pa.string(), pa.int32()), "u": pa.uuid(), "n": pa.null()}
    schema = pa.schema([*TABLE.schema, *pa.schema(extras)])
    for columns in [schema, pa.schema([])]:
        with open_reader(written(tmp_path / "a.parquet", columns.empty_table())) as reader:
            assert [(batch.num_rows, batch.schema) for batch in reader] == [(0, columns)]


def test_through_a_pipe(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    path = written(tmp_path / "a.parquet", TABLE)
    os.mkfifo(tmp_path / "pipe.parquet")
    with subprocess.Popen(["cp", path, str(tmp_path / "pipe.parquet")]):
        assert read(tmp_path / "pipe.parquet") == TABLE.to_pylist()


def test_a_flipped_bit_in_what_we_wrote_is_noticed(tmp_path):
    path = tmp_path / "a.parquet"
    with open_writer(str(path)) as writer:
        writer.write(pa.RecordBatch.from_pydict({"text": [f"unmistakable {number}" for number in range(99)]}))
    content = path.read_bytes()
    path.write_bytes(content.replace(b"unmistakable", b"unmistakeable"[:12], 1))
    with pytest.raises(FeedbackError, match="damaged"), open_reader(str(path)) as reader:
        list(reader)

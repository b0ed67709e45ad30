"""Which columns go in and come out, and what is said where that cannot be. All but the last tests need the cluster."""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import feedbackclf
from feedbackclf import spark as ours
from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.model_folder import resolve_model
from feedbackclf.persistence import write_model
from tests.tiny import TEXTS, tiny_model

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SECRET = "my neighbour"


@pytest.fixture
def few(spark: SparkSession) -> DataFrame:
    rows = [("a", "Quick delivery"), ("b", None), ("c", ""), ("d", "Heel aardig")]
    return spark.createDataFrame(rows, "id string, review string").repartition(4)


def test_texts_that_are_not_there(few: DataFrame) -> None:
    rows = {row.id: row for row in ours.predict(few, min_confidence=0.5).collect()}
    assert (rows["a"].language, rows["a"].speed, rows["a"].unsure) == ("en", "positive", "")
    for row in (rows["b"], rows["c"]):
        assert (row.language, row.language_confidence, row.sentiment, row.speed_confidence) == ("und", None, None, None)
    assert (rows["b"].review, rows["c"].review) == (None, "")


def test_no_rows_and_empty_partitions(few: DataFrame) -> None:
    assert ours.predict(few.where("false")).collect() == []
    assert sorted(row.id for row in ours.predict(few.repartition(9)).collect()) == ["a", "b", "c", "d"]


def test_names_and_types_that_are_awkward_pass_untouched(few: DataFrame, spark: SparkSession) -> None:
    types = (
        *("timestamp_ntz'2020-01-01 02:30:00'", "interval '1' day", "X'00ff'", "X'61ff'", "cast(null as void)"),
        *("parse_json('{}')", "cast('a' as string collate UTF8_LCASE)", "array(named_struct('b', map('c', 1.5)))"),
    )
    df = few.selectExpr("review", "id", "id as id", *[f"{kind} as `a.{nth}`" for nth, kind in enumerate(types)])
    tagged = ours.predict(df)
    assert tagged.schema.fields[: len(df.columns)] == df.schema.fields
    there = sorted(str(row[: len(df.columns)]) for row in tagged.collect())  # a repartition keeps no order
    assert there == sorted(str(tuple(row)) for row in df.collect())


def test_names_that_are_taken(few: DataFrame, spark: SparkSession) -> None:
    taken = few.withColumnRenamed("id", "Speed")
    with pytest.raises(UsageError, match="there is a column 'speed' already; pass prefix='pred_'"):
        ours.predict(taken)
    columns = ours.predict(taken, prefix="pred_").columns
    assert columns[:4] == ["Speed", "review", "pred_language", "pred_language_confidence"]
    spark.conf.set("spark.sql.caseSensitive", "true")
    try:
        assert ours.predict(taken).columns[:3] == ["Speed", "review", "language"]
        with pytest.raises(UsageError, match="there is no column 'REVIEW'; the columns are: Speed, review"):
            ours.predict(taken, "REVIEW")
    finally:
        spark.conf.unset("spark.sql.caseSensitive")
    assert ours.predict(few, "REVIEW").columns[:3] == ["id", "review", "language"]


@pytest.mark.parametrize(
    ("column", "settings", "message"),
    [
        ("id", {"text": "body"}, "there is no column 'body'; the columns are: review, id"),
        ("id", {"language": "code"}, "there is no column 'code'"),
        ("id as Review", {}, "there is more than one column 'review'"),
        ("1 as n", {"text": "n"}, "column 'n' is no string, but int; cast it, or choose another column"),
        ("array('nl') as known", {"language": "known"}, "column 'known' is no string, but array<string>"),
        ("interval '1' month as since", {}, "a column of such a type: since; cast it to a string"),
        ("id", {"min_confidence": 1.5}, "min_confidence must be from 0 to 1, and not 1.5"),
    ],
)
def test_wrong_usage(few: DataFrame, column: str, settings: dict[str, Any], message: str) -> None:
    df = few.selectExpr("review", column)
    with pytest.raises(UsageError) as caught:
        ours.predict(df, **settings)
    assert message in str(caught.value)


def test_executors_need_no_model_folder(spark: SparkSession, tmp_path: Path) -> None:
    write_model(tiny_model(), tmp_path / "tiny")
    expected = feedbackclf.load(tmp_path / "tiny").label(pa.array(TEXTS)).to_pylist()
    df = spark.createDataFrame(list(enumerate(TEXTS)), "n int, text string").repartition(2)
    tagged, again = (ours.predict(df, "text", model=tmp_path / "tiny") for _ in range(2))
    shutil.rmtree(tmp_path / "tiny")
    for result in (tagged, again):
        rows = [row.asDict() for row in result.orderBy("n").collect()]
        assert [{name: row[name] for name in expected[0]} for row in rows] == expected


def test_a_model_is_sent_once_and_anew_when_its_folder_holds_another(few: DataFrame, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    write_model(tiny_model(), folder)
    sent = ours._sent(few, folder)
    assert ours._sent(few.limit(1), folder) is sent
    write_model(feedbackclf.load().model_, folder)
    assert ours._sent(few, folder) is not sent


def test_a_worker_keeps_the_model_from_task_to_task(few: DataFrame) -> None:
    sent = ours._sent(few, resolve_model("default"))

    def count(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """One row for each task: the process, and how many tasks its classifier has served."""
        for _ in batches:
            pass
        classifier: Any = sent.value
        classifier.tasks = getattr(classifier, "tasks", 0) + 1
        yield pa.record_batch({"pid": [os.getpid()], "tasks": [classifier.tasks]})

    served: dict[int, list[int]] = {}
    for pid, tasks in few.repartition(12).mapInArrow(count, "pid long, tasks long").collect():
        served.setdefault(pid, []).append(tasks)
    assert all(sorted(counts) == list(range(1, len(counts) + 1)) for counts in served.values())
    assert sum(map(len, served.values())) == 12
    assert len(served) <= 2  # one for each executor


def test_text_that_is_not_utf8_is_not_quoted(few: DataFrame) -> None:
    df = few.selectExpr(f"cast(concat(cast('{SECRET}' as binary), X'ff') as string) as review")
    with pytest.raises(Exception, match="column 'review' holds text that is not UTF-8; make_valid_utf8 mends it") as e:
        ours.predict(df).collect()
    assert SECRET not in str(e.value)
    assert ours.predict(df.selectExpr("make_valid_utf8(review) as review")).count() == 4


class Failing:
    """A classifier whose mistakes quote texts."""

    def label(self, texts: pa.Array, *_: object, **__: object) -> pa.RecordBatch:
        raise KeyError(texts[0].as_py())


def one_batch(version: str) -> list[pa.RecordBatch]:
    wish = ours._Wish(ours._Column(0, "review"), None, "", 0.0, False)
    batch = pa.record_batch({"review": [SECRET]})
    return list(ours._labelled(iter([batch]), SimpleNamespace(value=Failing()), wish, version))  # type: ignore[arg-type]


def test_a_mistake_of_ours_quotes_no_text() -> None:
    with pytest.raises(FeedbackError, match="this is a mistake in feedbackclf") as caught:
        one_batch(feedbackclf.__version__)
    said = "".join(traceback.format_exception(caught.value))
    assert "KeyError" in said
    assert SECRET not in said


def test_an_executor_with_another_version() -> None:
    with pytest.raises(FeedbackError, match=r"the driver has feedbackclf 0\.0\.9, and an executor"):
        one_batch("0.0.9")


def test_without_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(FeedbackError, match=r"pip install 'feedbackclf\[spark\]'"):
        ours.predict(SimpleNamespace())  # type: ignore[arg-type]


def test_spark_connect_is_refused() -> None:
    with pytest.raises(UsageError, match="Spark Connect has no broadcasts"):
        ours._sent(SimpleNamespace(sparkSession=SimpleNamespace()), Path())  # type: ignore[arg-type]

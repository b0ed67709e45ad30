"""One classifier, whatever the way to it: the same answers to the last digit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
import pyarrow as pa
import pytest
import spacy

import feedbackclf
from feedbackclf.corpus import Example
from tests.service.running import running

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ODD = [
    "?!",
    "👍🏽 top",
    "Cafe\u0301 très lent",
    "SOOOO slow.Never again",
    "kan jag få hjälp på söndag",
    "x" * 700,
    "slow " * 400,
]


@pytest.fixture(scope="module")
def texts(corpus: tuple[Example, ...]) -> list[str]:
    return [*(example.text for example in corpus[::25]), *ODD]


@pytest.fixture(scope="module")
def expected(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the Python API answers, evidence included."""
    feedbackclf.load()
    return feedbackclf.load().label(pa.array(texts), evidence=True).to_pylist()


def test_the_command_line(run: Any, texts: list[str], expected: list[dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": x}) + "\n" for x in texts), encoding="utf-8")
    for jobs in (1, 2):
        code, out, err = run("predict", tmp_path / "in.jsonl", "--evidence", "--no-progress", "--jobs", jobs)
        assert code == 0, err
        rows = [json.loads(line) for line in out.splitlines()]
        assert [{name: row[name] for name in expected[0]} for row in rows] == expected


def test_the_service(texts: list[str], expected: list[dict[str, Any]]) -> None:
    with running() as server, server.client() as client:
        for size in (1, 7, 100):
            some = texts[: 20 * size]
            found = []
            for begin in range(0, len(some), size):
                asked = {"texts": some[begin : begin + size], "evidence": True}
                found += client.post("/v1/predict", json=asked).raise_for_status().json()["predictions"]
            assert found == expected[: len(some)]


def test_spacy(texts: list[str], expected: list[dict[str, Any]], tmp_path: Path) -> None:
    nlp = spacy.blank("xx")
    nlp.add_pipe("feedbackclf")
    nlp.to_disk(tmp_path / "pipeline")
    for pipeline in (nlp, spacy.load(tmp_path / "pipeline")):
        assert [doc._.feedback for doc in pipeline.pipe(texts, batch_size=64)] == expected
    assert [nlp(text)._.feedback for text in texts[::20]] == expected[::20]


def test_the_export_for_scikit_learn(
    run: Any, texts: list[str], expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    code, _, err = run("models", "export", "default", "--joblib", tmp_path / "model.joblib")
    assert code == 0, err
    loaded = joblib.load(tmp_path / "model.joblib")
    assert loaded.label(pa.array(texts), evidence=True).to_pylist() == expected
    for found, row in zip(loaded.predict(texts), expected, strict=True):
        assert found.language == row["language"]
        assert {name: answer.label for name, answer in found.choices.items()} == {n: row[n] for n in found.choices}
        assert {n: (x.polarity, x.probability) for n, x in found.dimensions.items()} == {
            n: (row[n], row[f"{n}_confidence"]) for n in found.dimensions
        }


def test_spark(spark: SparkSession, texts: list[str], expected: list[dict[str, Any]]) -> None:
    from feedbackclf.spark import predict

    df = spark.createDataFrame(list(enumerate(texts)), "id int, review string").repartition(5)
    rows = {row["id"]: row.asDict() for row in predict(df, evidence=True).collect()}
    assert [{name: rows[nth][name] for name in expected[0]} for nth in range(len(texts))] == expected

"""Spark: the labels as further columns of a DataFrame, by `DataFrame.mapInArrow`.

What reads and writes the data is Spark. A classifier goes to every executor once, as a broadcast. Each Python worker
there keeps it from task to task, and with it what it remembers of the words it has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pyarrow as pa

from feedbackclf import __version__, load
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.errors import FeedbackError, UsageError, where
from feedbackclf.inputs import known_languages
from feedbackclf.label_columns import decoded
from feedbackclf.model_folder import fingerprint, resolve_model

if TYPE_CHECKING:
    from pyspark import Broadcast, SparkContext
    from pyspark.sql import DataFrame

MODELS_KEPT = 4
"""So many models stay with the executors, the last ones used, so that the next call need not send them again."""


@dataclass(frozen=True)
class _Column:
    place: int
    name: str


@dataclass(frozen=True)
class _Wish:
    """What is to be done with batches: the columns to read, and how labels are given."""

    text: _Column
    language: _Column | None
    prefix: str
    min_confidence: float
    evidence: bool


def predict(
    df: DataFrame,
    text: str = "review",
    *,
    language: str | None = None,
    model: str | Path = "default",
    prefix: str = "",
    min_confidence: float = 0.0,
    evidence: bool = False,
) -> DataFrame:
    """The rows of a DataFrame, also of a streaming one, with all columns unchanged and then the labels.

    Names, types (strings, doubles; of evidence also integers) and values are those of the Parquet files of
    `feedbackclf predict`. The schema is known at once; the rows are labelled when Spark needs them. Executors need
    feedbackclf installed in the same version, but no access to the model's folder.

    Args:
        df: of classic Spark, not of Spark Connect.
        text: the column with the texts, strings. A text that is null or empty gets the language `und` and no labels.
        language: the column with the languages that are known, strings; null and "" are detected.
        model: the name of a shipped model, or the path of a model folder on the driver.
        prefix: put before the names of the new columns.
        min_confidence: a label whose probability is less is left out (null), and a column `unsure` names its head.
        evidence: add the columns that quote the words which carry each label.

    Raises:
        UsageError: a column is missing, no string or there already, or an argument cannot be.
        FeedbackError: pyspark is not installed, or the model is not there or damaged.
    """
    types = _spark_types()
    if not 0 <= min_confidence <= 1:
        raise UsageError(f"min_confidence must be from 0 to 1, and not {min_confidence}")
    fold = _folding(df)
    known = None if language is None else _column(df, language, fold)
    wish = _Wish(_column(df, text, fold), known, prefix, min_confidence, evidence)
    sent, version = _sent(df, resolve_model(model)), __version__

    kinds = {pa.string(): types.StringType(), pa.float64(): types.DoubleType(), pa.int32(): types.IntegerType()}
    schema = _label(sent.value, pa.array([], pa.string()), None, wish).schema
    fields = [types.StructField(field.name, kinds[field.type]) for field in schema]
    there = set(map(fold, df.columns))
    taken = next((name for name in schema.names if fold(name) in there), None)
    if taken is not None:
        raise UsageError(f"there is a column {taken!r} already; pass prefix='pred_' to name the labels otherwise")

    def labelled(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return _labelled(batches, sent, wish, version)

    # Spark finds the columns for Python by name, which goes wrong where two have one name, or one has a dot in it.
    numbered = df.toDF(*map(str, range(len(df.columns))))
    try:
        return numbered.mapInArrow(labelled, types.StructType([*df.schema.fields, *fields]))
    except NotImplementedError:
        suspects = [f.name for f in df.schema if "interval" in f.dataType.simpleString()] or df.columns
        raise UsageError(
            f"Spark cannot hand Python a column of such a type: {', '.join(suspects)}; cast it to a string, or drop it"
        ) from None


def _spark_types() -> ModuleType:
    """The module of Spark's types.

    Raises:
        FeedbackError: pyspark is not installed.
    """
    try:
        from pyspark.sql import types
    except ImportError:
        raise FeedbackError("this needs pyspark; install it with: pip install 'feedbackclf[spark]'") from None
    return types


def _folding(df: DataFrame) -> Callable[[str], str]:
    """What makes names the same that Spark takes for the same: by default it does not look at their case."""
    return str if df.sparkSession.conf.get("spark.sql.caseSensitive") == "true" else str.lower


def _column(df: DataFrame, name: str, fold: Callable[[str], str]) -> _Column:
    """The column of that name, which has to be one of strings."""
    names = list(map(fold, df.columns))
    if names.count(fold(name)) != 1:
        how = "more than one column" if fold(name) in names else "no column"
        raise UsageError(f"there is {how} {name!r}; the columns are: {', '.join(df.columns)}")
    types, place = _spark_types(), names.index(fold(name))
    kind = df.schema.fields[place].dataType
    if not isinstance(kind, types.StringType | types.CharType | types.VarcharType):
        raise UsageError(f"column {name!r} is no string, but {kind.simpleString()}; cast it, or choose another column")
    return _Column(place, name)


def _sent(df: DataFrame, folder: Path) -> Broadcast[FeedbackClassifier]:
    """The classifier in the hands of Spark."""
    context = getattr(df.sparkSession, "sparkContext", None)
    if context is None:
        raise UsageError("Spark Connect has no broadcasts to send a model with; run this on the driver of the cluster")
    return _broadcast(context, folder.resolve(), fingerprint(folder))


@lru_cache(MODELS_KEPT)
def _broadcast(context: SparkContext, folder: Path, description: str) -> Broadcast[FeedbackClassifier]:
    return context.broadcast(load(folder))


def _labelled(
    batches: Iterator[pa.RecordBatch], sent: Broadcast[FeedbackClassifier], wish: _Wish, version: str
) -> Iterator[pa.RecordBatch]:
    """What a Python worker does with the batches of a task.

    Raises:
        FeedbackError: this is another version of feedbackclf than that of the driver, or a text is not UTF-8.
    """
    if version != __version__:
        raise FeedbackError(f"the driver has feedbackclf {version}, and an executor {__version__}; install the same")
    classifier = sent.value
    for batch in batches:
        texts = _strings(batch, wish.text)
        languages = None if wish.language is None else known_languages(_strings(batch, wish.language))
        try:
            labels = _label(classifier, texts, languages, wish)
        except Exception as error:  # its message might quote a text, and Spark would write it to its logs
            raise FeedbackError(f"this is a mistake in feedbackclf; please report it:\n{where(error)}") from None
        schema = pa.schema([*batch.schema, *labels.schema], metadata=batch.schema.metadata)
        yield pa.RecordBatch.from_arrays([*batch.columns, *labels.columns], schema=schema)


def _label(classifier: FeedbackClassifier, texts: pa.Array, languages: pa.Array | None, wish: _Wish) -> pa.RecordBatch:
    """The labels of n texts as plain columns."""
    labels = classifier.label(texts, languages, min_confidence=wish.min_confidence, evidence=wish.evidence)
    return decoded(labels).rename_columns([wish.prefix + name for name in labels.schema.names])


def _strings(batch: pa.RecordBatch, column: _Column) -> pa.Array:
    """A column of strings, which Spark does not promise to be UTF-8."""
    strings = batch.column(column.place)
    try:
        strings.validate(full=True)
    except pa.ArrowInvalid:
        raise FeedbackError(f"column {column.name!r} holds text that is not UTF-8; make_valid_utf8 mends it") from None
    return strings.cast(pa.string())

"""The fast scorer is scikit-learn's decision function, whatever the batch."""

from __future__ import annotations

from functools import partial

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from feedbackclf.chunks import chunk_texts
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.columns import NOT_LABELLED, label_columns
from feedbackclf.corpus import Example
from feedbackclf.engine import Engine
from feedbackclf.language import language_features
from feedbackclf.model import Model, feedback_features
from feedbackclf.scoring import ChunkMemory, ColumnScores, ScoreTable, score_texts
from feedbackclf.taxonomy import default_taxonomy
from feedbackclf.vectors import FeatureCounts, FeatureScale, choose_features, feedback_counts, language_counts

LANGUAGES = ("nl", "da", "sv", "en")
ODD = [
    "",
    None,
    " \t\n",
    "?!",
    "👍",
    "AARDIG!!! maar... té duur?? MAAR wel snel",
    "Great.But slow. However, don't go; ok",
    "maar",
    "men men men",
    "Top!!! Nooit meer????!!!!",
]


def score(texts: list[str | None], language: str, table: ScoreTable, memory: ChunkMemory | None = None) -> ColumnScores:
    memory = memory or ChunkMemory(table, partial(feedback_features, language=language))
    return score_texts(chunk_texts(pa.array(texts, pa.string())), table, memory)


def assert_equal(found: ColumnScores, whole: NDArray, segments: NDArray, counts: FeatureCounts) -> None:
    """Scores are those of whole texts, and the highest of those of the segments."""
    np.testing.assert_allclose(found.text, whole, atol=1e-4)
    assert (found.n_segments == np.bincount(counts.text, minlength=len(whole))).all()
    assert (found.n_chunks == counts.n_chunks).all()
    for text in np.flatnonzero(found.n_segments):
        np.testing.assert_allclose(found.best[text], segments[counts.text == text].max(axis=0), atol=1e-4)


@pytest.fixture(scope="module")
def learned(few: list[Example]) -> tuple[FeatureScale, list[LogisticRegression], ScoreTable]:
    """scikit-learn's own models of every column of every head, and the score table made from them."""
    examples = few[::2]
    counts = feedback_counts([x.text for x in examples], [str(x.language) for x in examples]).texts()
    scale = choose_features(counts, min_df=2, ngram_factor=0.6)
    vectors = scale.vectors(counts[:, scale.buckets])
    learners = []
    for column in label_columns(examples, default_taxonomy()):
        known = column.answers != NOT_LABELLED
        assert set(column.answers[known]) == {0, 1}, column.name
        learners.append(LogisticRegression(C=10, solver="liblinear").fit(vectors[known], column.answers[known]))
    coefficients = np.vstack([learner.coef_ for learner in learners]).T
    return scale, learners, scale.table(coefficients, np.concatenate([learner.intercept_ for learner in learners]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_fast_scores_are_the_decision_function_of_every_column(
    language: str, few: list[Example], learned: tuple[FeatureScale, list[LogisticRegression], ScoreTable]
) -> None:
    scale, learners, table = learned
    texts: list[str | None] = [x.text for x in few if x.language == language][1::2] + ODD
    counts = feedback_counts([text or "" for text in texts], [language] * len(texts), scale.buckets)
    whole, segments = scale.vectors(counts.texts()), scale.vectors(counts.segments)
    assert_equal(
        score(texts, language, table),
        np.stack([learner.decision_function(whole) for learner in learners], axis=1),
        np.stack([learner.decision_function(segments) for learner in learners], axis=1),
        counts,
    )


def assert_model_agrees_with_sklearn(model: Model, texts: list[str], languages: list[str]) -> None:
    scale = FeatureScale(model.table.buckets.astype(np.int64), np.sqrt(model.table.norm2))
    counts = feedback_counts(texts, languages, scale.buckets)
    learner = LogisticRegression()
    learner.classes_ = np.arange(len(model.columns))
    learner.coef_ = (model.table.weights / scale.scale[:, None]).T.astype(np.float64)
    learner.intercept_ = model.table.intercepts.astype(np.float64)
    whole = learner.decision_function(scale.vectors(counts.texts()))
    segments = learner.decision_function(scale.vectors(counts.segments))
    found = Engine(model).column_scores(chunk_texts(pa.array(texts, pa.string())), languages)
    assert_equal(found, whole, segments, counts)

    table = model.language.table
    scale = FeatureScale(table.buckets.astype(np.int64), np.sqrt(table.norm2))
    learner.classes_ = np.arange(len(model.language.classes))
    learner.coef_ = (table.weights / scale.scale[:, None]).T.astype(np.float64)
    learner.intercept_ = table.intercepts.astype(np.float64)
    expected = learner.decision_function(scale.vectors(language_counts(texts, scale.buckets)))
    chunked = chunk_texts(pa.array(texts, pa.string()))
    scores = score_texts(chunked, table, ChunkMemory(table, language_features), by_segment=False)
    np.testing.assert_allclose(scores.text, expected, atol=1e-3, rtol=1e-5)  # they are ten times as large


def mixed_texts(corpus: tuple[Example, ...]) -> tuple[list[str], list[str]]:
    texts, languages = [x.text for x in corpus[::20]], [str(x.language) for x in corpus[::20]]
    texts += [text or "" for text in ODD]
    languages += ["und", "nl", "da", "sv", "en", "nl", "en", "nl", "da", "nl"]
    return texts, languages


def test_small_model_agrees_with_sklearn(small_model: Model, corpus: tuple[Example, ...]) -> None:
    assert_model_agrees_with_sklearn(small_model, *mixed_texts(corpus))


def test_shipped_model_agrees_with_sklearn(shipped: FeedbackClassifier, corpus: tuple[Example, ...]) -> None:
    assert_model_agrees_with_sklearn(shipped.model_, *mixed_texts(corpus))


CHUNKS = ["goed", "slecht", "maar", "snel.", "duur!", "de", "service", "was", "👍", "heel,", "Maar", "niet"]
TEXTS = st.lists(st.lists(st.sampled_from(CHUNKS), max_size=8).map(" ".join), min_size=1, max_size=8)


@given(texts=TEXTS, data=st.data())
@settings(max_examples=40, deadline=None)
def test_scores_depend_on_nothing_but_the_text(texts: list[str], data: st.DataObject, small_model: Model) -> None:
    table = small_model.table
    memory = ChunkMemory(table, partial(feedback_features, language="nl"))
    together = score(texts, "nl", table, memory)
    order = data.draw(st.permutations(range(len(texts))))
    shuffled = score([texts[i] for i in order], "nl", table, memory)
    for name in ("text", "best", "length2", "n_chunks", "n_segments"):
        np.testing.assert_allclose(getattr(shuffled, name), getattr(together, name)[order], atol=1e-4)
    for place, text in enumerate(texts):
        np.testing.assert_allclose(score([text], "nl", table).text[0], together.text[place], atol=1e-4)


def test_a_memory_that_forgets_gives_the_same_scores(small_model: Model, corpus: tuple[Example, ...]) -> None:
    texts = [example.text for example in corpus if example.language == "sv"][:60]
    table, featurize = small_model.table, partial(feedback_features, language="sv")
    tiny = ChunkMemory(table, featurize, capacity=50)
    parts = [score(texts[i : i + 3], "sv", table, tiny) for i in range(0, 60, 3)]
    found, expected = ColumnScores.joined(parts), score(texts, "sv", table)
    np.testing.assert_allclose(found.text, expected.text, atol=1e-4)
    np.testing.assert_allclose(found.best, expected.best, atol=1e-4)


def test_languages_of_a_batch_may_be_mixed(small_model: Model, few: list[Example]) -> None:
    engine, sample = Engine(small_model), few[::25]
    texts, languages = [x.text for x in sample], [str(x.language) for x in sample]
    together = engine.column_scores(chunk_texts(pa.array(texts)), languages)
    for place, (text, language) in enumerate(zip(texts, languages, strict=True)):
        alone = score([text], language, small_model.table)
        np.testing.assert_allclose(together.text[place], alone.text[0], atol=1e-4)
        np.testing.assert_allclose(together.best[place], alone.best[0], atol=1e-4)


@pytest.mark.parametrize("text", ["", None, "  \n "])
def test_a_text_of_nothing_scores_the_intercepts(text: str | None, small_model: Model) -> None:
    found = score([text, "prima"], "nl", small_model.table)
    np.testing.assert_array_equal(found.text[0], small_model.table.intercepts)
    np.testing.assert_array_equal(found.best[0], small_model.table.intercepts)
    assert (found.length2[0], found.n_chunks[0], found.n_segments[0]) == (0, 0, 0)


def test_an_empty_batch_has_no_rows(small_model: Model) -> None:
    nothing = pa.array([], pa.string())
    assert score([], "nl", small_model.table).text.shape == (0, len(small_model.columns))
    assert Engine(small_model).column_scores(chunk_texts(nothing), []).best.shape == (0, len(small_model.columns))
    assert Engine(small_model).answer(nothing).languages == []


def test_segments_part_at_sentences_and_contrasts(small_model: Model) -> None:
    texts: list[str | None] = ["Snel geleverd, maar stuk. Jammer!", "Snel geleverd en heel", "Maar nee", "Goed!Fijn"]
    assert score(texts, "nl", small_model.table).n_segments.tolist() == [3, 1, 1, 2]
    assert score(["Fast but broken"], "nl", small_model.table).n_segments.tolist() == [1]

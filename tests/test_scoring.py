"""The fast scorer is scikit-learn's decision function, whatever the batch."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from feedbackclf.chunks import chunk_texts
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.columns import NOT_LABELLED, label_columns
from feedbackclf.corpus import Example
from feedbackclf.engine import Engine
from feedbackclf.language import LANGUAGE_CHUNKS, language_numbers
from feedbackclf.memory import ChunkMemory
from feedbackclf.model import Model
from feedbackclf.scoring import ColumnScores, feedback_scores, normalise
from feedbackclf.segments import find_segments
from feedbackclf.table import ScoreTable
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


def score(texts: list[str | None], language: str, table: ScoreTable) -> ColumnScores:
    chunked = chunk_texts(pa.array(texts, pa.string()))
    memory = ChunkMemory(ScoreTable.empty(), table, [language])
    places = memory.places(chunked, memory.numbers(chunked), np.zeros(len(texts), np.int64))
    return feedback_scores(places, chunked.offsets, table, memory)


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
    kernels_or_not: None,
    language: str,
    few: list[Example],
    learned: tuple[FeatureScale, list[LogisticRegression], ScoreTable],
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
    chunked = chunk_texts(pa.array(texts, pa.string()))
    found = Engine(model).column_scores(chunked, language_numbers(languages, model.taxonomy.languages))
    assert_equal(found, whole, segments, counts)

    table = model.language.table
    scale = FeatureScale(table.buckets.astype(np.int64), np.sqrt(table.norm2))
    learner.classes_ = np.arange(len(model.language.classes))
    learner.coef_ = (table.weights / scale.scale[:, None]).T.astype(np.float64)
    learner.intercept_ = table.intercepts.astype(np.float64)
    beginnings = [" ".join(expected_chunks(text)[:LANGUAGE_CHUNKS]) for text in texts]
    vectors = language_counts(beginnings, scale.buckets)
    memory = ChunkMemory(table, ScoreTable.empty(), [])
    total = memory.language_sums(chunked, memory.numbers(chunked), LANGUAGE_CHUNKS)
    scores, has_letters = normalise(total, table.intercepts), total[:, -1] > 0
    expected = learner.decision_function(scale.vectors(vectors))
    np.testing.assert_allclose(scores, expected, atol=1e-3, rtol=1e-5)  # they are ten times as large
    assert (has_letters == (vectors.sum(axis=1).A1 > 0)).all()


def expected_chunks(text: str) -> list[str]:
    distinct, ids = chunk_texts(pa.array([text])).distinct()
    return [distinct[i] for i in ids.tolist()]


def mixed_texts(corpus: tuple[Example, ...]) -> tuple[list[str], list[str]]:
    texts, languages = [x.text for x in corpus[::20]], [str(x.language) for x in corpus[::20]]
    texts += [text or "" for text in ODD]
    languages += ["und", "nl", "da", "sv", "en", "nl", "en", "nl", "da", "nl"]
    return texts, languages


def test_small_model_agrees_with_sklearn(kernels_or_not: None, small_model: Model, corpus: tuple[Example, ...]) -> None:
    assert_model_agrees_with_sklearn(small_model, *mixed_texts(corpus))


def test_shipped_model_agrees_with_sklearn(shipped: FeedbackClassifier, corpus: tuple[Example, ...]) -> None:
    assert_model_agrees_with_sklearn(shipped.model_, *mixed_texts(corpus))


def test_languages_of_a_batch_may_be_mixed(small_model: Model, few: list[Example]) -> None:
    engine, sample = Engine(small_model), few[::25]
    texts, languages = [x.text for x in sample], [str(x.language) for x in sample]
    numbers = language_numbers(languages, small_model.taxonomy.languages)
    together = engine.column_scores(chunk_texts(pa.array(texts)), numbers)
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
    assert Engine(small_model).column_scores(chunk_texts(nothing), np.zeros(0, np.int64)).best.shape == (
        0,
        len(small_model.columns),
    )
    assert Engine(small_model).answer(nothing).language.tolist() == []


def test_segments_part_at_sentences_and_contrasts(small_model: Model) -> None:
    texts: list[str | None] = ["Snel geleverd, maar stuk. Jammer!", "Snel geleverd en heel", "Maar nee", "Goed!Fijn"]
    assert score(texts, "nl", small_model.table).n_segments.tolist() == [3, 1, 1, 2]
    assert score(["Fast but broken"], "nl", small_model.table).n_segments.tolist() == [1]


def test_words_of_contrast_count_whatever_their_case_and_punctuation(small_model: Model) -> None:
    def segments(text: str, language: str = "nl") -> int:
        return int(score([text], language, small_model.table).n_segments[0])

    assert segments("goed maar duur") == segments("goed MAAR, duur") == segments("goed (maar) duur") == 2
    assert segments("goed maart duur") == segments("goed maar duur", "sv") == segments("goed maar duur", "und") == 1
    assert segments("bra men dyr", "sv") == segments("godt desværre dyrt", "da") == 2
    assert segments("fine though late", "en") == 2


@given(st.lists(st.lists(st.sampled_from(["", "end", "contrast", "both"]), max_size=5), max_size=5))
def test_segments_are_found_for_all_texts_at_once(texts: list[list[str]]) -> None:
    chunks = [chunk for text in texts for chunk in text]
    offsets = np.r_[0, np.cumsum([len(text) for text in texts], dtype=np.int64)]
    ends, contrasts = ([chunk in (kind, "both") for chunk in chunks] for kind in ("end", "contrast"))
    found = find_segments(offsets, np.array(ends, bool), np.array(contrasts, bool))
    start, text_start = [], [0]
    for text, first in zip(texts, offsets.tolist(), strict=False):
        for place, chunk in enumerate(text):
            if place == 0 or chunk in ("contrast", "both") or text[place - 1] in ("end", "both"):
                start.append(first + place)
        text_start.append(len(start))
    assert found.start.tolist() == [*start, len(chunks)]
    assert found.text_start.tolist() == text_start


@pytest.mark.parametrize("n_segments", [1, 2, 15, 16, 17, 40])
def test_the_best_segment_of_texts_of_any_length(n_segments: int, small_model: Model) -> None:
    sentences = ["Snel geleverd!", "Slecht spul.", "Wat vriendelijk?", "Bedankt.", "Te duur!"]
    text = " ".join(sentences[place % 5 if place != 11 else 3] for place in range(n_segments))
    found = score([text, "", *sentences, None], "nl", small_model.table)
    assert found.n_segments.tolist() == [n_segments, 0, 1, 1, 1, 1, 1, 0]
    there = sorted({place % 5 if place != 11 else 3 for place in range(n_segments)})
    np.testing.assert_array_equal(found.best[0], found.text[[2 + place for place in there]].max(axis=0))


def test_parts_and_wholes_of_scores(small_model: Model) -> None:
    texts: list[str | None] = ["Snel geleverd!", "", "Slecht. Maar goedkoop", "Bedankt"]
    found = score(texts, "nl", small_model.table)
    again = ColumnScores.joined([found.take(np.array([0, 1])), found.take(np.array([2, 3]))])
    for name in ("text", "best", "length2", "n_chunks", "n_segments"):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))

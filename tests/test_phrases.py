"""The network of whole numbers does what it says, whatever the batch, compiled or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedbackclf import kernels
from feedbackclf.chunks import chunk_texts
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.columns import label_columns
from feedbackclf.corpus import Example
from feedbackclf.features import N_BUCKETS
from feedbackclf.guesses import Guesses, text_key
from feedbackclf.language import language_numbers
from feedbackclf.learned_phrases import LearnedPhrases, network_scores
from feedbackclf.memory import ChunkMemory
from feedbackclf.model import Model
from feedbackclf.phrases import FURTHEST, LARGEST_TAP, N_TAPS, PhraseNetwork
from feedbackclf.table import ScoreTable
from feedbackclf.table_training import Tables, TableTrainer
from feedbackclf.taxonomy import Head, Taxonomy, default_taxonomy
from feedbackclf.training import TrainingData, train_model
from feedbackclf.vectors import feedback_counts
from tests.messy import MESSY

LANGUAGES = ("nl", "da", "sv", "en")
COLUMNS = ("speed:mentioned", "sentiment:negative")
WORDS = ["goed", "niet", "maar", "snel.", "duur!", "SERVICE", "don't", "👍", "heel,", "?"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join) | MESSY, min_size=1, max_size=6)


def random_network(buckets: np.ndarray, n_dims: int = 5, n_filters: int = 6) -> PhraseNetwork:
    rng = np.random.default_rng(0)
    embeddings = rng.integers(-127, 128, (len(buckets), n_dims + 1))
    embeddings[:, -1] = rng.integers(1, 100, len(buckets))
    arrays = {
        "buckets": buckets.astype(np.int32),
        "embeddings": embeddings.astype(np.int8),
        "filters": rng.integers(-127, 128, (n_dims, N_TAPS * n_filters)).astype(np.int8),
        "units": rng.uniform(0.001, 0.01, N_TAPS * n_filters).astype(np.float32),
        "bias": rng.integers(-50, 50, n_filters).astype(np.int16),
        "weights": rng.normal(0, 0.01, (2 * n_filters, len(COLUMNS))).astype(np.float32),
        "intercepts": np.array([0.5, -0.5], np.float32),
    }
    return PhraseNetwork.of(COLUMNS, 40.0, arrays)


@pytest.fixture(scope="module")
def network(small_model: Model) -> PhraseNetwork:
    return random_network(small_model.table.buckets[::2])


def by_hand(network: PhraseNetwork, text: str, language: str) -> np.ndarray:
    """The same scores, chunk by chunk and filter by filter."""
    row = {bucket: place for place, bucket in enumerate(network.buckets.tolist())}
    chunked = chunk_texts([text])
    chunks = bytes(chunked.codes(np.arange(len(chunked.hashes)))).decode("utf-32-le").split("\n")
    n_filters = len(network.bias)
    taps = []
    for chunk in chunks[: len(chunked.hashes)]:
        counts = feedback_counts([chunk], [language]).texts().tocoo()
        found = [(row[b], int(n)) for b, n in zip(counts.col.tolist(), counts.data, strict=True) if b in row]
        embedded = sum((n * network.embeddings[at].astype(int) for at, n in found), np.zeros(6, int))
        inside = np.clip(np.rint(embedded[:-1] * (network.gain / np.sqrt(max(embedded[-1], 1)))), -FURTHEST, FURTHEST)
        products = inside.astype(int) @ network.filters.astype(int)
        values = np.rint(products.astype(np.float32) * network.units)
        taps.append(np.clip(values, -LARGEST_TAP, LARGEST_TAP).astype(int).reshape(N_TAPS, n_filters))
    highest, total = np.zeros(n_filters), np.zeros(n_filters)
    for place in range(len(taps)):
        answer = network.bias.astype(int)
        for tap in range(N_TAPS):
            other = place + tap - N_TAPS // 2
            if 0 <= other < len(taps):
                answer = answer + taps[other][tap]
        highest, total = np.maximum(highest, answer), total + np.maximum(answer, 0)
    pooled = np.r_[highest, total / np.sqrt(max(len(taps), 1))].astype(np.float32)
    return (pooled.astype(np.float64) @ network.weights.astype(np.float64) + network.intercepts).astype(np.float32)


@given(texts=TEXTS, language=st.sampled_from(LANGUAGES))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_scores_are_those_worked_out_by_hand(
    kernels_or_not: None, network: PhraseNetwork, texts: list[str], language: str
) -> None:
    found = network_scores(network, texts, [language] * len(texts), LANGUAGES)
    np.testing.assert_allclose(found, [by_hand(network, text, language) for text in texts], rtol=1e-6, atol=1e-6)


@given(texts=TEXTS)
@settings(max_examples=40, deadline=None)
def test_compiled_scores_are_numpys_to_the_last_bit(network: PhraseNetwork, texts: list[str]) -> None:
    if kernels.compiled() is None:
        pytest.skip("the kernels are not compiled here")
    codes = ["da"] * len(texts)
    compiled = network_scores(network, texts, codes, LANGUAGES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "compiled", lambda: None)
        assert compiled.tobytes() == network_scores(network, texts, codes, LANGUAGES).tobytes()


def test_a_text_scores_the_same_in_any_company(
    kernels_or_not: None, network: PhraseNetwork, few: list[Example]
) -> None:
    """Longer than a portion, and with a text that is cut by the portions of the NumPy way."""
    texts = [example.text for example in few] * 3 + ["niet goed " * 5_000]
    codes = [example.language or "nl" for example in few] * 3 + ["nl"]
    together = network_scores(network, texts, codes, LANGUAGES)
    for place in (0, 1, 700, len(texts) - 2, len(texts) - 1):
        alone = network_scores(network, [texts[place]], [codes[place]], LANGUAGES)
        assert together[place].tobytes() == alone[0].tobytes()


def test_forgotten_chunks_are_learned_anew(
    kernels_or_not: None, network: PhraseNetwork, small_model: Model, few: list[Example]
) -> None:
    table = small_model.table.with_embeddings(network.buckets, network.embeddings)
    memory = ChunkMemory(ScoreTable.empty(), table, LANGUAGES, 40, network)
    for begin in range(0, 60, 3):
        examples = few[begin : begin + 3]
        texts, codes = [x.text for x in examples], [str(x.language) for x in examples]
        chunked = chunk_texts(texts)
        places = memory.places(chunked, memory.numbers(chunked), language_numbers(codes, LANGUAGES))
        found = network.scores(places, chunked.offsets, memory.taps)
        assert found.tobytes() == network_scores(network, texts, codes, LANGUAGES).tobytes()


def test_a_text_without_words_scores_the_intercepts(kernels_or_not: None, network: PhraseNetwork) -> None:
    assert network_scores(network, ["", " "], ["nl", "und"], LANGUAGES).tolist() == [network.intercepts.tolist()] * 2


def test_embeddings_of_other_features_change_no_score(small_model: Model) -> None:
    table, rng = small_model.table, np.random.default_rng(0)
    buckets = np.union1d(table.buckets[::3], rng.choice(N_BUCKETS, 100, replace=False)).astype(np.int32)
    wider = table.with_embeddings(buckets, rng.integers(-9, 9, (len(buckets), 2)).astype(np.int8))
    at = np.searchsorted(wider.buckets, table.buckets)
    np.testing.assert_array_equal(wider.rows[at], table.rows[:-1])
    assert np.abs(np.delete(wider.rows, at, axis=0)).max() == 0
    assert not wider.embeddings[-1].any()
    embeddings = rng.integers(-9, 9, (len(table.buckets), 2)).astype(np.int8)
    same = table.with_embeddings(table.buckets, embeddings)
    np.testing.assert_array_equal(same.embeddings, np.vstack([embeddings, [[0, 0]]]))
    np.testing.assert_array_equal(same.rows, table.rows)


DAMAGE = {
    "a filter too few": lambda x: {"filters": x.filters[:, 1:]},
    "a dimension too few": lambda x: {"embeddings": x.embeddings[:, 1:]},
    "a column too many": lambda x: {"weights": np.hstack([x.weights, x.weights])},
    "a tap too few": lambda x: {"filters": x.filters[:, 6:], "units": x.units[6:]},
    "too many filters": lambda x: (
        {name: np.repeat(getattr(x, name), 99, -1) for name in ("filters", "units", "bias")}
        | {"weights": np.repeat(x.weights, 99, axis=0)}
    ),
    "features out of order": lambda x: {"buckets": x.buckets[::-1].copy()},
    "a bias out of range": lambda x: {"bias": np.full_like(x.bias, -32768)},
    "no number": lambda x: {"units": np.full_like(x.units, np.nan)},
    "another type": lambda x: {"embeddings": x.embeddings.astype(np.int16)},
    "one dimension": lambda x: {"bias": x.bias[:, None]},
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_arrays_that_do_not_fit_are_refused(kind: str, small_model: Model) -> None:
    network = random_network(small_model.table.buckets[:50])
    with pytest.raises(ValueError, match=r"\w"):
        PhraseNetwork.of(network.columns, network.gain, network.arrays | DAMAGE[kind](network))


def test_a_missing_array_is_refused(small_model: Model) -> None:
    arrays = random_network(small_model.table.buckets[:50]).arrays
    del arrays["units"]
    with pytest.raises(KeyError):
        PhraseNetwork.of(COLUMNS, 1.0, arrays)


def test_texts_that_were_learned_from_get_what_was_said_of_them_out_of_fold(tmp_path: Path, small_model: Model) -> None:
    network = random_network(small_model.table.buckets)
    said = np.array([[1.5, -2.5]], np.float32)
    learned = LearnedPhrases(network, np.array([text_key("niet goed")], np.uint64), said)
    learned.write(tmp_path / "phrases.npz")
    assert b"niet goed" not in (tmp_path / "phrases.npz").read_bytes()
    for one in (learned, LearnedPhrases.read(tmp_path / "phrases.npz")):
        found = one.scores(["heel snel", "niet goed"], ["nl", "nl"], LANGUAGES)
        assert found[1].tolist() == [1.5, -2.5]
        assert found[0].tobytes() == network_scores(network, ["heel snel"], ["nl"], LANGUAGES)[0].tobytes()


def test_heads_learn_from_a_network(few: list[Example], small_model: Model) -> None:
    """One that knows the answer, for texts that the training has not seen the answer of, is believed."""
    network, taxonomy = random_network(small_model.table.buckets), default_taxonomy()
    texts = [example.text for example in few]
    knows = np.array([[float(x.labels["speed"] != "none"), float(x.labels["sentiment"] == "negative")] for x in few])
    keys = np.array([text_key(text) for text in texts], np.uint64)
    learned = LearnedPhrases(network, keys, (4 * knows - 2).astype(np.float32))
    trained = train_model(TrainingData(few, phrases=learned), taxonomy, language=small_model.language)
    assert trained.metrics["heads"]["speed"]["all"]["f1"]["value"] > 0.97
    assert trained.model.phrases is network
    silent = replace(network, weights=np.zeros_like(network.weights), intercepts=np.array([-9, 0], np.float32))
    probabilities = [
        FeedbackClassifier.from_model(replace(trained.model, phrases=one)).predict_proba(["Snel."])["speed"]
        for one in (network, silent)
    ]
    assert (probabilities[0] != probabilities[1]).any()


@pytest.mark.parametrize(
    ("dimension", "has_phrases", "has_guesses", "expected"),
    [
        ("speed", False, False, {"speed"}),
        ("speed", False, True, {"speed", "sentiment"}),
        ("speed", True, True, {"sentiment"}),
        ("speed", True, False, None),
        ("quality", True, False, {"quality"}),  # the network was not asked about it
    ],
)
def test_columns_are_learned_again_where_it_helps(
    dimension: str,
    has_phrases: bool,
    has_guesses: bool,
    expected: set[str] | None,
    few: list[Example],
    small_model: Model,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taxonomy = Taxonomy("two", LANGUAGES, (Head(dimension), default_taxonomy().head("sentiment")))
    weak = [replace(x, text=f"{x.text} hm", labels={}) for x in few[1::9]]
    names = tuple(column.name for column in label_columns([], taxonomy))
    keys, odds = np.array([text_key(x.text) for x in weak], np.uint64), np.ones((len(weak), len(names)), np.float32)
    nobody = np.zeros(0, np.uint64), np.zeros((0, len(COLUMNS)), np.float32)
    told, second_pass = [], TableTrainer.second_pass

    def spied(self: TableTrainer, learned: Tables, *rest: Any) -> Tables:
        told.append(rest[-1])
        found = second_pass(self, learned, *rest)
        for place, name in enumerate(learned.names):
            is_new = (found.final.weights[:, place] != learned.final.weights[:, place]).any()
            assert is_new == (name.split(":")[0] in rest[-1])
        return found

    monkeypatch.setattr(TableTrainer, "second_pass", spied)
    data = TrainingData(
        few[::5],
        weak=weak,
        guesses=Guesses(names, keys, odds) if has_guesses else None,
        phrases=LearnedPhrases(random_network(small_model.table.buckets), *nobody) if has_phrases else None,
    )
    train_model(data, taxonomy, language=small_model.language)
    assert told == ([] if expected is None else [expected])

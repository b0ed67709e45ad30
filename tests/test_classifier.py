from __future__ import annotations

import dataclasses
import math
import pickle
from pathlib import Path

import joblib
import numpy as np
import pyarrow as pa
import pytest
from sklearn.base import clone

import feedbackclf
from feedbackclf import engine
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.corpus import Example
from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.label_columns import has_labels
from feedbackclf.taxonomy import Head, Taxonomy, default_taxonomy

TEXTS = [
    "Binnen een dag geleverd, maar de rits was meteen stuk.",
    "Jeg blev mødt med et smil, tusind tak!",
    "Ingen svarar på mina mejl och jag väntar på pengarna.",
    "Where can I park on Sunday?",
]
EMPTY = ["", "   \n", None]
TAXONOMY = Taxonomy("tiny", ("nl", "en"), (Head("sentiment", ("positive", "negative"), "choice"), Head("speed")))


@pytest.fixture(scope="module")
def sample(corpus: tuple[Example, ...]) -> list[Example]:
    signed = [x for x in corpus if x.labels["sentiment"] in TAXONOMY.heads[0].labels]
    return [x for code in TAXONOMY.languages for x in [y for y in signed if y.language == code][:130]]


@pytest.fixture(scope="module")
def fitted(sample: list[Example]) -> FeedbackClassifier:
    labels = [{name: x.labels[name] for name in ("sentiment", "speed")} for x in sample]
    return FeedbackClassifier(TAXONOMY, seed=1).fit([x.text for x in sample], labels, [x.language for x in sample])


def test_label_gives_the_columns_of_the_contract(small: FeedbackClassifier) -> None:
    labels = small.label(pa.array([*TEXTS, *EMPTY], pa.string()))
    taxonomy = default_taxonomy()
    assert tuple(labels.schema.names) == taxonomy.output_columns
    for name in labels.schema.names:
        of_name = pa.float64() if name.endswith("_confidence") else pa.dictionary(pa.int32(), pa.string())
        assert labels.schema.field(name).type == of_name, name
        assert has_labels(labels.column(name)) == (not name.endswith("_confidence"))
    filled = labels.slice(0, len(TEXTS))
    for head in taxonomy.heads:
        assert set(filled.column(head.name).to_pylist()) <= set(head.labels)
        if head.confidence:
            assert all(0 <= p <= 1 for p in filled.column(f"{head.name}_confidence").to_pylist())
    assert filled.column("language").to_pylist() == ["nl", "da", "sv", "en"]


def test_empty_text_is_und_and_has_no_labels(small: FeedbackClassifier) -> None:
    for row in small.label(pa.array(EMPTY, pa.string())).to_pylist():
        assert row.pop("language") == "und"
        assert set(row.values()) == {None}
    prediction = small.predict([""])[0]
    assert (prediction.language, prediction.language_confidence, prediction.sentiment) == ("und", None, None)
    assert prediction.mentioned == {}
    assert prediction.dimensions["speed"].polarity is None
    assert not prediction.dimensions["speed"].is_mentioned


def test_an_empty_batch_has_the_columns_too(small: FeedbackClassifier) -> None:
    labels = small.label(pa.array([], pa.string()))
    assert (labels.num_rows, tuple(labels.schema.names)) == (0, default_taxonomy().output_columns)
    assert small.predict([]) == []


def test_predictions_are_frozen_and_say_what_label_says(small: FeedbackClassifier) -> None:
    rows = small.label(pa.array(TEXTS)).to_pylist()
    for row, prediction in zip(rows, small.predict(TEXTS), strict=True):
        assert prediction.language == row["language"]
        assert prediction.sentiment == prediction.choices["sentiment"].label == row["sentiment"]
        assert prediction.choices["sentiment"].confidence == row["sentiment_confidence"]
        assert prediction.choices["level"].label == row["level"]
        assert prediction.choices["level"].confidence is None
        assert list(prediction.dimensions) == ["speed", "quality", "greeting", "resolution", "gratitude"]
        for name, found in prediction.dimensions.items():
            assert (found.polarity, found.probability) == (row[name], row[f"{name}_confidence"])
            assert found.is_mentioned == (name in prediction.mentioned)
        with pytest.raises(dataclasses.FrozenInstanceError):
            prediction.language = "nl"  # type: ignore[misc]


def test_probabilities_add_up_and_lead_to_the_labels(small: FeedbackClassifier) -> None:
    probabilities = small.predict_proba(TEXTS)
    taxonomy, rows = default_taxonomy(), small.label(pa.array(TEXTS)).to_pylist()
    assert list(probabilities) == [head.name for head in taxonomy.heads]
    for layer in small.model_.heads:
        head, p = layer.head, probabilities[layer.head.name]
        assert p.shape == (len(TEXTS), len(head.labels))
        assert (p >= 0).all()
        np.testing.assert_allclose(p.sum(axis=1), 1)
        for row, of_text in zip(rows, p, strict=True):
            if not head.is_dimension:
                assert row[head.name] == head.labels[int((of_text * layer.factors).argmax())]
                continue
            mentioned = 1 - of_text[head.labels.index("none")]
            assert math.isclose(row[f"{head.name}_confidence"], mentioned, abs_tol=1e-4)
            assert (row[head.name] != "none") == (mentioned >= layer.threshold)


def test_answers_do_not_depend_on_the_batch(small: FeedbackClassifier, few: list[Example]) -> None:
    texts = [x.text for x in few[::30]]
    together = small.predict_proba(texts)
    for place, text in enumerate(texts):
        for name, alone in small.predict_proba([text]).items():
            np.testing.assert_allclose(alone[0], together[name][place], atol=1e-4)


def test_predict_batch_adds_columns(small: FeedbackClassifier) -> None:
    batch = pa.RecordBatch.from_pydict({"id": [7, 8], "text": TEXTS[:2], "language_hint": ["sv", None]})
    found = small.predict_batch(batch)
    assert tuple(found.schema.names) == ("id", "text", "language_hint", *default_taxonomy().output_columns)
    assert found.select(["id", "text", "language_hint"]).equals(batch)
    assert found.column("language").to_pylist() == ["sv", "da"]
    assert found.column("language_confidence")[0].as_py() == 1
    for name in default_taxonomy().output_columns:
        kind = pa.float64() if name.endswith("_confidence") else pa.string()
        assert found.schema.field(name).type == kind, name
        assert found.column(name).to_pylist() == small.label(batch["text"], batch["language_hint"])[name].to_pylist()


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_texts_of_any_kind_in_a_batch_of_any_size(
    small: FeedbackClassifier, kind: pa.DataType, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = pa.array([None, *TEXTS, "", "Fin " * 40, *TEXTS, "Tak"], pa.string())
    hints = pa.array(["nl", None, "", "sv"] * 3)
    expected = small.label(texts, hints)
    for n_texts, n_bytes in ((3, 1 << 20), (100, 90), (1, 1), (5, 200)):
        monkeypatch.setattr(engine, "PORTION_TEXTS", n_texts)
        monkeypatch.setattr(engine, "PORTION_BYTES", n_bytes)
        assert small.label(texts.cast(kind), hints).equals(expected)
        assert small.label(texts.cast(kind)[2:7], hints[2:7]).equals(expected[2:7])
        assert small.label(pa.nulls(7)).num_rows == 7
        assert small.label(pa.array([], kind)).num_rows == 0


def test_predict_batch_names_the_column_that_is_wrong(small: FeedbackClassifier) -> None:
    with pytest.raises(UsageError, match="'speed'"):
        small.predict_batch(pa.RecordBatch.from_pydict({"text": ["x"], "speed": ["none"]}))
    with pytest.raises(UsageError, match=r"'text'.*review"):
        small.predict_batch(pa.RecordBatch.from_pydict({"review": ["x"]}))


def test_parameters_and_clone(small: FeedbackClassifier) -> None:
    classifier = FeedbackClassifier(TAXONOMY, language_detector="langdetect", seed=3)
    assert classifier.get_params() == {"taxonomy": TAXONOMY, "language_detector": "langdetect", "seed": 3}
    assert classifier.set_params(seed=4) is classifier
    assert clone(classifier).get_params() == classifier.get_params()
    with pytest.raises(ValueError, match="depth"):
        classifier.set_params(depth=2)
    copy = clone(small)
    assert copy.get_params() == small.get_params()
    with pytest.raises(FeedbackError, match="not trained"):
        copy.predict(["x"])


def test_pickle_and_joblib_give_the_same_predictions(small: FeedbackClassifier, tmp_path: Path) -> None:
    expected = small.predict(TEXTS)
    assert pickle.loads(pickle.dumps(small)).predict(TEXTS) == expected
    joblib.dump(small, tmp_path / "model.joblib")
    assert joblib.load(tmp_path / "model.joblib").predict(TEXTS) == expected
    untrained = pickle.loads(pickle.dumps(FeedbackClassifier(seed=2)))
    assert untrained.get_params()["seed"] == 2


def test_fit_learns(fitted: FeedbackClassifier, sample: list[Example]) -> None:
    found = fitted.predict([x.text for x in sample], [x.language for x in sample])
    right = np.mean([p.sentiment == x.labels["sentiment"] for p, x in zip(found, sample, strict=True)])
    assert right > 0.9
    assert fitted.model_.taxonomy == TAXONOMY
    assert fitted.predict(["Wat een snelle levering, dank!"])[0].language == "nl"


def test_save_and_load(fitted: FeedbackClassifier, tmp_path: Path) -> None:
    fitted.save(tmp_path / "mine")
    loaded = feedbackclf.load(tmp_path / "mine")
    assert [p.sentiment for p in loaded.predict(TEXTS)] == [p.sentiment for p in fitted.predict(TEXTS)]
    assert loaded.taxonomy == TAXONOMY
    assert feedbackclf.load(tmp_path / "mine", language_detector="langdetect").predict(TEXTS)[0].language == "nl"


def test_fit_says_what_is_missing(sample: list[Example]) -> None:
    labels = [dict(x.labels) for x in sample[:10]]
    with pytest.raises(FeedbackError, match="only 10 labelled texts"):
        FeedbackClassifier().fit([x.text for x in sample[:10]], labels, ["nl"] * 10)
    with pytest.raises(FeedbackError, match="as many"):
        FeedbackClassifier().fit(["a", "b"], [{}], ["nl", "nl"])
    with pytest.raises(FeedbackError, match="as many"):
        FeedbackClassifier().fit(["a"], [{}], ["nl", "nl"])


def test_fit_without_languages_takes_those_of_the_shipped_model(
    shipped: FeedbackClassifier, sample: list[Example]
) -> None:
    labels = [{"speed": x.labels["speed"]} for x in sample[:120]]
    taxonomy = Taxonomy("speed", default_taxonomy().languages, (Head("speed"),))
    fitted = FeedbackClassifier(taxonomy).fit([x.text for x in sample[:120]], labels)
    assert fitted.model_.language.classes == shipped.model_.language.classes


def test_untrained() -> None:
    with pytest.raises(FeedbackError, match="not trained"):
        FeedbackClassifier().predict(["x"])


@pytest.mark.parametrize("least", [0.3, 0.6, 0.9])
def test_labels_that_are_not_likely_enough_are_left_out_and_named(least: float, small: FeedbackClassifier) -> None:
    texts = [*TEXTS, *EMPTY]
    found = small.label(pa.array(texts, pa.string()), min_confidence=least)
    every, chances = small.label(pa.array(texts, pa.string())), small.predict_proba([text or "" for text in texts])
    assert found.select(every.schema.names[:2]).equals(every.select(every.schema.names[:2]))
    rows = zip(found.to_pylist(), every.to_pylist(), strict=True)
    for place, (row, whole) in enumerate(rows):
        left = []
        for head in small.model_.taxonomy.heads:
            label = whole[head.name]
            if label is not None and chances[head.name][place, head.labels.index(label)] < least:
                left.append(head.name)
                label = None
            assert row[head.name] == label
        assert row["unsure"] == " ".join(left)


def test_every_label_is_kept_unless_confidence_is_asked_for(small: FeedbackClassifier) -> None:
    assert small.label(pa.array(TEXTS)).schema.names == list(small.model_.taxonomy.output_columns)

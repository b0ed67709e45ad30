from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.corpus import Example
from feedbackclf.engine import Engine
from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.language import (
    LANGUAGE_CHUNKS,
    LangdetectDetector,
    ModelDetector,
    choose_language,
    detect_languages,
    language_numbers,
    softmax,
)
from feedbackclf.language_training import train_language
from feedbackclf.model import Model
from feedbackclf.taxonomy import default_taxonomy

LANGUAGES = default_taxonomy().languages
LETTERLESS = ["", "  ", "12,50", "!!! ???", "👍👍", "4/5"]
CLEAR = {
    "nl": "Ik wacht al drie weken op een antwoord en niemand belt mij terug.",
    "da": "Jeg har ventet i tre uger, og der er ikke nogen, der ringer tilbage til mig.",
    "sv": "Jag har väntat i tre veckor och det är ingen som ringer tillbaka till mig.",
    "en": "I have been waiting for three weeks and nobody calls me back.",
}


def codes(numbers: NDArray[np.int64], languages: Sequence[str] = LANGUAGES) -> list[str]:
    return [(*languages, "und")[number] for number in numbers.tolist()]


@pytest.fixture(scope="module", params=["model", "langdetect"])
def engine(request: pytest.FixtureRequest, small_model: Model) -> Engine:
    return Engine(small_model, request.param)


def test_tells_clear_texts(engine: Engine) -> None:
    found = engine.answer(pa.array(list(CLEAR.values())))
    assert codes(found.language) == list(CLEAR)
    assert (found.language_confidence > 0.5).all()
    assert (found.language_confidence <= 1 + 1e-6).all()


def test_a_text_without_letters_is_in_no_language(engine: Engine) -> None:
    found = engine.answer(pa.array([*LETTERLESS, None]))
    assert codes(found.language) == ["und"] * 7
    assert np.isnan(found.language_confidence).all()
    assert found.has_text.tolist() == [False, False, True, True, True, True, False]


def test_given_languages_are_kept_and_the_rest_is_detected(engine: Engine) -> None:
    given_languages = pa.array(["sv", None, "", "da"])
    found = engine.answer(pa.array([CLEAR["en"], CLEAR["nl"], CLEAR["en"], "12"]), given_languages)
    assert codes(found.language) == ["sv", "nl", "en", "da"]
    assert found.language_confidence[[0, 3]].tolist() == [1, 1]
    assert found.language_confidence[1] > 0.5


def test_a_given_language_that_is_not_ours_is_und(small_model: Model) -> None:
    found = Engine(small_model).answer(pa.array([CLEAR["en"], CLEAR["en"]]), pa.array(["zz", "und"]))
    assert codes(found.language) == ["und", "und"]
    np.testing.assert_allclose(
        found.heads.of("sentiment").probabilities[0], found.heads.of("sentiment").probabilities[1], atol=1e-6
    )


def test_detection_does_not_depend_on_the_batch(engine: Engine, few: list[Example]) -> None:
    texts = [example.text[:40] for example in few[::12]]
    together = detect_languages(texts, engine.detector)
    backwards = detect_languages(texts[::-1], engine.detector)[::-1]
    assert [code for code, _ in together] == [code for code, _ in backwards]
    np.testing.assert_allclose([p for _, p in together], [p for _, p in backwards], atol=1e-5)


def test_the_small_model_tells_the_corpus_it_was_not_trained_on(
    small_model: Model, few: list[Example], corpus: tuple[Example, ...]
) -> None:
    known = {example.text for example in few}
    fresh = [example for example in corpus if example.text not in known][::8]
    found = detect_languages([x.text for x in fresh], ModelDetector(small_model.language, LANGUAGES))
    right = np.mean([code == x.language for (code, _), x in zip(found, fresh, strict=True)])
    assert right > 0.97


def test_langdetect_knows_only_useful_profiles() -> None:
    detector = LangdetectDetector(LANGUAGES)
    texts = [
        "Guten Tag, ich habe meine Bestellung immer noch nicht bekommen und möchte mein Geld zurück.",
        "Bonjour, je n'ai toujours pas reçu ma commande et je voudrais être remboursé.",
        "Здравствуйте, я всё ещё не получил свой заказ.",
    ]
    numbers, _ = detector.detect(pa.array(texts))
    assert codes(numbers)[:2] == ["und", "und"]
    assert numbers.max() <= len(LANGUAGES)
    short = ["heel fijn", "ok", "super", "meget fin", "bra", "top service", "tak"]
    found = detect_languages(short, detector)
    assert {code for code, _ in found} <= {*LANGUAGES, "und"}
    np.testing.assert_equal(detect_languages(short, LangdetectDetector(LANGUAGES)), found)  # seeded


def test_numbers_of_languages() -> None:
    numbers = language_numbers(["nl", "und", "en", "zz", "", "nl"], ["en", "nl"])
    assert (numbers.tolist(), numbers.dtype) == ([1, 2, 0, 2, 2, 1], np.int64)
    assert language_numbers([], ["en"]).tolist() == []


def test_an_empty_batch_is_in_no_language(engine: Engine) -> None:
    numbers, confidence = engine.detector.detect(pa.array([], pa.string()))
    assert (numbers.tolist(), confidence.tolist()) == ([], [])


def test_the_beginning_of_a_text_tells_its_language(small_model: Model) -> None:
    detector = ModelDetector(small_model.language, LANGUAGES)
    beginning = " ".join(f"{CLEAR['nl']} {CLEAR['en']}".split() * 3)
    words = beginning.split()[:LANGUAGE_CHUNKS]
    (first,) = detect_languages([" ".join(words)], detector)
    assert (
        detect_languages([" ".join([*words, more]) for more in (CLEAR["sv"] * 5, "?", "ja")], detector) == [first] * 3
    )
    assert detect_languages([" ".join(["12"] * LANGUAGE_CHUNKS + ["ja"])], detector)[0][0] == "und"


def test_choose_language_by_hand() -> None:
    probabilities = np.array([[0.6, 0.1], [0.3, 0.3], [0.4, 0.35], [0.45, 0.1], [1.0, 0.0], [0.0, 0.0]])
    letters = np.array([True, True, True, True, False, True])
    numbers, confidence = choose_language(probabilities, letters)
    assert codes(numbers, ["nl", "en"]) == ["nl", "und", "nl", "nl", "und", "und"]
    np.testing.assert_allclose(confidence, [0.6, 0.4, 0.4, 0.45, np.nan, 1.0])


@given(st.lists(st.lists(st.floats(-30, 30), min_size=3, max_size=3), min_size=1, max_size=5))
def test_choose_language_is_never_less_likely_than_none_of_them(scores: list[list[float]]) -> None:
    p = softmax(np.array(scores))
    np.testing.assert_allclose(p.sum(axis=1), 1)
    numbers, confidence = choose_language(p[:, :2], np.ones(len(p), bool))
    for row, code, sure in zip(p, codes(numbers, ["nl", "en"]), confidence, strict=True):
        other = 1 - row[0] - row[1]
        expected = {"nl": row[0], "en": row[1], "und": other}[code]
        assert math.isclose(sure, expected, abs_tol=1e-9)
        assert sure >= max(other, max(row[:2]) if code != "und" else 0) - 1e-9


def test_a_language_that_is_not_ours_reads_as_und(few: list[Example]) -> None:
    sample = few[::3]
    model = train_language([x.text for x in sample], [str(x.language) for x in sample], ["nl", "da"], seed=0)
    assert model.classes == ("da", "en", "nl", "sv")
    found = detect_languages(CLEAR.values(), ModelDetector(model, ["nl", "da"]))
    assert [code for code, _ in found] == ["nl", "da", "und", "und"]


def test_one_language_is_nothing_to_tell_apart() -> None:
    with pytest.raises(FeedbackError, match="one language"):
        train_language(["goed", "slecht"], ["nl", "nl"], ["nl"], seed=0)


def test_unknown_detector(small_model: Model) -> None:
    with pytest.raises(UsageError, match="model, langdetect"):
        FeedbackClassifier.from_model(small_model, language_detector="guess")


def test_other_languages_are_und_for_the_shipped_model(shipped: FeedbackClassifier) -> None:
    others = [
        "Ich warte seit drei Wochen auf eine Antwort und niemand ruft mich zurück.",
        "J'attends une réponse depuis trois semaines et personne ne me rappelle.",
        "Jeg har ikke fått svar på tre uker, og det er ingen som ringer meg tilbake igjen etterpå.",
    ]
    assert [code for code, _ in shipped.detect_languages(others)] == ["und"] * 3
    assert [code for code, _ in shipped.detect_languages(list(CLEAR.values()))] == list(CLEAR)

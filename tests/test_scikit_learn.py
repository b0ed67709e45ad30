"""`FeedbackClassifier` in what scikit-learn has for estimators, and scikit-learn's own checks of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import SkipTest

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import InputTags, TargetTags, get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator

import feedbackclf
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.corpus import Example
from feedbackclf.errors import FeedbackError
from feedbackclf.prediction import Prediction
from feedbackclf.taxonomy import POLARITIES, Head, Taxonomy, default_taxonomy

PAGE = Path(__file__).parents[1] / "docs" / "scikit-learn.md"
LANGUAGES = default_taxonomy().languages
TAXONOMY = Taxonomy("two", LANGUAGES, (Head("sentiment", ("positive", "negative"), "choice"), Head("speed")))
FOLDS = KFold(2, shuffle=True, random_state=0)

Data = tuple[list[str], list[dict[str, str]]]


@pytest.fixture(autouse=True)
def _load_once(shipped: FeedbackClassifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """`fit` takes the languages of the shipped model; it need not be read each time."""
    monkeypatch.setattr(feedbackclf, "load", lambda *_: shipped)


@pytest.fixture(scope="module")
def data(corpus: tuple[Example, ...]) -> Data:
    signed = [x for x in corpus if x.language in ("nl", "en") and x.labels["sentiment"] in ("positive", "negative")]
    chosen = signed[:: len(signed) // 120][:120]
    return [x.text for x in chosen], [{head.name: x.labels[head.name] for head in TAXONOMY.heads} for x in chosen]


def lower(texts: list[str]) -> list[str]:
    return [text.lower() for text in texts]


def pipeline() -> Pipeline:
    return Pipeline([("lower", FunctionTransformer(lower)), ("feedback", FeedbackClassifier(TAXONOMY))])


def accuracy(predictions: list[Prediction], y: list[dict[str, str]]) -> float:
    """The mean over heads, with every text labelled for every head."""
    pairs = zip(predictions, y, strict=True)
    return float(np.mean([[p.labels[head] == of_text[head] for head in of_text] for p, of_text in pairs]))


def test_a_pipeline_does_what_its_steps_do(data: Data) -> None:
    X, y = data
    fitted, alone = pipeline().fit(X, y), FeedbackClassifier(TAXONOMY).fit(lower(X), y)
    assert fitted.predict(X) == alone.predict(lower(X))
    assert fitted.score(X, y) == alone.score(lower(X), y) == pytest.approx(accuracy(fitted.predict(X), y))
    assert fitted.predict_proba(X)["speed"].shape == (len(X), 4)
    assert "FeedbackClassifier" in fitted._repr_html_()
    assert get_tags(fitted).input_tags.string is False  # those of the first step
    assert get_tags(fitted[-1]).input_tags.string


@pytest.mark.parametrize("kind", [list, lambda x: np.array(x, object)], ids=["list", "array"])
def test_cross_validation_splits_texts_and_dicts(data: Data, kind: Any) -> None:
    X, y = data
    expected = []
    for train, test in FOLDS.split(X):
        fitted = pipeline().fit([X[nth] for nth in train], [y[nth] for nth in train])
        expected.append(accuracy(fitted.predict([X[nth] for nth in test]), [y[nth] for nth in test]))
    np.testing.assert_allclose(cross_val_score(pipeline(), kind(X), kind(y), cv=FOLDS), expected)
    found = cross_val_predict(pipeline(), kind(X), kind(y), cv=FOLDS)
    assert all(isinstance(prediction, Prediction) for prediction in found)
    assert accuracy(list(found), y) == pytest.approx(np.mean(expected))


def test_pandas_columns_are_texts_and_labels(data: Data) -> None:
    pandas = pytest.importorskip("pandas")
    X, y = data
    table = pandas.DataFrame({"text": X, **{head: [of_text[head] for of_text in y] for head in y[0]}})
    labels = table[["sentiment", "speed"]].to_dict("records")
    expected = cross_val_score(pipeline(), X, y, cv=FOLDS)
    assert (cross_val_score(pipeline(), table["text"], labels, cv=FOLDS) == expected).all()
    fitted = FeedbackClassifier(TAXONOMY).fit(table["text"], pandas.Series(labels))
    few = pandas.Series([X[0], None, float("nan")], index=[7, 8, 9])
    assert fitted.predict(few) == fitted.predict([X[0], "", ""])
    assert fitted.predict(few[:1]) == fitted.predict(X[:1])
    table.loc[:20, "speed"] = None
    fewer = [of_text if nth > 20 else {"sentiment": of_text["sentiment"]} for nth, of_text in enumerate(y)]
    assert fitted.score(X, table[["sentiment", "speed"]].to_dict("records")) == fitted.score(X, fewer)


def test_a_grid_search_chooses(data: Data) -> None:
    X, y = data
    only_speed = [{"speed": of_text["speed"]} for of_text in y]
    smaller = replace(TAXONOMY, heads=TAXONOMY.heads[1:])
    search = GridSearchCV(pipeline(), {"feedback__taxonomy": [TAXONOMY, smaller], "feedback__seed": [3]}, cv=FOLDS)
    search.fit(X, only_speed)
    scores = search.cv_results_["mean_test_score"]
    second = pipeline().set_params(**search.cv_results_["params"][1])
    assert scores[1] == cross_val_score(second, X, only_speed, cv=FOLDS).mean()
    assert search.best_score_ == max(scores)
    assert search.best_estimator_[-1].seed == 3
    assert search.score(X, only_speed) == search.best_estimator_.score(X, only_speed)


def test_languages_are_split_as_the_texts_are(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = data
    given, fit, seen = [f"code {text}" for text in X], FeedbackClassifier.fit, []

    def spying(self: Any, X: Any, y: Any, languages: Any) -> FeedbackClassifier:
        seen.append([code == f"code {text}" for text, code in zip(X, languages, strict=True)])
        return fit(self, X, y)

    monkeypatch.setattr(FeedbackClassifier, "fit", spying)
    alone = FeedbackClassifier(TAXONOMY)
    assert cross_val_score(alone, X, y, cv=FOLDS, params={"languages": given}).shape == (2,)
    assert seen == [[True] * 60] * 2


def test_scorers_see_predictions(data: Data) -> None:
    X, y = data

    def speed(gold: list[dict[str, str]], found: list[Prediction]) -> float:
        return float(np.mean([of_text["speed"] == p.labels["speed"] for of_text, p in zip(gold, found, strict=True)]))

    scores = cross_val_score(pipeline(), X, y, cv=FOLDS, scoring=make_scorer(speed))
    found = cross_val_predict(pipeline(), X, y, cv=FOLDS)
    folds = [test for _, test in FOLDS.split(X)]
    np.testing.assert_allclose(scores, [speed([y[nth] for nth in test], found[test].tolist()) for test in folds])


def test_score_is_the_mean_over_heads_of_what_is_labelled(data: Data) -> None:
    fitted = FeedbackClassifier(TAXONOMY).fit(*data)
    texts = data[0][:4]
    gold: list[Any] = [dict(p.labels) for p in fitted.predict(texts)]
    assert fitted.score(texts, gold) == 1
    gold[0]["sentiment"] = "negative" if gold[0]["sentiment"] == "positive" else "positive"
    assert fitted.score(texts, gold) == (3 / 4 + 1) / 2
    gold[1] = {"sentiment": None, "speed": float("nan")}
    assert fitted.score(texts, gold) == (2 / 3 + 1) / 2
    with pytest.raises(FeedbackError, match="no label"):
        fitted.score(texts, [{}] * 4)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("slow", "one text"),
        (["slow", 3], "a list"),
        ([["slow"]], "a list"),
        (np.array([["slow"]]), "a ndarray"),
        (np.zeros(2), "a ndarray"),
        (["secret\ud800"], "a list"),
        (7, "a int"),
    ],
)
def test_what_is_no_text_is_told_and_not_quoted(X: Any, message: str, small: FeedbackClassifier) -> None:
    for method in (small.predict, small.predict_proba):
        with pytest.raises(FeedbackError, match=message) as raised:
            method(X)
        assert "secret" not in str(raised.value)
        assert raised.value.__cause__ is None
        assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize(
    ("of_text", "message"),
    [
        (
            {"speed": "fast"},
            r"y: text 2 has the label 'fast' of speed; its labels are: positive, negative, mixed, none",
        ),
        ({"price": "none"}, r"y: text 2 has a head 'price'; the heads are: sentiment, speed"),
        ({"speed": 1}, r"y: text 2 has the label 1 of speed"),
        ("positive", r"y: what is given of text 2 is a str, and has to be a dict"),
        (None, r"y: what is given of text 2 is a NoneType"),
    ],
)
def test_what_is_no_label_is_told(of_text: Any, message: str, data: Data) -> None:
    X, y = data
    wrong: list[Any] = [y[0], of_text, *y[2:]]
    with pytest.raises(FeedbackError, match=message):
        FeedbackClassifier(TAXONOMY).fit(X, wrong)
    with pytest.raises(FeedbackError, match="y is missing"):
        pipeline().fit(X)


class OnNumbers(FeedbackClassifier):
    """Writes rows of numbers as texts and numbers as polarities, since scikit-learn's checks know nothing else.

    Every row five times, since they have few.
    """

    def fit(self, X: Any, y: Any) -> OnNumbers:  # type: ignore[override]
        polarities = [] if y is None else [{"speed": POLARITIES[int(value) % 4]} for value in np.asarray(y)]
        super().fit(written(X) * 5, polarities * 5)
        return self

    def predict(self, X: Any) -> Any:  # type: ignore[override]
        return np.array([POLARITIES.index(str(p.labels["speed"])) for p in super().predict(written(X))])

    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(written(X))["speed"]

    def score(self, X: Any, y: Any) -> float:
        return float(np.mean(self.predict(X) == y))

    def __sklearn_tags__(self) -> Any:
        numbers, target = InputTags(string=True), TargetTags(required=True)
        return replace(super().__sklearn_tags__(), input_tags=numbers, target_tags=target)


def written(X: Any) -> list[str]:
    """A word for each number: its column and how high it is."""
    rows = np.clip(np.nan_to_num(np.asarray(X)) * 2 + 5, 0, 9).astype(int)
    return [" ".join(f"{'abcdefghij'[n % 10]}{'klmnopqrst'[v]}" for n, v in enumerate(row)) for row in rows]


def checks() -> Iterator[tuple[str, Any, Any]]:
    """Name, estimator and check of everything that scikit-learn checks of estimators."""
    one = Taxonomy("one", LANGUAGES, (Head("speed"),))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it does not inherit from BaseEstimator
        for estimator, check in estimator_checks_generator(OnNumbers(one)):
            function = check.func
            while hasattr(function, "func"):
                function = function.func
            yield function.__name__, estimator, check


def on_the_page() -> tuple[set[str], set[str]]:
    """Names of the checks that pass, and that do not, in docs/scikit-learn.md."""
    section = PAGE.read_text(encoding="utf-8").split("## scikit-learn's own checks")[1]
    passing, rest = section.split("| check |")
    return set(re.findall(r"`(check_\w+)`", passing)), set(re.findall(r"`(check_\w+)`", rest))


@pytest.mark.filterwarnings("ignore")
def test_the_checks_of_scikit_learn_are_those_on_the_page() -> None:
    passed, failed = set(), set()
    for name, estimator, check in checks():
        try:
            check(estimator)
            passed.add(name)
        except SkipTest:
            continue
        except Exception:
            failed.add(name)
    assert on_the_page() == (passed, failed)


def test_parameters_of_steps_and_clones() -> None:
    whole = pipeline().set_params(feedback__seed=5)
    assert whole.get_params()["feedback__seed"] == 5
    copy = clone(whole)
    assert copy.get_params()["feedback__taxonomy"] == TAXONOMY
    assert not copy[-1].__sklearn_is_fitted__()


def test_a_joblib_export_is_read_by_a_python_that_knows_only_joblib(small: FeedbackClassifier, tmp_path: Path) -> None:
    import joblib

    texts = ["Snelle levering, maar de rits was stuk.", "Tusind tak!"]
    joblib.dump(small, tmp_path / "small.joblib")
    code = "import joblib, json, sys; loaded = joblib.load(sys.argv[1]); "
    code += "print(json.dumps([p.labels for p in loaded.predict(json.loads(sys.argv[2]))]))"
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "small.joblib", json.dumps(texts)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [p.labels for p in small.predict(texts)]

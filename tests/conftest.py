"""Models that several tests need: a small one that is trained once, and the shipped one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

import feedbackclf
from feedbackclf import kernels
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.commands import main
from feedbackclf.corpus import Example, read_corpus
from feedbackclf.model import Model
from feedbackclf.model_folder import resolve_model
from feedbackclf.taxonomy import default_taxonomy
from feedbackclf.training import TrainingData, train_model

CORPORA = Path(__file__).parents[1] / "corpora"
PER_LANGUAGE = 150
PER_LABEL = 12


@pytest.fixture(scope="session")
def corpus() -> tuple[Example, ...]:
    return read_corpus([CORPORA], default_taxonomy()).examples


@pytest.fixture(scope="session")
def few(corpus: tuple[Example, ...]) -> list[Example]:
    """About 600 examples, as many of each language, and in each language some of every label it has."""
    chosen: list[Example] = []
    for language in default_taxonomy().languages:
        own = [example for example in corpus if example.language == language]
        by_label = defaultdict(list)
        for place, example in enumerate(own):
            for head, label in example.labels.items():
                by_label[head, label].append(place)
        places = {place for found in by_label.values() for place in found[:PER_LABEL]}
        rest = [place for place in range(len(own)) if place not in places]
        wanted = sorted([*sorted(places), *rest][: max(PER_LANGUAGE, len(places))])
        chosen += [own[place] for place in wanted]
    return chosen


@pytest.fixture(scope="session")
def small_model(few: list[Example]) -> Model:
    return train_model(TrainingData(few), default_taxonomy()).model


@pytest.fixture(scope="session")
def small(small_model: Model) -> FeedbackClassifier:
    return FeedbackClassifier.from_model(small_model)


@pytest.fixture(scope="session")
def shipped() -> FeedbackClassifier:
    try:
        resolve_model("default")
    except feedbackclf.FeedbackError:
        pytest.skip("no shipped model yet: models/default/model.json is not there")
    return feedbackclf.load()


@pytest.fixture
def compiled() -> None:
    """Skips tests where the kernels are not compiled."""
    if kernels.compiled() is None:
        pytest.skip("the kernels are not compiled here")


@pytest.fixture(params=["compiled", "numpy"])
def kernels_or_not(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs tests with the compiled functions and without."""
    if request.param == "numpy":
        monkeypatch.setattr(kernels, "compiled", lambda: None)
    elif kernels.compiled() is None:
        pytest.skip("the kernels are not compiled here")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs the command line in this process; gives exit code, stdout and stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["feedbackclf", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        out = capsys.readouterr()
        return int(stop.value.code or 0), out.out, out.err

    return call

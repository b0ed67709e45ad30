"""Who is compared, and the command lines that do the whole job: a CSV file in, a CSV file with labels out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

BUILD = Path(__file__).parents[1] / "build" / "bench"
FEEDBACKCLF = str(Path(sys.executable).parent / "feedbackclf")
OWN = "feedbackclf"
SHIPPED = Path(__file__).parents[1] / "models" / "default"


@dataclass(frozen=True)
class Contender:
    """One way to do the job.

    Attributes:
        name: of its module in `benchmarks.peers`, or `feedbackclf`.
        title: how tables call it.
        what: what it is made of.
        pair: None, or the two numbers of rows it runs on where others run on 100,000, because it is slow. What
            it would take for 100,000 follows from these.
    """

    name: str
    title: str
    what: str
    pair: tuple[int, int] | None = None

    @property
    def trained(self) -> Path:
        """Where its model is when this benchmark has trained it."""
        return BUILD / "models" / self.name

    @property
    def model(self) -> Path:
        """The folder with all that it needs to predict."""
        return SHIPPED if self.name == OWN else self.trained

    def train(self) -> list[str]:
        """Learn from `corpora/`."""
        if self.name == OWN:
            return [FEEDBACKCLF, "train", "corpora", "-o", str(self.trained), "--jobs", "1"]
        return [*self._module(), "train", str(self.trained)]

    def predict(self, source: Path, target: str, jobs: int) -> list[str]:
        """Label a file; `target` is a file, or - for stdout."""
        if self.name == OWN:
            return [FEEDBACKCLF, "predict", str(source), "-o", target, "--no-progress", "--jobs", str(jobs)]
        return [*self._module(), "predict", str(self.trained), str(source), target, "--jobs", str(jobs)]

    def _module(self) -> list[str]:
        return [sys.executable, "-m", f"benchmarks.peers.{self.name}"]


CONTENDERS = (
    Contender(
        OWN,
        "feedbackclf",
        "the model that this project ships, `feedbackclf predict`. Alone among these it answers level, issue and "
        "loyalty as well, and gives probabilities",
    ),
    Contender(
        "fasttext_pipeline",
        "fastText",
        "`lid.176.ftz` for the language, a supervised model each for sentiment and dimensions (words and pairs of "
        "words, 100 dimensions, one against all for the dimensions), `predict` on lists of texts",
    ),
    Contender(
        "spacy_textcat",
        "spaCy textcat",
        "`spacy.blank('xx')` with three bag-of-words classifiers, `nlp.pipe`. The language is one of them, which is "
        "the simplest that a user of spaCy can do, and quicker than any detector",
        (2_000, 10_000),
    ),
    Contender(
        "lingua_tfidf",
        "lingua + TF-IDF",
        "lingua with four languages, TF-IDF of words, pairs and character 2–5-grams, logistic regression "
        "(scikit-learn), joblib",
        (1_000, 5_000),
    ),
    Contender(
        "obvious",
        "the obvious pipeline",
        "`langdetect.detect`, spaCy's tokens of that language, TF-IDF of words, pairs and character 2–5-grams, "
        "logistic regression (scikit-learn), joblib",
        (300, 1_500),
    ),
)
"""From fast to slow."""

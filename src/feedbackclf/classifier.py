"""`FeedbackClassifier`: a batch of texts in, a batch of labels out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feedbackclf.engine import Engine
from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.estimator_input import Labels, as_labels, as_texts, mean_accuracy
from feedbackclf.explanation import Explanation, explanation
from feedbackclf.label_columns import decoded, label_columns
from feedbackclf.language import DETECTORS, detect_languages
from feedbackclf.model import Model
from feedbackclf.prediction import Prediction, predictions
from feedbackclf.taxonomy import Taxonomy, default_taxonomy


class FeedbackClassifier:
    """Classifies customer feedback, with the manners of a scikit-learn estimator.

    Use `feedbackclf.load()` for one that is trained, or `fit` your own. It works in pipelines, cross-validation and
    grid searches, see docs/scikit-learn.md. It does not inherit from `BaseEstimator`, so that nobody who only predicts
    has to wait for scikit-learn.

    Args:
        taxonomy: what to answer; None is the default taxonomy.
        language_detector: `model` (learned) or `langdetect`.
        seed: makes training reproducible.
    """

    def __init__(self, taxonomy: Taxonomy | None = None, *, language_detector: str = "model", seed: int = 0) -> None:
        self.taxonomy = taxonomy
        self.language_detector = language_detector
        self.seed = seed
        self._engine: Engine | None = None

    @classmethod
    def from_model(cls, model: Model, *, language_detector: str = "model") -> FeedbackClassifier:
        """A classifier that is trained already.

        Raises:
            UsageError: there is no such language detector.
        """
        if language_detector not in DETECTORS:
            raise UsageError(f"no language detector {language_detector!r}; use one of {', '.join(DETECTORS)}")
        classifier = cls(model.taxonomy, language_detector=language_detector)
        classifier._engine = Engine(model, language_detector)
        return classifier

    def fit(
        self, X: Sequence[str], y: Sequence[Labels], languages: Sequence[str | None] | None = None
    ) -> FeedbackClassifier:
        """Train on texts.

        Args:
            X: n texts: a list, an array or a pandas column.
            y: for each text its labels by head, a list or an array of dicts; a head that is absent is not labelled.
            languages: code of each text, None where it is not known. Left out, the shipped model tells them.

        Raises:
            FeedbackError: there is too little to learn from, or something is no text or no label.
        """
        from feedbackclf.corpus import Example
        from feedbackclf.training import TrainingData, train_model

        taxonomy = self.taxonomy or default_taxonomy()
        texts, labels = as_texts(X).to_pylist(), as_labels(y, taxonomy)
        codes = languages if languages is not None else [None] * len(texts)
        if not len(texts) == len(labels) == len(codes):
            raise FeedbackError(f"fit: {len(texts)} texts need as many labels and languages")
        rows = enumerate(zip(texts, codes, labels, strict=True), start=1)
        examples = [Example(text or "", code, own, None, None, "fit", row) for row, (text, code, own) in rows]
        language = None
        if languages is None:
            from feedbackclf import load

            language = load().model_.language
        model = train_model(TrainingData(examples), taxonomy, language=language, seed=self.seed).model
        self._engine = Engine(model, self.language_detector)
        return self

    def predict(self, X: Sequence[str], languages: Sequence[str | None] | None = None) -> list[Prediction]:
        """Predict for n texts, one `Prediction` each; `languages` where they are known."""
        given = None if languages is None else pa.array(languages, pa.string())
        texts = as_texts(X)
        few = texts.to_pylist() if len(texts) == 1 else texts
        return predictions(self.engine_.answer(few, given), self.model_.taxonomy)

    def score(self, X: Sequence[str], y: Sequence[Labels]) -> float:
        """How often labels are right: the mean over heads of the accuracy on the texts labelled for that head.

        It is what cross-validation and grid searches go by if they are given no `scoring`. Where most texts mention no
        dimension, it is high by itself; docs/scikit-learn.md has a scorer that is not.

        Raises:
            FeedbackError: something is no text or no label, or nothing is labelled.
        """
        gold = as_labels(y, self.model_.taxonomy)
        return mean_accuracy(gold, [prediction.labels for prediction in self.predict(X)])

    def explain(self, text: str, language: str | None = None) -> Explanation:
        """Predict for one text, and say which words carry each label; `language` where it is known.

        Contributions are exact: those of all words and the base add up to the log-odds of the label.
        """
        found = self.engine_.take_apart([text], pa.array([language], pa.string()))
        taxonomy = self.model_.taxonomy
        return explanation(text, predictions(found.answers, taxonomy)[0], found, taxonomy)

    def predict_proba(self, X: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """Calibrated probabilities of each head's labels, in the order of `taxonomy.head(name).labels`.

        Returns:
            For each head an array of shape (n_texts, n_labels), rows adding up to 1.
        """
        answers = self.engine_.answer(as_texts(X))
        return {name: found.probabilities for name, found in answers.heads.by_head().items()}

    def predict_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Add the output columns to a batch that has a column `text` and, where known, `language_hint`.

        Raises:
            UsageError: there is no column `text`, or an output column is there already.
        """
        names = batch.schema.names
        if "text" not in names:
            raise UsageError(f"predict_batch: no column 'text' among {', '.join(names)}")
        taken = [name for name in self.model_.taxonomy.output_columns if name in names]
        if taken:
            raise UsageError(f"predict_batch: the batch already has a column {taken[0]!r}; rename it")
        hint = batch.column("language_hint") if "language_hint" in names else None
        labels = decoded(self.label(batch.column("text"), hint))
        return pa.RecordBatch.from_arrays([*batch.columns, *labels.columns], names=[*names, *labels.schema.names])

    def label(
        self,
        texts: pa.Array,
        languages: pa.Array | None = None,
        *,
        min_confidence: float = 0.0,
        evidence: bool = False,
    ) -> pa.RecordBatch:
        """The output columns of a batch of texts, see `Taxonomy.output_columns`; labels are dictionary-encoded.

        Args:
            texts: strings, shape (n,); null is an empty text.
            languages: codes where they are known, null or empty elsewhere, shape (n,).
            min_confidence: a label whose probability is less is left out (null). If it is above 0, a last column
                `UNSURE` names the heads of which that is so, with blanks between.
            evidence: add the columns of `evidence_columns`: the span that carries each label that is not `none`.
        """
        found = self.engine_.answer(texts, languages, evidence=evidence)
        return label_columns(found, texts, self.model_.taxonomy, min_confidence=min_confidence)

    def detect_languages(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """Code and probability of each text's language; the probability is NaN where there are no letters."""
        return detect_languages(texts, self.engine_.detector)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments of the constructor, as scikit-learn's `clone` and grid searches need them."""
        return {"taxonomy": self.taxonomy, "language_detector": self.language_detector, "seed": self.seed}

    def set_params(self, **params: Any) -> FeedbackClassifier:
        """Change arguments of the constructor.

        Raises:
            ValueError: there is no such argument.
        """
        for name, value in params.items():
            if name not in self.get_params():
                raise ValueError(f"FeedbackClassifier has no parameter {name!r}")
            setattr(self, name, value)
        return self

    def save(self, folder: Path | str) -> None:
        """Write the model folder; `feedbackclf.load(folder)` reads it back."""
        from feedbackclf.persistence import write_model

        write_model(self.model_, Path(folder))

    @property
    def model_(self) -> Model:
        """The trained model.

        Raises:
            FeedbackError: there is none yet.
        """
        return self.engine_.model

    @property
    def engine_(self) -> Engine:
        """What scores texts.

        Raises:
            FeedbackError: the classifier is not trained yet.
        """
        if self._engine is None:
            raise FeedbackError("this FeedbackClassifier is not trained yet; call fit, or use feedbackclf.load()")
        return self._engine

    def __sklearn_is_fitted__(self) -> bool:
        return self._engine is not None

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn may expect: texts in, dicts of labels as the target.

        The type is none of scikit-learn's: it takes the labels of a `classifier` for one array.
        """
        from sklearn.utils import InputTags, Tags, TargetTags

        texts = InputTags(one_d_array=True, two_d_array=False, string=True, allow_nan=True)
        target = TargetTags(required=True, one_d_labels=False, multi_output=True, single_output=False)
        return Tags(estimator_type=None, target_tags=target, input_tags=texts)

    def __getstate__(self) -> dict[str, Any]:
        """Without what the engine remembers, which each process builds up again."""
        return {**self.get_params(), "model": None if self._engine is None else self._engine.model}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        model = state["model"]
        self.__dict__.update({name: value for name, value in state.items() if name != "model"})
        self._engine = None if model is None else Engine(model, self.language_detector)

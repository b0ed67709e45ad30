"""TF-IDF and logistic regression of scikit-learn: the two peers that differ in the language detector share it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import joblib
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_union
from sklearn.preprocessing import MultiLabelBinarizer

from benchmarks.peers.common import Example, dimensions

FILE = "model.joblib"


def train(texts: Sequence[str], examples: Sequence[Example], folder: Path, words: TfidfVectorizer) -> None:
    """Learn sentiment and dimensions from words and character n-grams, and save them.

    Args:
        texts: of the examples, as they are to be vectorised.
        examples: for their labels.
        folder: where the model goes.
        words: the vectoriser for words, not yet fitted.
    """
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True)
    vectors = make_union(words, characters)
    binary = MultiLabelBinarizer()
    remarks = binary.fit_transform([example.remarks for example in examples])
    matrix = vectors.fit_transform(texts)
    sentiment = LogisticRegression(C=10, max_iter=1000).fit(matrix, [example.sentiment for example in examples])
    remark = OneVsRestClassifier(LogisticRegression(C=10, max_iter=1000)).fit(matrix, remarks)
    joblib.dump((vectors, sentiment, remark, binary), folder / FILE)


class Tagger:
    """Sentiment and dimensions of texts."""

    def __init__(self, folder: Path) -> None:
        self.vectors, self.sentiment, self.remark, self.binary = joblib.load(folder / FILE)

    def __call__(self, texts: Sequence[str]) -> list[list[str]]:
        matrix = self.vectors.transform(texts)
        remarks = self.binary.inverse_transform(self.remark.predict(matrix))
        return [[mood, *dimensions(said)] for mood, said in zip(self.sentiment.predict(matrix), remarks, strict=True)]

"""What the shipped model is compared with, learned from the same labelled texts.

Each peer gives answers as `feedbackclf.evaluation.report` wants them. Thresholds are chosen on texts that a peer has
not learned from, as those of the shipped model are.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf.columns import DIMENSION_QUESTIONS, label_columns, says_yes
from feedbackclf.corpus import Example
from feedbackclf.heads import HeadAnswers
from feedbackclf.metrics import best_threshold
from feedbackclf.taxonomy import NOT_MENTIONED, Head, Taxonomy

Floats = NDArray[np.float64]
Answers = dict[str, HeadAnswers]
Sizes = tuple[int, int]
"""How many of the first texts are a sample of real feedback, and how many are real feedback."""
Peer = Callable[[Sequence[Example], Sizes, Sequence[Example], Taxonomy], Answers]
SENTENCE = re.compile(r"(?<=[.!?;\n])\s+|, (?=men |maar |but |och |og |en )|\bmen\b|\bmaar\b|\bbut\b")
N_FOLDS = 4


def reference(learned: Sequence[Example], sizes: Sizes, asked: Sequence[Example], taxonomy: Taxonomy) -> Answers:
    """TF-IDF of words, pairs and character n-grams, logistic regression, and for dimensions also its highest score for
    a sentence, stacked. The second layer is learned on the sample.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion

    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2, token_pattern=r"(?u)\b\w+\b|[!?.]+")
    letters = TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 6), min_df=3)
    union = FeatureUnion([("words", words), ("letters", letters)])
    texts = union.fit_transform([x.text for x in learned])
    sentences, owner = _sentences(learned)
    pieces = union.transform(sentences)
    asked_sentences, asked_owner = _sentences(asked)
    asked_texts, asked_pieces = union.transform([x.text for x in asked]), union.transform(asked_sentences)
    n_sample, n_real = sizes
    weights = np.r_[np.ones(n_real), np.full(len(learned) - n_real, 0.7)]
    fold = np.random.default_rng(0).integers(N_FOLDS, size=len(learned))

    def fit(rows: NDArray[np.bool_], gold: NDArray[np.bool_]) -> Any:
        learner = LogisticRegression(C=8, class_weight="balanced", max_iter=400, solver="liblinear")
        return learner.fit(texts[rows], gold[rows], weights[rows])

    def ask(gold: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Probabilities out of fold for the real texts, and for those that are asked about."""
        seen = np.zeros((len(learned), 2))
        for number in range(N_FOLDS):
            out = fold == number
            learner = fit(~out, gold)
            seen[out, 0] = learner.decision_function(texts[out])
            inside = out[owner]
            seen[out, 1] = _highest(learner.decision_function(pieces[inside]), owner[inside], len(learned))[out]
        learner = fit(np.ones(len(learned), bool), gold)
        best = _highest(learner.decision_function(asked_pieces), asked_owner, len(asked))
        layer = LogisticRegression().fit(seen[:n_sample], gold[:n_sample])
        columns = np.column_stack([learner.decision_function(asked_texts), best])
        return layer.predict_proba(seen[:n_sample])[:, 1], layer.predict_proba(columns)[:, 1]

    answers = {}
    for head in taxonomy.heads:
        labels = np.array([x.labels[head.name] for x in learned])
        if head.is_dimension:
            found = {name: ask(np.isin(labels, list(says_yes(head, name)))) for name in DIMENSION_QUESTIONS}
            gold = labels[:n_sample] != NOT_MENTIONED
            answers[head.name] = _dimension(head, {n: p for n, (_, p) in found.items()}, found["mentioned"][0], gold)
        elif head.name == "sentiment":
            chances = np.column_stack([ask(labels == label)[1] for label in head.labels])
            answers[head.name] = _choice(chances / chances.sum(axis=1, keepdims=True))
    return answers


def fasttext(learned: Sequence[Example], sizes: Sizes, asked: Sequence[Example], taxonomy: Taxonomy) -> Answers:
    """fastText with pairs of words and character n-grams; one model of all dimensions, one of the sentiment."""
    import fasttext as library

    from benchmarks.peers.fasttext_pipeline import PREFIX, cleaned

    names = [f"{head.name}:{question}" for head in taxonomy.dimensions for question in DIMENSION_QUESTIONS]

    def questions(example: Example) -> list[str]:
        columns = label_columns([example], taxonomy)
        return [column.name for column in columns if column.name in names and column.answers[0] == 1]

    def train(rows: Sequence[Example], labels: Callable[[Example], list[str]], loss: str) -> Any:
        said = [(labels(row), cleaned(row.text)) for row in rows]
        lines = [" ".join([*(PREFIX + label for label in of_text), text]) for of_text, text in said if of_text]
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            return library.train_supervised(
                file.name,
                loss=loss,
                lr=0.5,
                epoch=25,
                dim=100,
                wordNgrams=2,
                minn=2,
                maxn=5,
                bucket=500_000,
                thread=1,
                verbose=0,
            )

    def chances(model: Any, rows: Sequence[Example], names: Sequence[str]) -> Floats:
        table = np.zeros((len(rows), len(names)))
        for row, example in enumerate(rows):
            found = dict(zip(*model.predict(cleaned(example.text), k=-1), strict=True))
            table[row] = [found.get(PREFIX + name, 0.0) for name in names]
        return table

    out = np.zeros(len(learned), bool)
    n_sample, _ = sizes
    out[np.random.default_rng(0).permutation(n_sample)[: n_sample // N_FOLDS]] = True
    kept = [x for x, left_out in zip(learned, out.tolist(), strict=True) if not left_out]
    left = [x for x, left_out in zip(learned, out.tolist(), strict=True) if left_out]
    before = chances(train(kept, questions, "ova"), left, names)
    after = chances(train(learned, questions, "ova"), asked, names)
    answers = {}
    for place, head in enumerate(taxonomy.dimensions):
        found = {question: after[:, 3 * place + k] for k, question in enumerate(DIMENSION_QUESTIONS)}
        gold = np.array([x.labels[head.name] != NOT_MENTIONED for x in left])
        answers[head.name] = _dimension(head, found, before[:, 3 * place], gold)
    head = taxonomy.head("sentiment")
    model = train(learned, lambda example: [example.labels[head.name]], "softmax")
    answers[head.name] = _choice(chances(model, asked, head.labels))
    return answers


def _dimension(head: Head, found: dict[str, Floats], out_of_fold: Floats, gold: NDArray[np.bool_]) -> HeadAnswers:
    mentioned = found["mentioned"]
    threshold = best_threshold(out_of_fold, gold)
    both = (found["positive"] >= 0.5) & (found["negative"] >= 0.5)
    sign = np.where(found["positive"] >= found["negative"], "positive", "negative")
    label = np.where(mentioned < threshold, NOT_MENTIONED, np.where(both, "mixed", sign))
    places = np.array([head.labels.index(name) for name in label.tolist()], np.int64)
    return HeadAnswers(places, mentioned, np.zeros((len(places), len(head.labels))))


def _choice(chances: Floats) -> HeadAnswers:
    return HeadAnswers(chances.argmax(axis=1), chances.max(axis=1), chances)


def _sentences(examples: Sequence[Example]) -> tuple[list[str], NDArray[np.int64]]:
    """The sentences of all texts, and which text each is from."""
    parts = [[part for part in SENTENCE.split(x.text) if part and part.strip()] or [x.text] for x in examples]
    return [part for of_text in parts for part in of_text], np.repeat(np.arange(len(parts)), [len(x) for x in parts])


def _highest(scores: Floats, owner: NDArray[np.int64], n: int) -> Floats:
    best = np.full(n, -1e9)
    np.maximum.at(best, owner, scores)
    return best


PEERS: dict[str, Peer] = {"TF-IDF and logistic regression": reference, "fastText": fasttext}

"""spaCy: three bag-of-words text classifiers in one blank pipeline, for language, sentiment and dimensions.

The language is a text classifier as well: a spaCy user has it at hand, and any detector of languages would be slower.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example as SpacyExample
from spacy.util import fix_random_seed, minibatch

from benchmarks.peers.common import LANGUAGES, Example, Label, dimensions, examples, run

EPOCHS = 10
BATCH = 32
SENTIMENTS = ("positive", "negative", "neutral", "mixed")
LONGEST = 1_000_000_000


def classifier(name: str, several: bool, learned: Sequence[tuple[str, Iterable[str]]]) -> Language:
    """A pipeline with one text classifier, trained; `several` labels per text or one."""
    fix_random_seed(0)
    labels = sorted({label for _, own in learned for label in own})
    nlp = spacy.blank("xx")
    kind = "textcat_multilabel" if several else "textcat"
    model = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": not several, "ngram_size": 1}
    model |= {"no_output_layer": False, "length": 262144}
    nlp.add_pipe(kind, name=name, config={"model": model})
    data = [
        SpacyExample.from_dict(nlp.make_doc(text), {"cats": {label: float(label in set(own)) for label in labels}})
        for text, own in learned
    ]
    optimizer = nlp.initialize(lambda: data)
    for _ in range(EPOCHS):
        random.shuffle(data)
        for batch in minibatch(data, BATCH):
            nlp.update(batch, sgd=optimizer)
    return nlp


def train(folder: Path) -> None:
    """Learn from the corpora."""
    learned: list[Example] = examples()
    parts = {
        "language": classifier("language", False, [(example.text, [example.language]) for example in learned]),
        "sentiment": classifier("sentiment", False, [(example.text, [example.sentiment]) for example in learned]),
        "dimensions": classifier("dimensions", True, [(example.text, example.remarks) for example in learned]),
    }
    nlp = spacy.blank("xx")
    for name, part in parts.items():
        nlp.add_pipe(name, source=part)
    nlp.to_disk(folder)


def load(folder: Path) -> Label:
    """Read the pipeline."""
    nlp = spacy.load(folder)
    nlp.max_length = LONGEST

    def label(texts: Sequence[str]) -> list[list[str]]:
        return [answer(doc) for doc in nlp.pipe(texts)]

    return label


def answer(doc: Doc) -> list[str]:
    """Language, sentiment and dimensions."""
    scores = doc.cats
    remarks = [name for name in sorted(scores, key=scores.__getitem__, reverse=True) if ":" in name]
    said = dimensions(name for name in remarks if scores[name] >= 0.5)
    return [max(LANGUAGES, key=scores.__getitem__), max(SENTIMENTS, key=scores.__getitem__), *said]


if __name__ == "__main__":
    run(train, load)

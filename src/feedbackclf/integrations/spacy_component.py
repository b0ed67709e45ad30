"""The spaCy component `feedbackclf`: labels, probabilities and evidence on a `Doc`. See docs/spacy.md."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, cast

import msgspec
import pyarrow as pa
from spacy.language import Language
from spacy.tokens import Doc, Span

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.engine import BatchAnswers
from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.label_columns import decoded, label_columns, rounded
from feedbackclf.model_folder import (
    CARD,
    DESCRIPTION,
    MAX_CARD,
    METRICS,
    WEIGHTS,
    read_bytes,
    read_json,
    resolve_model,
)
from feedbackclf.persistence import read_model, write_model
from feedbackclf.taxonomy import Taxonomy

NAME = "feedbackclf"
"""Of the factory, of its entry point, and of the spans."""

_FILES = (WEIGHTS, METRICS, CARD, DESCRIPTION)
"""Of a model folder; no other name is taken from bytes, which may be a stranger's."""

if not Doc.has_extension("feedback"):
    Doc.set_extension("feedback", default=None)


class FeedbackComponent:
    """Sets `doc.cats`, `doc._.feedback` and `doc.spans["feedbackclf"]`.

    Args:
        model: name or path of a model. It is read when it is first needed, so that a pipeline that brings its own model
            does not need this one.
        evidence: whether to find the words that carry each label, which takes longer.
        language: the language of all texts; None has it told for each.
    """

    def __init__(self, model: str = "default", *, evidence: bool = True, language: str | None = None) -> None:
        self.evidence = evidence
        self.language = language
        self._model = model
        self._classifier: FeedbackClassifier | None = None
        self._papers: dict[str, Any] = {}  # the card and the metrics, which go where the model goes

    @property
    def classifier(self) -> FeedbackClassifier:
        """What labels the texts.

        Raises:
            FeedbackError: there is no such model, or it is damaged.
            UsageError: it does not know the language.
        """
        if self._classifier is None:
            self._classifier = self._read(resolve_model(self._model))
        return self._classifier

    def __call__(self, doc: Doc) -> Doc:
        self._set([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 1000) -> Iterator[Doc]:
        """Label documents batch by batch, which is many times faster than one by one."""
        docs_left = iter(stream)
        while docs := list(islice(docs_left, batch_size)):
            self._set(docs)
            yield from docs

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        """Write the model as a model folder; `feedbackclf.load(path)` reads it, too."""
        write_model(self.classifier.model_, Path(path), **self._papers)

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> FeedbackComponent:
        """Take the model of a folder instead of the one that was named.

        Raises:
            FeedbackError: the folder is damaged.
        """
        self._classifier = self._read(Path(path))
        return self

    def to_bytes(self, *, exclude: Sequence[str] = ()) -> bytes:
        """The files of the model folder by name, as MessagePack."""
        with tempfile.TemporaryDirectory() as folder:
            self.to_disk(folder)
            return msgspec.msgpack.encode({file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())})

    def from_bytes(self, data: bytes, *, exclude: Sequence[str] = ()) -> FeedbackComponent:
        """What `to_bytes` gave.

        Raises:
            FeedbackError: it is something else, or damaged.
        """
        try:
            files = msgspec.msgpack.decode(data, type=dict[str, bytes])
        except msgspec.MsgspecError:
            raise FeedbackError("these bytes are none that the component feedbackclf wrote; write them anew") from None
        with tempfile.TemporaryDirectory() as folder:
            for name in _FILES:
                if name in files:
                    (Path(folder) / name).write_bytes(files[name])
            return self.from_disk(folder)

    def _read(self, folder: Path) -> FeedbackClassifier:
        model = read_model(folder)
        known = model.taxonomy.languages
        if self.language is not None and self.language not in known:
            raise UsageError(f"language {self.language}: this model knows {', '.join(known)}; or leave it None")
        self._papers = _papers(folder)
        return FeedbackClassifier.from_model(model)

    def _set(self, docs: Sequence[Doc]) -> None:
        texts = pa.array([doc.text for doc in docs], pa.large_string())
        given = None if self.language is None else pa.array([self.language] * len(docs), pa.string())
        found = self.classifier.engine_.answer(texts, given, evidence=self.evidence)
        taxonomy = self.classifier.model_.taxonomy
        rows = decoded(label_columns(found, texts, taxonomy)).to_pylist()
        for doc, row, cats in zip(docs, rows, _cats(found, taxonomy), strict=True):
            doc._.feedback = row
            doc.cats |= cats
            if self.evidence:
                doc.spans[NAME] = list(_spans(doc, row, taxonomy))


@Language.factory(
    NAME,
    assigns=["doc.cats", "doc.spans", "doc._.feedback"],
    default_config={"model": "default", "evidence": True, "language": None},
)
def create(nlp: Language, name: str, model: str, evidence: bool, language: str | None) -> FeedbackComponent:
    """Make the component; `nlp.add_pipe("feedbackclf")` calls it."""
    return FeedbackComponent(model, evidence=evidence, language=language)


def _cats(found: BatchAnswers, taxonomy: Taxonomy) -> Iterator[dict[str, float]]:
    """For each text the probability of each label of each head, none for an empty text."""
    names = [f"{head.name}:{label}" for head in taxonomy.heads for label in head.labels]
    for p, has_text in zip(rounded(found.heads.probabilities).T.tolist(), found.has_text.tolist(), strict=True):
        yield dict(zip(names, p, strict=True)) if has_text else {}


def _spans(doc: Doc, row: Mapping[str, Any], taxonomy: Taxonomy) -> Iterator[Span]:
    """The evidence of each head that has some, as whole tokens."""
    for head in taxonomy.heads:
        start, length = row[f"{head.name}_evidence_start"], row[f"{head.name}_evidence_length"]
        if start is not None:
            label = f"{head.name}:{row[head.name]}"
            # None would be a span outside the text.
            yield cast("Span", doc.char_span(start, start + length, label=label, alignment_mode="expand"))


def _papers(folder: Path) -> dict[str, Any]:
    """The metrics and the card of a model folder, which need not be there, for `write_model`."""
    papers: dict[str, Any] = {}
    if (folder / METRICS).exists():
        papers["metrics"] = read_json(folder / METRICS)
    if (folder / CARD).exists():
        papers["card"] = read_bytes(folder / CARD, MAX_CARD).decode(errors="replace")
    return papers

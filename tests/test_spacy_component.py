"""The spaCy component says what `FeedbackClassifier` says, and goes with its pipeline."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import spacy
from spacy.tokens import DocBin

import feedbackclf
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.engine import Engine
from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.integrations.spacy_component import FeedbackComponent
from feedbackclf.persistence import write_model
from tests.tiny import tiny_model

ROOT = Path(__file__).parents[1]
TEXTS = [
    "Snelle levering, maar de rits was na een dag stuk.",
    "Jeg blev mødt med et smil 🙂, tusind tak!",
    "",
    "Ingen svarar på mina mejl\u00a0och  jag\nväntar på pengarna.",
    " \n ",
    "slow.Never again",
    "Where can I park on Sunday?",
]


@pytest.fixture(scope="module")
def folder(small: FeedbackClassifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with everything that there can be."""
    made = tmp_path_factory.mktemp("models") / "small"
    write_model(small.model_, made, {"speed": {"f1": 0.5}}, "# Card\n")
    return made


@pytest.fixture
def nlp(folder: Path) -> Any:
    pipeline = spacy.blank("nl")
    pipeline.add_pipe("feedbackclf", config={"model": str(folder)})
    return pipeline


def said(doc: Any) -> tuple[Any, ...]:
    spans = [(span.start_char, span.end_char, span.label_) for span in doc.spans["feedbackclf"]]
    return doc._.feedback, dict(doc.cats), spans


@pytest.mark.parametrize("language", [None, "sv"])
def test_it_says_what_the_classifier_says(folder: Path, language: str | None) -> None:
    classifier, nlp = feedbackclf.load(folder), spacy.blank("en")
    nlp.add_pipe("feedbackclf", config={"model": str(folder), "language": language})
    given = None if language is None else pa.array([language] * len(TEXTS))
    rows = classifier.label(pa.array(TEXTS, pa.large_string()), given, evidence=True).to_pylist()
    for text, row, doc in zip(TEXTS, rows, nlp.pipe(TEXTS), strict=True):
        assert doc._.feedback == row
        assert said(nlp(text)) == said(doc)


def test_cats_are_the_probabilities_of_all_labels(nlp: Any, folder: Path) -> None:
    probabilities = feedbackclf.load(folder).predict_proba(TEXTS)
    heads = feedbackclf.default_taxonomy().heads
    for nth, doc in enumerate(nlp.pipe(TEXTS)):
        expected = {
            f"{head.name}:{label}": round(float(p), 4)
            for head in heads
            for label, p in zip(head.labels, probabilities[head.name][nth], strict=True)
        }
        assert doc.cats == (expected if TEXTS[nth].strip() else {})


def test_spans_are_the_tokens_of_the_evidence(nlp: Any) -> None:
    n_spans = 0
    for doc in nlp.pipe(TEXTS):
        row = doc._.feedback
        quoted = {name.removesuffix("_evidence"): row[name] for name in row if name.endswith("_evidence") and row[name]}
        assert [span.label_ for span in doc.spans["feedbackclf"]] == [f"{head}:{row[head]}" for head in quoted]
        for span, (head, quote) in zip(doc.spans["feedbackclf"], quoted.items(), strict=True):
            start = row[f"{head}_evidence_start"]
            assert doc.text[start : start + len(quote)] == quote
            assert span.start_char <= start
            assert start + len(quote) <= span.end_char
            for token in (span[0], span[-1]):  # no token more than it takes
                assert token.idx < start + len(quote)
                assert token.idx + len(token) > start
            n_spans += 1
    assert n_spans > 5


def test_without_evidence_there_are_no_spans(folder: Path) -> None:
    nlp = spacy.blank("da")
    nlp.add_pipe("feedbackclf", config={"model": str(folder), "evidence": False})
    doc = nlp(TEXTS[0])
    assert "feedbackclf" not in doc.spans
    assert set(doc._.feedback) == set(feedbackclf.default_taxonomy().output_columns)


def test_what_others_put_on_a_doc_stays(nlp: Any) -> None:
    doc = nlp.make_doc(TEXTS[0])
    doc.cats, doc.spans["other"] = {"SPAM": 0.5}, [doc[0:1]]
    nlp.get_pipe("feedbackclf")(doc)
    assert doc.cats["SPAM"] == 0.5
    assert len(doc.cats) > 1
    assert set(doc.spans) == {"other", "feedbackclf"}


def test_batches_are_answered_as_batches(nlp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, answer = [], Engine.answer
    monkeypatch.setattr(Engine, "answer", lambda *a, **options: sizes.append(len(a[1])) or answer(*a, **options))
    assert [doc.text for doc in nlp.pipe(iter(TEXTS), batch_size=3)] == TEXTS
    assert sizes == [3, 3, 1]
    assert list(nlp.pipe([])) == []


def test_a_pipeline_on_disk_brings_its_model(nlp: Any, folder: Path, tmp_path: Path) -> None:
    expected = [said(doc) for doc in nlp.pipe(TEXTS)]
    nlp.to_disk(tmp_path / "pipeline")
    there = tmp_path / "pipeline" / "feedbackclf"
    names = ["README.md", "metrics.json", "model.json", "weights.npz"]
    assert sorted(file.name for file in there.iterdir()) == names
    assert all((there / name).read_bytes() == (folder / name).read_bytes() for name in names)
    config = tmp_path / "pipeline" / "config.cfg"
    config.write_text(config.read_text().replace(str(folder), "gone"))
    loaded = spacy.load(tmp_path / "pipeline")
    assert [said(doc) for doc in loaded.pipe(TEXTS)] == expected
    assert feedbackclf.load(there).predict(TEXTS) == feedbackclf.load(folder).predict(TEXTS)


def test_a_pipeline_as_bytes_brings_its_model(nlp: Any) -> None:
    data, other = nlp.to_bytes(), spacy.blank("nl")
    other.add_pipe("feedbackclf", config={"model": "gone"})
    other.from_bytes(data)
    assert [said(doc) for doc in other.pipe(TEXTS)] == [said(doc) for doc in nlp.pipe(TEXTS)]
    assert other.get_pipe("feedbackclf").to_bytes() == nlp.get_pipe("feedbackclf").to_bytes()


def test_bytes_of_a_stranger_write_no_other_file(nlp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import msgspec

    component = nlp.get_pipe("feedbackclf")
    files = msgspec.msgpack.decode(component.to_bytes())
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    component.from_bytes(msgspec.msgpack.encode({**files, "../../stray": b"x"}))
    assert [file.name for file in tmp_path.rglob("*")] == ["temporary"]
    for damaged in (
        b"",
        b"\xc1",
        pickle.dumps(1),
        msgspec.msgpack.encode({"model.json": 1}),
        msgspec.msgpack.encode({}),
    ):
        with pytest.raises(FeedbackError):
            component.from_bytes(damaged)


def test_labels_survive_what_docs_go_through(nlp: Any) -> None:
    docs = list(nlp.pipe(TEXTS))
    together = DocBin(store_user_data=True, docs=docs).to_bytes()
    for doc, again in zip(docs, DocBin().from_bytes(together).get_docs(nlp.vocab), strict=True):
        assert said(again) == said(doc)


def test_several_processes_say_the_same(nlp: Any) -> None:
    expected = [said(doc) for doc in nlp.pipe(TEXTS)]
    assert [said(doc) for doc in nlp.pipe(TEXTS, n_process=2, batch_size=2)] == expected


def test_it_can_be_pickled(folder: Path) -> None:
    component, doc = FeedbackComponent(str(folder), language="nl"), spacy.blank("nl")(TEXTS[0])
    before_use = pickle.loads(pickle.dumps(component))
    expected = said(component(doc))
    for copy in (before_use, pickle.loads(pickle.dumps(component))):
        assert said(copy(spacy.blank("nl")(TEXTS[0]))) == expected


def test_a_taxonomy_of_ones_own(tmp_path: Path) -> None:
    write_model(tiny_model(), tmp_path / "tiny")
    nlp = spacy.blank("xx")
    nlp.add_pipe("feedbackclf", config={"model": str(tmp_path / "tiny")})
    doc = nlp("Fast delivery")
    assert set(doc.cats) == {
        "tone:good",
        "tone:bad",
        *(f"speed:{x}" for x in ("positive", "negative", "mixed", "none")),
    }
    np.testing.assert_allclose(doc.cats["tone:good"] + doc.cats["tone:bad"], 1, atol=1e-4)


def test_mistakes_are_told(folder: Path) -> None:
    nlp = spacy.blank("nl")
    nlp.add_pipe("feedbackclf", config={"model": "gone"})
    with pytest.raises(FeedbackError, match="no model 'gone'"):
        nlp("tekst")
    nlp = spacy.blank("nl")
    nlp.add_pipe("feedbackclf", config={"model": str(folder), "language": "fi"})
    with pytest.raises(UsageError, match="this model knows nl, da, sv, en"):
        nlp("tekst")


def test_spacy_finds_it_by_its_entry_point(folder: Path, tmp_path: Path) -> None:
    """In a Python that has imported nothing of feedbackclf, with the metadata of an installed package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entry = project["entry-points"]["spacy_factories"]["feedbackclf"]
    metadata = tmp_path / "feedbackclf-0.0.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: feedbackclf\nVersion: 0.0.0\n")
    (metadata / "entry_points.txt").write_text(f"[spacy_factories]\nfeedbackclf = {entry}\n")
    code = "import spacy, sys; nlp = spacy.blank('nl'); nlp.add_pipe('feedbackclf', config={'model': sys.argv[1]}); "
    code += "print(nlp('Wat een snelle levering, dank!')._.feedback['language'])"
    paths = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert (done.returncode, done.stdout) == (0, "nl\n"), done.stderr

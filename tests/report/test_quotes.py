"""What a report quotes: texts that stand in the file, with their evidence, and nobody's secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.corpus import Example
from feedbackclf.inputs import Inputs
from feedbackclf.report.compute import compute
from feedbackclf.report.feedback import Feedback
from feedbackclf.report.figures import Quote
from feedbackclf.report.quotes import LONGEST, N_QUOTES, choose_quotes
from feedbackclf.report.reading.candidates import Candidates
from feedbackclf.report.reading.source import NumberedRejects, read_feedback
from feedbackclf.tables import delimited_reader
from tests.report.tagged import write_csv

SECRET = "jan.jansen@example.com"
LONG = "This goes on and on. " * 60 + "The parcel came three weeks late and nobody answered. " + "So it goes. " * 200


@pytest.fixture(scope="module")
def texts(corpus: tuple[Example, ...]) -> list[str]:
    own = [example.text for example in corpus[::6]]
    return [*own, *own[:50], "", LONG, f"Three weeks late and nobody answers, write to {SECRET} please, never again"]


@pytest.fixture
def raw(tmp_path: Path, texts: list[str]) -> Path:
    # The last shop has so few rows that it is not shown.
    shops = ["one" if row % 2 else "two" for row in range(len(texts) - 3)] + ["small"] * 3
    return write_csv(tmp_path / "raw.csv", [{"text": t, "shop": s} for t, s in zip(texts, shops, strict=True)])


def quotes_of(path: Path, classifier: FeedbackClassifier, *, redact: bool = True) -> tuple[tuple[Quote, ...], Feedback]:
    taxonomy = classifier.model_.taxonomy
    candidates = Candidates(taxonomy)
    with NumberedRejects(str(path.with_suffix(".rejects"))) as rejects:
        feedback = read_feedback(
            Inputs([str(path)]), taxonomy, lambda: classifier.label, rejects, name="dump", see=candidates.see
        )
    figures = compute(feedback, taxonomy, title="", made="2026-01-01", model="m", min_group=20)
    return choose_quotes(candidates.cells(), feedback, figures.breakdowns, classifier, redact=redact), feedback


@pytest.fixture
def quotes(raw: Path, shipped: FeedbackClassifier) -> tuple[Quote, ...]:
    return quotes_of(raw, shipped)[0]


def test_quotes_stand_in_the_file_at_their_row(quotes: tuple[Quote, ...], texts: list[str]) -> None:
    assert len(quotes) > 150
    assert len({quote.row for quote in quotes}) == len({quote.text for quote in quotes}) == len(quotes)
    for quote in quotes:
        assert quote.source == "raw.csv"
        if len(texts[quote.row - 1]) <= LONGEST and SECRET not in texts[quote.row - 1]:
            assert quote.text == texts[quote.row - 1]


def test_labels_and_evidence_are_those_of_the_model(
    quotes: tuple[Quote, ...], texts: list[str], shipped: FeedbackClassifier
) -> None:
    n_spans = 0
    for quote in quotes[:80]:
        explained = shipped.explain(texts[quote.row - 1], quote.language)
        said = {name: head for name, head in explained.heads.items() if name == "sentiment" or head.label != "none"}
        assert quote.labels == {name: head.label for name, head in said.items()}
        for span in quote.spans:
            n_spans += 1
            head = explained.heads[span.head]
            assert span.label == head.label
            assert head.evidence is not None
            assert span.weight == pytest.approx(head.evidence.weight, abs=1e-4)
            assert quote.text[span.start : span.start + span.length] == explained.quote(head.evidence)
    assert n_spans > 100


def test_every_label_is_shown_and_the_best_come_first(
    quotes: tuple[Quote, ...], raw: Path, shipped: FeedbackClassifier
) -> None:
    feedback, taxonomy = quotes_of(raw, shipped)[1], shipped.model_.taxonomy
    shown = [show for quote in quotes for show in quote.shows]
    for head in taxonomy.heads:
        for code, label in enumerate(head.labels):
            there = int((feedback.codes[head.name] == code).sum())
            for kind in ("telling", "typical"):
                n = shown.count((head.name, label, kind))
                assert n <= N_QUOTES[kind]
                if label == "none":
                    assert n == 0
                elif there >= 10:
                    assert n >= 3, (head.name, label, kind)
    first = {show for quote in quotes[:40] for show in quote.shows}
    assert {("speed", "negative", "telling"), ("greeting", "positive", "telling")} <= first
    for quote in quotes:
        assert all(quote.labels.get(head, "none") == label for head, label, _ in quote.shows)


def test_telling_texts_carry_more_than_typical_ones(quotes: tuple[Quote, ...]) -> None:
    weights: dict[str, list[float]] = {"telling": [], "typical": []}
    for quote in quotes:
        for head, _, kind in quote.shows:
            if kind != "unsure":
                weights[kind] += [span.weight for span in quote.spans if span.head == head]
    mean = {kind: sum(found) / len(found) for kind, found in weights.items()}
    assert mean["telling"] > 1.2 * mean["typical"]


def test_personal_data_is_masked_unless_it_is_not_to_be(raw: Path, tmp_path: Path, shipped: FeedbackClassifier) -> None:
    path = write_csv(tmp_path / "few.csv", [{"text": f"Three weeks late, {SECRET} was never answered. Awful!"}] * 3)
    (masked,), (plain,) = (quotes_of(path, shipped, redact=redact)[0] for redact in (True, False))
    assert "[EMAIL]" in masked.text
    assert SECRET in plain.text
    assert [span.weight for span in masked.spans] == [span.weight for span in plain.spans]
    for quote in (masked, plain):
        assert all(span.start + span.length <= len(quote.text) for span in quote.spans)


def test_a_long_text_is_cut_around_its_evidence(tmp_path: Path, shipped: FeedbackClassifier) -> None:
    (quote,), _ = quotes_of(write_csv(tmp_path / "long.csv", [{"text": LONG}]), shipped)
    assert len(quote.text) <= LONGEST + 4
    assert quote.spans
    for span in quote.spans:
        assert quote.text[span.start : span.start + span.length] in LONG
    assert quote.text.startswith("… ")
    assert quote.text.endswith(" …")


def test_a_small_group_is_not_named(quotes: tuple[Quote, ...], texts: list[str]) -> None:
    assert {quote.groups.get("shop") for quote in quotes if quote.row > len(texts) - 3} <= {None}
    assert {quote.groups.get("shop") for quote in quotes} - {None} <= {"one", "two"}
    assert all("language" not in quote.groups for quote in quotes)


def test_quotes_are_the_same_whatever_the_batches(
    raw: Path, shipped: FeedbackClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = quotes_of(raw, shipped)[0]
    monkeypatch.setattr(delimited_reader, "BATCH_ROWS", 37)
    assert quotes_of(raw, shipped)[0] == whole


def test_few_texts_are_held_however_many_go_by(shipped: FeedbackClassifier, texts: list[str]) -> None:
    taxonomy, seen = shipped.model_.taxonomy, Candidates(shipped.model_.taxonomy)
    labels = shipped.label(pa.array(texts))

    def batch(nth: int) -> Any:
        from feedbackclf.report.reading.source import TaggedBatch

        codes = {head.name: labels.column(head.name).indices.to_numpy().astype("int16") for head in taxonomy.heads}
        unique = pa.array([f"{text} {nth}" for text in texts])
        return TaggedBatch(nth * len(texts), unique, codes["sentiment"] * 0, codes, {})

    for nth in range(5):
        seen.see(batch(nth))
    assert max(map(len, seen.cells().values())) == 48

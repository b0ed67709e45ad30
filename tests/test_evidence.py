"""What carries a label: contributions that add up, and spans that are where they say."""

from __future__ import annotations

import json
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from feedbackclf import commands, kernels
from feedbackclf.chunks import chunk_texts
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.contributions import Contributions
from feedbackclf.errors import UsageError
from feedbackclf.evidence import find_evidence
from feedbackclf.evidence_columns import evidence_columns
from feedbackclf.explanation import Explanation
from feedbackclf.taxonomy import NOT_MENTIONED, Head, Taxonomy
from tools import evidence as evidence_page

TEXTS = [
    "Quick delivery, but the zip broke on the first day. Never again!",
    "Aardige mensen 👍🏽 dank!",
    "Leveransen tog tre veckor och ingen svarade på mina mejl.",
    "Jeg blev mødt med et smil ... tusind tak",
    "Good",
    "?",
    "(slow)",
]
ODD = st.text(
    st.one_of(
        st.sampled_from(" \n\t\u00a0\u3000.,!?\"'()"),
        st.sampled_from("aéøå👍🏽👨‍👩‍👧🇳🇱e\u0301\u0308\u200b\u200d\u202eß"),
        st.characters(codec="utf-8"),
    ),
    max_size=80,
)
SPOKEN = st.lists(st.sampled_from(["slow", "never again", "dank", "trevlig 👍🏽", "cafe\u0301!", "“fin”", "ikke"])).map(
    " ".join
)

APART = st.lists(
    st.sampled_from([",", "slow", '"', "?!", "...", "(a)", "👍🏽", "cafe\u0301", "\u3000"]), max_size=9
).map(" ".join)
"""Punctuation that stands alone."""


def base_of(classifier: FeedbackClassifier, text: str, head: str) -> float:
    """What the model says of a label but for the words: worked out from its parts, and not by difference."""
    model, engine = classifier.model_, classifier.engine_
    found = engine.answer([text])
    layer = next(layer for layer in model.heads if layer.head.name == head)
    answers = found.heads.of(head)
    label, p = answers.labels[0], answers.probabilities[0]
    n_chunks = len(text.split())
    n_segments = int(np.rint(np.expm1(_inputs(classifier, text)[-len(model.taxonomy.languages) - 1])))
    said = np.concatenate([model.table.intercepts, model.table.intercepts, model.phrases.intercepts])
    language = np.arange(len(model.taxonomy.languages)) == found.language[0]
    inputs = np.concatenate([said, [np.log1p(n_chunks), np.log1p(n_segments)], language])
    scores = inputs @ layer.coefficients.astype(np.float64) + layer.intercepts
    others = np.delete(p, label) / np.delete(p, label).sum()
    entropy = -(others * np.log(others)).sum()
    return float(scores[label] - others @ np.delete(scores, label) - entropy)


def _inputs(classifier: FeedbackClassifier, text: str) -> np.ndarray:
    """What the heads see of a text."""
    seen = []
    layers = classifier.engine_._layers
    answer = layers.answer
    layers.answer = lambda inputs: (seen.append(inputs), answer(inputs))[1]
    try:
        classifier.engine_.answer([text])
    finally:
        del layers.answer
    return seen[0][0]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("which", ["small", "shipped"])
@pytest.mark.usefixtures("kernels_or_not")
def test_contributions_add_up_to_the_log_odds(which: str, text: str, request: pytest.FixtureRequest) -> None:
    classifier: FeedbackClassifier = request.getfixturevalue(which)
    explanation = classifier.explain(text)
    probabilities = classifier.predict_proba([text])
    assert list(explanation.heads) == [head.name for head in classifier.model_.taxonomy.heads]
    for name, head in explanation.heads.items():
        label = classifier.model_.taxonomy.head(name).labels.index(head.label)
        p = probabilities[name][0, label]
        assert head.probability == pytest.approx(p)
        assert head.log_odds == pytest.approx(np.log(p / (1 - p)), abs=1e-6)
        assert sum(word.weight for word in head.words) + head.base == pytest.approx(head.log_odds)
        assert head.base == pytest.approx(base_of(classifier, text, name), abs=2e-3), name


def black(text: str) -> str:
    return "".join(text.split())


def check_places(explanation: Explanation) -> None:
    """Words hold all that is no white space, in order, and evidence begins and ends with words."""
    for head in explanation.heads.values():
        assert black("".join(map(explanation.quote, head.words))) == black(explanation.text)
        assert all(a.end <= b.start for a, b in zip(head.words, head.words[1:], strict=False))
        span = head.evidence
        if span is None:
            continue
        inside = [word for word in head.words if word.start < span.end and word.end > span.start]
        assert inside[0].start <= span.start < span.end <= inside[-1].end
        cut = explanation.text[inside[0].start : span.start] + explanation.text[span.end : inside[-1].end]
        assert not set(cut) - set(" \t\n\r,.;:\"'()[]<>")
        assert sum(word.weight for word in inside) == pytest.approx(span.weight, abs=1e-4)
        assert head.label != NOT_MENTIONED


@settings(deadline=None, max_examples=200)
@given(st.one_of(ODD, SPOKEN))
@example("e\u0301\u0301 \u0301slow 👨‍👩‍👧 never again")
@example("slow.Never" + "x" * 600)
def test_spans_index_the_text_exactly(shipped: FeedbackClassifier, text: str) -> None:
    check_places(shipped.explain(text))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(ODD, APART), min_size=1, max_size=3), st.integers(0, 10**6), st.floats(-3, 6))
@example([", slow", ",\u00a0slow", "slow !", '" "'], 3, 1.0)
def test_a_span_is_a_run_of_words_whatever_they_weigh(texts: list[str], seed: int, log_odds: float) -> None:
    chunked = chunk_texts(pa.array(texts, pa.large_string()))
    weights = np.random.default_rng(seed).uniform(-1, 2, (len(chunked.start), 1))
    jobs, asked = np.arange(len(texts))[:, None], np.ones((len(texts), 1), bool)
    contributions = Contributions(chunked.offsets, jobs, weights, np.full((len(texts), 1), log_odds))
    found = find_evidence(contributions, chunked, asked)
    for nth, text in enumerate(texts):
        own = slice(chunked.offsets[nth], chunked.offsets[nth + 1])
        data, begin = chunked.data.tobytes(), int(chunked.begin[nth])
        places = [
            (len(data[begin:a].decode()), len(data[begin:b].decode()))
            for a, b in zip(chunked.start[own].tolist(), chunked.end[own].tolist(), strict=True)
        ]
        start, length = int(found.start[nth, 0]), int(found.length[nth, 0])
        inside = [word for word, (a, b) in enumerate(places) if a < start + length and start < b]
        if not length:
            assert not len(weights[own]) or weights[own].max() < 1e-6
            continue
        assert places[inside[0]][0] <= start < start + length <= places[inside[-1]][1]
        assert not text[start].isspace()
        assert not text[start + length - 1].isspace()
        assert float(weights[own][inside].sum()) == pytest.approx(found.weight[nth, 0], abs=1e-4)
        assert inside == list(range(inside[0], inside[-1] + 1))


def test_composed_or_not_the_same_words_are_evidence(shipped: FeedbackClassifier) -> None:
    text = "Très lent, jamais reçu. Långsam leverans, trevlig personal"
    one, other = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    for name, head in shipped.explain(one).heads.items():
        found = shipped.explain(other)
        span = found.heads[name].evidence
        assert (span is None) == (head.evidence is None)
        if span is not None and head.evidence is not None:
            assert unicodedata.normalize("NFC", found.quote(span)) == shipped.explain(one).quote(head.evidence)


def test_a_text_without_words_is_not_explained(shipped: FeedbackClassifier) -> None:
    for text in ("", " \n"):
        explanation = shipped.explain(text)
        assert explanation.heads == {}
        assert explanation.prediction.sentiment is None


def test_a_known_language_is_taken(shipped: FeedbackClassifier) -> None:
    assert shipped.explain("god service", "da").prediction.language == "da"
    assert shipped.explain("god service", "sv").prediction.language == "sv"


def columns(classifier: FeedbackClassifier, texts: list[str | None], **options: object) -> dict[str, list]:
    return classifier.label(pa.array(texts, pa.string()), evidence=True, **options).to_pydict()


@pytest.mark.usefixtures("kernels_or_not")
def test_columns_quote_what_explain_says(shipped: FeedbackClassifier) -> None:
    found = columns(shipped, [*TEXTS, "", None])
    n_quotes = 0
    for row, text in enumerate(TEXTS):
        for name, head in shipped.explain(text).heads.items():
            quote, *place = (found[f"{name}_evidence{kind}"][row] for kind in ("", "_start", "_length", "_weight"))
            assert (quote is None) == (head.evidence is None)
            if head.evidence is not None:
                n_quotes += 1
                assert quote == text[place[0] : place[0] + place[1]]
                assert (place[0], place[1]) == (head.evidence.start, head.evidence.length)
                assert place[2] == pytest.approx(head.evidence.weight, abs=1e-4)
    assert n_quotes > 15
    for row in (len(TEXTS), len(TEXTS) + 1):
        assert all(found[name][row] is None for name in evidence_columns(shipped.model_.taxonomy))


def test_evidence_does_not_depend_on_the_batch(shipped: FeedbackClassifier, corpus: tuple) -> None:
    texts = [item.text for item in corpus[::5]]
    together = columns(shipped, texts)
    reverse = columns(shipped, texts[::-1])
    assert together == {name: values[::-1] for name, values in reverse.items()}
    for row in range(0, len(texts), 40):
        alone = columns(shipped, texts[row : row + 1])
        assert {name: values[0] for name, values in alone.items()} == {n: v[row] for n, v in together.items()}


def test_labels_are_the_same_with_evidence(shipped: FeedbackClassifier, corpus: tuple) -> None:
    texts = pa.array([item.text for item in corpus[::10]])
    plain, more = shipped.label(texts), shipped.label(texts, evidence=True)
    assert more.select(plain.schema.names).equals(plain)


def test_a_label_that_is_left_out_has_no_evidence(shipped: FeedbackClassifier) -> None:
    found = columns(shipped, TEXTS, min_confidence=0.9)
    for head in shipped.model_.taxonomy.heads:
        for label, quote in zip(found[head.name], found[f"{head.name}_evidence"], strict=True):
            assert label is not None or quote is None


def test_evidence_is_what_the_label_hangs_on(shipped: FeedbackClassifier, corpus: tuple) -> None:
    """Without it most labels are gone; without as many words from elsewhere they stay."""
    rng = np.random.default_rng(0)
    without, elsewhere, labels = [], [], []
    for item in corpus[::25]:
        explanation = shipped.explain(item.text)
        for name, head in explanation.heads.items():
            span, n = head.evidence, len(head.words)
            if span is None or n < 8:
                continue
            inside = [nth for nth, word in enumerate(head.words) if span.start < word.end and word.start < span.end]
            begin = int(rng.integers(0, n - len(inside) + 1))
            random = head.words[begin].start, head.words[begin + len(inside) - 1].end
            labels.append((name, head.label))
            without.append(item.text[: span.start] + item.text[span.end :])
            elsewhere.append(item.text[: random[0]] + item.text[random[1] :])
    gone = [changed(shipped, texts, labels) for texts in (without, elsewhere)]
    assert len(labels) > 300
    assert gone[0] > 0.5
    assert gone[0] > 3 * gone[1]


def changed(classifier: FeedbackClassifier, texts: list[str], labels: list[tuple[str, str]]) -> float:
    found = classifier.label(pa.array(texts)).to_pydict()
    return float(np.mean([found[name][row] != label for row, (name, label) in enumerate(labels)]))


def test_the_command_quotes_masked_evidence(tmp_path) -> None:
    text = "Three weeks late, mail me at jan.jansen@example.com or 06-12345678 🙂 never again, thanks for nothing"
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in [*TEXTS, text]))
    ask = ["predict", str(tmp_path / "in.jsonl"), "--evidence"]
    plain = CliRunner().invoke(commands.app, ask)
    masked = CliRunner().invoke(commands.app, [*ask, "--redact"])
    rows, masked_rows = ([json.loads(line) for line in done.stdout.splitlines()] for done in (plain, masked))
    assert masked_rows[:-1] == rows[:-1]
    assert any("06-12345678" in str(value) for name, value in rows[-1].items() if name.endswith("_evidence"))
    for row in (*rows, *masked_rows):
        for name in [name for name in row if name.endswith("_evidence") and row[name] is not None]:
            start, length = row[f"{name}_start"], row[f"{name}_length"]
            assert row["text"][start : start + length] == row[name]
    assert "06-12345678" not in json.dumps(masked_rows)
    assert "example.com" not in json.dumps(masked_rows)
    assert [name for name in masked_rows[-1] if masked_rows[-1][name] is not None] == [
        name for name in rows[-1] if rows[-1][name] is not None
    ]
    header = CliRunner().invoke(commands.app, [*ask, "--output-format", "csv"]).stdout.splitlines()[0].split(",")
    assert header[-9:] == list(evidence_columns(Taxonomy("", ("en",), _heads()), offsets=False))


def _heads() -> tuple[Head, ...]:
    names = "sentiment", "speed", "quality", "greeting", "resolution", "gratitude", "level", "issue", "loyalty"
    return tuple(Head(name) for name in names)


def test_the_page_is_what_the_figures_say() -> None:
    figures = json.loads(evidence_page.FILE.read_text(encoding="utf-8"))
    assert evidence_page.FILE.with_suffix(".md").read_text(encoding="utf-8") == evidence_page.rendered(figures)


def test_a_head_of_that_name_is_in_the_way() -> None:
    taxonomy = Taxonomy("odd", ("en",), (Head("speed"), Head("speed_evidence")))
    with pytest.raises(UsageError, match="'speed_evidence'"):
        evidence_columns(taxonomy)


def test_compiled_or_not_contributions_are_the_same_to_the_last_bit(
    compiled: None, shipped: FeedbackClassifier, small: FeedbackClassifier, corpus: tuple, monkeypatch
) -> None:
    texts = pa.array([*(item.text for item in corpus[::20]), *TEXTS, "", "?!", "slow " * 300])
    for classifier in (shipped, small):
        monkeypatch.undo()
        fast = classifier.engine_.take_apart(texts)
        monkeypatch.setattr(kernels, "compiled", lambda: None)
        plain = classifier.engine_.take_apart(texts)
        for name in ("offsets", "jobs", "weights", "log_odds"):
            np.testing.assert_array_equal(getattr(fast.contributions, name), getattr(plain.contributions, name), name)
        for name in ("start", "length", "weight"):
            np.testing.assert_array_equal(getattr(fast.answers.evidence, name), getattr(plain.answers.evidence, name))

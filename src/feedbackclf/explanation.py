"""Why a text got its labels: what each of its words adds to them, and the span that carries each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feedbackclf.engine import TakenApart
from feedbackclf.evidence import Evidence
from feedbackclf.prediction import Prediction
from feedbackclf.taxonomy import Taxonomy


@dataclass(frozen=True)
class Span:
    """Part of a text, in characters (code points), and what it adds to the log-odds of a label."""

    start: int
    length: int
    weight: float

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True)
class LabelExplanation:
    """Why a head gave its label.

    Attributes:
        label: the label.
        probability: of the label.
        log_odds: of the label: 0 if it is as likely as all others together.
        base: what no word adds to them: intercepts, the language, the size of the text. It and the weights of `words`
            add up to `log_odds`.
        words: everything between white space, in order.
        evidence: the span that carries the label; None if it is `none`, or if no words speak for it.
    """

    label: str
    probability: float
    log_odds: float
    base: float
    words: tuple[Span, ...]
    evidence: Span | None


@dataclass(frozen=True)
class Explanation:
    """What is predicted for a text, and why.

    Attributes:
        text: the text.
        prediction: as `FeedbackClassifier.predict` gives it.
        heads: by name, in the order of the taxonomy; empty for an empty text.
    """

    text: str
    prediction: Prediction
    heads: Mapping[str, LabelExplanation]

    def quote(self, span: Span) -> str:
        """The words of a span."""
        return self.text[span.start : span.end]


def explanation(text: str, prediction: Prediction, found: TakenApart, taxonomy: Taxonomy) -> Explanation:
    """The explanation of one text that was taken apart."""
    if not found.answers.has_text[0]:
        return Explanation(text, prediction, {})
    chunked = found.chunked
    characters = chunked.characters
    start, end = characters[chunked.start], characters[chunked.end]
    heads = {}
    for place, head in enumerate(taxonomy.heads):
        answers, weights = found.answers.heads.of(head.name), found.contributions.weights[:, place]
        log_odds = float(found.contributions.log_odds[0, place])
        heads[head.name] = LabelExplanation(
            label=head.labels[answers.labels[0]],
            probability=float(answers.label_probability[0]),
            log_odds=log_odds,
            base=log_odds - float(weights.sum()),
            words=tuple(map(Span, start.tolist(), (end - start).tolist(), weights.tolist())),
            evidence=_span(found.answers.evidence, place),
        )
    return Explanation(text, prediction, heads)


def _span(evidence: Evidence | None, head: int) -> Span | None:
    if evidence is None or not evidence.length[0, head]:
        return None
    return Span(int(evidence.start[0, head]), int(evidence.length[0, head]), float(evidence.weight[0, head]))

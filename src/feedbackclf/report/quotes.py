"""The texts that a report quotes: for each label typical ones and telling ones, and some that the model is unsure of.

A *typical* text has the other labels that most of the texts with its label have. In a *telling* one the words that
carry the label add most to it. Both are looked for in a sample, see `feedbackclf.report.reading.candidates`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.redaction import redact_and_follow
from feedbackclf.report.feedback import SENTIMENT, Feedback
from feedbackclf.report.figures import Breakdown, Quote, Span
from feedbackclf.report.reading.candidates import TYPICAL_OR_TELLING, Candidate, Cell
from feedbackclf.taxonomy import NOT_MENTIONED, UNDETERMINED, Taxonomy

TYPICAL, TELLING, UNSURE = "typical", "telling", "unsure"
N_QUOTES = {TELLING: 6, TYPICAL: 6, UNSURE: 3}
"""Of each label."""
LONGEST = 700
"""Characters of a quote."""
_AROUND = 250
"""Characters that a longer text keeps before its first evidence."""


def choose_quotes(
    cells: Mapping[Cell, Sequence[Candidate]],
    feedback: Feedback,
    breakdowns: Sequence[Breakdown],
    classifier: FeedbackClassifier,
    *,
    redact: bool,
) -> tuple[Quote, ...]:
    """The quotes of a report: first the best one for each label, then the second, and so on.

    Args:
        cells: what there is to choose from.
        feedback: the rows that the candidates are from.
        breakdowns: a quote names its group if that is shown there: a small one would say who wrote it.
        classifier: finds the evidence. Where it gives another label than the file has, there is none.
        redact: mask personal data.
    """
    taxonomy = classifier.model_.taxonomy
    candidates = {found.place: found for of_cell in cells.values() for found in of_cell}
    spans = _evidence(candidates, classifier)
    shown = {x.column: {group.part.name for group in x.groups} for x in breakdowns}
    main = {head.name for head in taxonomy.heads if head.is_dimension or head.name == SENTIMENT}
    quotes = []
    for place, shows in _chosen(cells, spans).items():
        # Evidence for everything would be more than one can read.
        heads = main | {head for head, _, _ in shows}
        marked = [span for span in spans[place] if span.head in heads]
        quotes.append(_quote(candidates[place], marked, shows, feedback, shown, taxonomy, redact))
    return tuple(quotes)


def _chosen(
    cells: Mapping[Cell, Sequence[Candidate]], spans: Mapping[int, Sequence[Span]]
) -> dict[int, list[tuple[str, str, str]]]:
    """What each of the texts that are quoted shows, by place: first come the best for each label."""
    found = []
    for nth_cell, ((head, label, kind), of_cell) in enumerate(cells.items()):
        ranked = {UNSURE: of_cell}
        if kind == TYPICAL_OR_TELLING:
            weight = {c.place: sum(x.weight for x in spans[c.place] if x.head == head) for c in of_cell}
            telling = sorted((c for c in of_cell if weight[c.place]), key=lambda c: -weight[c.place])
            ranked = {TELLING: telling, TYPICAL: _typical(of_cell)}
        for why, candidates in ranked.items():
            for rank, candidate in enumerate(candidates[: N_QUOTES[why]]):
                found.append((rank, list(N_QUOTES).index(why), nth_cell, candidate.place, (head, label, why)))
    shows: dict[int, list[tuple[str, str, str]]] = {}
    for *_, place, why_quoted in sorted(found):
        shows.setdefault(place, []).append(why_quoted)
    return shows


def _typical(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those first whose labels most of the others have, too."""
    counts = Counter(label for found in candidates for label in found.labels.items())
    return sorted(candidates, key=lambda found: -sum(counts[label] for label in found.labels.items()))


def _evidence(candidates: Mapping[int, Candidate], classifier: FeedbackClassifier) -> dict[int, list[Span]]:
    """The evidence of each candidate for the labels that it has, by place."""
    if not candidates:
        return {}
    taxonomy = classifier.model_.taxonomy
    codes = (*taxonomy.languages, UNDETERMINED)
    languages = pa.array([codes[found.language] if found.language >= 0 else None for found in candidates.values()])
    texts = pa.array([found.text for found in candidates.values()], pa.large_string())
    answers = classifier.engine_.answer(texts, languages.cast(pa.string()), evidence=True)
    found = answers.evidence
    assert found is not None
    spans: dict[int, list[Span]] = {place: [] for place in candidates}
    for nth, head in enumerate(taxonomy.heads):
        labels = answers.heads.of(head.name).labels
        for row, candidate in enumerate(candidates.values()):
            if found.length[row, nth] and labels[row] == candidate.labels[head.name]:
                where = int(found.start[row, nth]), int(found.length[row, nth])
                span = Span(head.name, head.labels[labels[row]], *where, round(float(found.weight[row, nth]), 4))
                spans[candidate.place].append(span)
    return spans


def _quote(
    candidate: Candidate,
    spans: Sequence[Span],
    shows: Sequence[tuple[str, str, str]],
    feedback: Feedback,
    shown: Mapping[str, set[str]],
    taxonomy: Taxonomy,
    redact: bool,
) -> Quote:
    place, text, languages = candidate.place, candidate.text, (*taxonomy.languages, UNDETERMINED)
    if redact:
        text, moved = redact_and_follow(text, [(span.start, span.start + span.length) for span in spans])
        spans = [replace(x, start=a, length=b - a) for x, (a, b) in zip(spans, moved, strict=True)]
    text, spans = _excerpt(text, spans)
    said = {head.name: candidate.labels[head.name] for head in taxonomy.heads if candidate.labels[head.name] >= 0}
    labels = {name: taxonomy.head(name).labels[code] for name, code in said.items()}
    groups = {
        column: grouping.values[grouping.codes[place]]
        for column, grouping in feedback.groups.items()
        if not set(grouping.values) <= set(languages)  # a quote says its language anyway
        and grouping.codes[place] >= 0
        and grouping.values[grouping.codes[place]] in shown.get(column, ())
    }
    return Quote(
        text=text,
        row=int(feedback.row[place]),
        source=feedback.sources[feedback.source[place]],
        language=languages[candidate.language] if candidate.language >= 0 else UNDETERMINED,
        labels={name: label for name, label in labels.items() if name == SENTIMENT or label != NOT_MENTIONED},
        groups=groups,
        spans=tuple(spans),
        shows=tuple(shows),
    )


def _excerpt(text: str, spans: Sequence[Span]) -> tuple[str, list[Span]]:
    """The text or, of a long one, what is around the first evidence, and the evidence in that."""
    if len(text) <= LONGEST:
        return text, list(spans)
    begin = max(min((span.start for span in spans), default=0) - _AROUND, 0)
    if begin:
        begin = text.find(" ", begin, begin + _AROUND) + 1 or begin
    end = begin + LONGEST
    if end < len(text):
        end = max(text.rfind(" ", begin + LONGEST // 2, end), begin + LONGEST // 2)
    before, after = "… " if begin else "", " …" if end < len(text) else ""
    moved = [
        replace(span, start=span.start - begin + len(before))
        for span in spans
        if begin <= span.start and span.start + span.length <= end
    ]
    return before + text[begin:end] + after, moved

"""From `Feedback` to `Figures`: everything that a report says, but for the quotes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from feedbackclf import __version__
from feedbackclf.report.feedback import NEGATIVE, POSITIVE, Feedback, Grouping, sentiment_head
from feedbackclf.report.figures import (
    Balance,
    ChoiceFigures,
    DimensionFigures,
    Figures,
    LabelFigures,
    Share,
)
from feedbackclf.report.statistics.breakdowns import breakdowns
from feedbackclf.report.statistics.comparison import compare, source_of
from feedbackclf.report.statistics.drivers import drivers
from feedbackclf.report.statistics.parts import sentiment_counts
from feedbackclf.report.statistics.shares import balance, mean, net, share_of
from feedbackclf.report.statistics.trends import trends
from feedbackclf.report.statistics.unsure import unsure
from feedbackclf.rules import Rules
from feedbackclf.tables.names import listed, named
from feedbackclf.taxonomy import NOT_MENTIONED, UNDETERMINED, Head, Taxonomy

MOST_STARS = 21
"""Different ratings that are counted one by one: 0 to 10 with halves."""


def compute(
    feedback: Feedback,
    taxonomy: Taxonomy,
    *,
    title: str,
    made: str,
    model: str,
    min_group: int,
    rules: Rules | None = None,
    before: Feedback | None = None,
) -> Figures:
    """The figures of a dump.

    Args:
        feedback: the dump.
        taxonomy: of its labels.
        title: of the page.
        made: the day, YYYY-MM-DD.
        model: the name of the model.
        min_group: groups and periods with fewer rows are not shown.
        rules: say what to do about each row.
        before: an earlier dump to compare with.
    """
    head = sentiment_head(taxonomy)
    dated = feedback.date[~np.isnat(feedback.date)]
    codes = {**feedback.codes, "language": feedback.language}
    actions = None if rules is None else (rules.actions, rules.choose(taxonomy, codes))
    found, over_time = breakdowns(feedback, taxonomy, min_group), trends(feedback, taxonomy, min_group)
    notes = _notes(feedback, taxonomy, {x.column for x in found}, over_time is not None, min_group)
    return Figures(
        title=title,
        made=made,
        version=__version__,
        model=model,
        source=source_of(feedback),
        dates=(str(dated.min()), str(dated.max())) if len(dated) else None,
        languages=_languages(feedback, taxonomy),
        sentiment=None if head is None else _balance(head, feedback.codes[head.name], head.labels),
        rating=mean(feedback.rating),
        ratings=_ratings(feedback),
        dimensions=tuple(_dimension(x, feedback.codes[x.name]) for x in taxonomy.dimensions),
        choices=tuple(_choice(x, feedback, taxonomy, actions) for x in taxonomy.choices if x != head),
        drivers=drivers(feedback, taxonomy),
        trends=over_time,
        breakdowns=found,
        unsure=unsure(feedback, taxonomy),
        quotes=(),
        comparison=None if before is None else compare(before, feedback, taxonomy),
        min_group=min_group,
        notes=(*feedback.notes, *notes),
    )


def _balance(head: Head, codes: NDArray[np.int16], labels: Sequence[str]) -> Balance:
    """How the rows that have one of some labels are spread over these."""
    counts = _counts(head, codes)
    return balance(labels, [counts[label] for label in labels], POSITIVE, NEGATIVE)


def _counts(head: Head, codes: NDArray[np.int16]) -> dict[str, int]:
    counts = np.bincount(codes[codes >= 0], minlength=len(head.labels))
    return dict(zip(head.labels, counts.tolist(), strict=True))


def _dimension(head: Head, codes: NDArray[np.int16]) -> DimensionFigures:
    counts = _counts(head, codes)
    n = sum(counts.values())
    judged = [label for label in head.labels if label != NOT_MENTIONED]
    mentioned = share_of("mentioned", n - counts[NOT_MENTIONED], n)
    return DimensionFigures(head.name, head.description, mentioned, _balance(head, codes, judged))


def _choice(
    head: Head, feedback: Feedback, taxonomy: Taxonomy, actions: tuple[Sequence[str], NDArray[np.int64]] | None
) -> ChoiceFigures:
    codes = feedback.codes[head.name]
    counts = _counts(head, codes)
    sentiment = sentiment_counts(codes, feedback, taxonomy, len(head.labels))
    labels = [
        LabelFigures(
            label=label,
            share=share_of(label, counts[label], sum(counts.values())),
            net=net(*sentiment[place]) if sentiment else None,
            actions=() if actions is None else _frequent(actions[0], actions[1][codes == place]),
        )
        for place, label in enumerate(head.labels)
    ]
    return ChoiceFigures(head.name, head.description, tuple(labels))


def _frequent(names: Sequence[str], places: NDArray[np.integer]) -> tuple[Share, ...]:
    """The shares of names that some rows have, the most frequent first; -1 is a row without a name."""
    counts = np.bincount(places[places >= 0], minlength=len(names))
    order = [place for place in np.argsort(-counts, kind="stable").tolist() if counts[place]]
    return tuple(share_of(names[place], int(counts[place]), len(places)) for place in order)


def _languages(feedback: Feedback, taxonomy: Taxonomy) -> tuple[Share, ...]:
    """Of the rows that say anything and have a language."""
    codes = feedback.language[feedback.told & (feedback.language >= 0)]
    return _frequent((*taxonomy.languages, UNDETERMINED), codes)


def _ratings(feedback: Feedback) -> tuple[Share, ...]:
    stars, counts = np.unique(feedback.rating[~np.isnan(feedback.rating)], return_counts=True)
    if len(stars) > MOST_STARS:
        return ()
    n = int(counts.sum())
    return tuple(share_of(f"{star:g}", count, n) for star, count in zip(stars.tolist(), counts.tolist(), strict=True))


def _notes(feedback: Feedback, taxonomy: Taxonomy, shown: set[str], has_trends: bool, min_group: int) -> list[str]:
    """What is missing from the figures, and why."""
    notes = []
    lost = {head.name: int((feedback.has_text & (feedback.codes[head.name] < 0)).sum()) for head in taxonomy.heads}
    if any(lost.values()):
        which = listed(f"{name} {n:,}" for name, n in lost.items() if n)
        notes.append(f"rows with a text and no label, which are not in the shares of that label: {which}")
    small = [name for name, grouping in feedback.groups.items() if name not in shown and _n_groups(grouping) > 1]
    if small:
        notes.append(f"not broken down, as no group has {min_group} rows: {listed(map(named, small))}")
    if feedback.date_column is not None and not has_trends:
        notes.append(f"no trend: there are no two periods with {min_group} rows")
    return notes


def _n_groups(grouping: Grouping) -> int:
    return len(np.unique(grouping.codes[grouping.codes >= 0]))

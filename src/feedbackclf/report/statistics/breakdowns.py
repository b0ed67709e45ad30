"""The rows by the values of a column: each group against all others, and whether the groups differ at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from feedbackclf.report.feedback import Feedback, Grouping, answered, sentiment_head
from feedbackclf.report.figures import Breakdown, Group
from feedbackclf.report.statistics.parts import parts, sentiment_counts, sizes, tally
from feedbackclf.report.statistics.shares import corrected, net_difference
from feedbackclf.report.statistics.suppression import shown
from feedbackclf.taxonomy import Taxonomy

ALPHA = 0.05
"""Of the differences that are pointed out, this share may be chance."""


def breakdowns(feedback: Feedback, taxonomy: Taxonomy, min_group: int) -> tuple[Breakdown, ...]:
    """A breakdown for each column of which at least one group is large enough to be shown."""
    found = [_breakdown(name, grouping, feedback, taxonomy, min_group) for name, grouping in feedback.groups.items()]
    return _with_q([breakdown for breakdown in found if breakdown is not None and breakdown.groups])


def _breakdown(
    column: str, grouping: Grouping, feedback: Feedback, taxonomy: Taxonomy, min_group: int
) -> Breakdown | None:
    """None if not even two groups have rows."""
    n_values = len(grouping.values)
    n = sizes(grouping.codes, answered(feedback, taxonomy), n_values)
    if (n[:-1] > 0).sum() < 2:
        return None
    visible = shown(n[:-1], int(n[-1]), min_group)
    order = [place for place in np.argsort(-n[:-1], kind="stable").tolist() if visible[place]]
    place_of = np.full(n_values + 1, -1)  # the last is for rows without a value, which are -1
    place_of[order] = np.arange(len(order))
    part = place_of[grouping.codes]
    small = ~visible & (n[:-1] > 0)
    return Breakdown(
        column=column,
        groups=tuple(_groups(part, [grouping.values[place] for place in order], feedback, taxonomy, min_group)),
        small_groups=int(small.sum()),
        small_rows=int(n[:-1][small].sum()),
        missing=int(n[-1]),
        p=_p_of_all(part, len(order), feedback, taxonomy),
        q=None,
    )


def _groups(
    part: NDArray[np.int64], names: list[str], feedback: Feedback, taxonomy: Taxonomy, min_group: int
) -> list[Group]:
    counts = sentiment_counts(part, feedback, taxonomy, len(names))
    positive, negative, n = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0, 0)
    groups = []
    for place, found in enumerate(parts(part, names, feedback, taxonomy, min_group)):
        here = counts[place] if counts else (0, 0, 0)
        difference = net_difference(here, (positive - here[0], negative - here[1], n - here[2]))
        estimate, p = (None, None) if difference is None else (difference.estimate, difference.p)
        groups.append(Group(found, estimate, p, None, differs=False))
    return groups


def _p_of_all(part: NDArray[np.int64], n_groups: int, feedback: Feedback, taxonomy: Taxonomy) -> float | None:
    """Pearson's chi-squared test of sentiment by group, for the groups that are shown."""
    head = sentiment_head(taxonomy)
    if head is None:
        return None
    table = tally(part, feedback.codes[head.name], n_groups, len(head.labels))[:-1]
    table = table[:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return None
    from scipy import stats

    return float(stats.chi2_contingency(table, correction=False).pvalue)


def _with_q(found: list[Breakdown]) -> tuple[Breakdown, ...]:
    of_groups = iter(corrected([group.p for x in found for group in x.groups if group.p is not None]))
    of_all = iter(corrected([x.p for x in found if x.p is not None]))
    return tuple(
        replace(
            x,
            groups=tuple(group if group.p is None else _judged(group, next(of_groups)) for group in x.groups),
            q=None if x.p is None else next(of_all),
        )
        for x in found
    )


def _judged(group: Group, q: float) -> Group:
    return replace(group, q=q, differs=q < ALPHA)

"""What changed from one dump to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from feedbackclf.report.feedback import NEGATIVE, POSITIVE, Feedback, sentiment_head
from feedbackclf.report.figures import Change, Comparison, Estimate, Source
from feedbackclf.report.statistics.breakdowns import ALPHA
from feedbackclf.report.statistics.shares import (
    Difference,
    corrected,
    mean,
    mean_difference,
    net,
    net_difference,
    share_difference,
    wilson,
)
from feedbackclf.taxonomy import NOT_MENTIONED, Head, Taxonomy


def compare(before: Feedback, after: Feedback, taxonomy: Taxonomy) -> Comparison:
    """Every figure that both dumps have, and its difference.

    Of sentiment and dimensions the net share is compared, of dimensions how often they are mentioned, of choices the
    share of each label, and the mean rating.
    """
    sentiment = sentiment_head(taxonomy)
    changes = [change for head in taxonomy.heads for change in _of_head(head, before, after, head == sentiment)]
    means = mean(before.rating), mean(after.rating)
    changes += _change("rating", "mean", *means, mean_difference(after.rating, before.rating))
    q = corrected([change.p for change in changes])
    judged = [replace(change, q=q, differs=q < ALPHA) for change, q in zip(changes, q, strict=True)]
    return Comparison(source_of(before), source_of(after), tuple(judged))


def source_of(feedback: Feedback) -> Source:
    """What is known of a dump as a whole."""
    return Source(feedback.name, len(feedback), int((~feedback.has_text).sum()))


def _change(
    about: str, measure: str, before: Estimate | None, after: Estimate | None, difference: Difference | None
) -> list[Change]:
    """The change, whose p is not corrected yet; none where a dump does not have the figure."""
    if before is None or after is None or difference is None:
        return []
    return [Change(about, measure, before, after, difference.estimate, difference.p, difference.p, differs=False)]


def _of_head(head: Head, before: Feedback, after: Feedback, is_sentiment: bool) -> list[Change]:
    old, new = (_counts(head, feedback) for feedback in (before, after))
    n_old, n_new = sum(old.values()), sum(new.values())
    if head.is_dimension:
        said_old, said_new = n_old - old[NOT_MENTIONED], n_new - new[NOT_MENTIONED]
        mentioned = _share(head.name, "mentioned", (said_old, n_old), (said_new, n_new))
        return [*mentioned, *_net(head.name, old, said_old, new, said_new)]
    nets = _net(head.name, old, n_old, new, n_new) if is_sentiment else []
    return [
        *nets,
        *(x for label in head.labels for x in _share(head.name, label, (old[label], n_old), (new[label], n_new))),
    ]


def _counts(head: Head, feedback: Feedback) -> dict[str, int]:
    return {label: int((feedback.codes[head.name] == code).sum()) for code, label in enumerate(head.labels)}


def _share(about: str, measure: str, old: tuple[int, int], new: tuple[int, int]) -> list[Change]:
    return _change(about, measure, wilson(*old), wilson(*new), share_difference(new, old))


def _net(about: str, old: Mapping[str, int], n_old: int, new: Mapping[str, int], n_new: int) -> list[Change]:
    one, other = (old[POSITIVE], old[NEGATIVE], n_old), (new[POSITIVE], new[NEGATIVE], n_new)
    return _change(about, "net", net(*one), net(*other), net_difference(other, one))

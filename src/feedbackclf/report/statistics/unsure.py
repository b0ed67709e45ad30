"""How often the model was unsure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from feedbackclf.report.feedback import Feedback
from feedbackclf.report.figures import Unsure
from feedbackclf.report.statistics.shares import share_of
from feedbackclf.taxonomy import Head, Taxonomy

UNSURE_MENTION = (0.35, 0.65)
UNSURE_CHOICE = 0.6


def is_unsure(head: Head, confidence: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether a label may well be another, shape (n,); false where there is no confidence.

    Of a dimension the confidence is the probability that it is mentioned: from 0.35 to 0.65 that is nearly a toss-up.
    This says nothing of the polarity, which has no confidence of its own. Of a choice it is the probability of its
    label:
    below 0.6 the other labels together are two thirds as likely or more. Both limits are conventions. Probabilities
    are calibrated on average, so of the rows counted here, far from all are wrong, and some others are.
    """
    if head.is_dimension:
        low, high = UNSURE_MENTION
        return (confidence >= np.float32(low)) & (confidence <= np.float32(high))
    return confidence < np.float32(UNSURE_CHOICE)


def unsure(feedback: Feedback, taxonomy: Taxonomy) -> tuple[Unsure, ...]:
    """By head that has a confidence, how many of the rows with one are unsure."""
    found = []
    for head in taxonomy.heads:
        if head.name in feedback.confidence:
            confidence = feedback.confidence[head.name]
            count, n = int(is_unsure(head, confidence).sum()), int((~np.isnan(confidence)).sum())
            found.append(Unsure(head.name, share_of("unsure", count, n)))
    return tuple(found)

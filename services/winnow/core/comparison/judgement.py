"""What one verdict says of one model's scores: whether they were right, and how surprised they were."""

import math
from typing import NamedTuple

from winnow_schemas.base import Scores

MOST_SURPRISED = math.log(100.0)
"""A log loss counts as this at most: one sure mistake must not outweigh a hundred good scores."""

HEAVIEST = 20.0
"""A verdict counts for so many records at most, as in the error model."""


class Judgement(NamedTuple):
    """`loss` is in 0..1: the log loss as a share of `MOST_SURPRISED`."""

    right: bool
    loss: float


def judged(scores: Scores | None, label: str) -> Judgement:
    """What a verdict says of scores that were made before it was learned; none at all are as wrong as can be."""
    if not scores:
        return Judgement(right=False, loss=1.0)
    surprise = -math.log(max(scores.get(label, 0.0), 1e-300))
    return Judgement(max(scores, key=scores.__getitem__) == label, min(1.0, surprise / MOST_SURPRISED))


def weight_of(propensity: float) -> float:
    """How many records a verdict stands for (Horvitz & Thompson 1952), at most `HEAVIEST`."""
    return min(HEAVIEST, 1.0 / propensity) if propensity > 0.0 else HEAVIEST

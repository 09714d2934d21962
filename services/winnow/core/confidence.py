"""One number in [0, 1] from a score: 0 cannot decide, 1 is certain."""

import math
from collections.abc import Callable, Mapping

from winnow_schemas.base import Scores
from winnow_schemas.task import ConfidenceKind


def _entropy(scores: Scores) -> float:
    """1 - H(p)/ln k (Shannon 1948)."""
    entropy = -math.fsum(p * math.log(p) for p in scores.values() if p > 0)
    return 1 - entropy / math.log(len(scores))


def _margin(scores: Scores) -> float:
    first, second = sorted(scores.values(), reverse=True)[:2]
    return first - second


def _top(scores: Scores) -> float:
    return max(scores.values())


_KINDS: Mapping[ConfidenceKind, Callable[[Scores], float]] = {"entropy": _entropy, "margin": _margin, "top": _top}


def confidence(kind: ConfidenceKind, scores: Scores) -> float:
    """Confidence of the scores of at least two labels."""
    return min(1.0, max(0.0, _KINDS[kind](scores)))

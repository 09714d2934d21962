"""One number in [0, 1] from a score: 0 cannot decide, 1 is certain.

Of one score the same to the last bit as of many together: sums run label by label, and logarithms are numpy's.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from winnow_schemas.base import Scores
from winnow_schemas.task import ConfidenceKind

Floats = npt.NDArray[np.float64]


def _entropy(table: Floats) -> Floats:
    """1 - H(p)/ln k (Shannon 1948)."""
    negative = np.zeros(len(table))
    for shares in table.T:
        negative += shares * np.log(shares, out=np.zeros(len(table)), where=shares > 0)
    certain: Floats = 1 + negative / math.log(table.shape[1])
    return certain


def _margin(table: Floats) -> Floats:
    ordered = np.sort(table, axis=1)
    apart: Floats = ordered[:, -1] - ordered[:, -2]
    return apart


def _top(table: Floats) -> Floats:
    highest: Floats = table.max(axis=1)
    return highest


_KINDS: Mapping[ConfidenceKind, Callable[[Floats], Floats]] = {"entropy": _entropy, "margin": _margin, "top": _top}


def confidences(kind: ConfidenceKind, table: Floats) -> Floats:
    """Confidence of scores: a row per record, a column for each of at least two labels."""
    confident: Floats = np.clip(_KINDS[kind](table), 0.0, 1.0)
    return confident


def confidence(kind: ConfidenceKind, scores: Scores) -> float:
    """Confidence of the scores of one record."""
    return min(1.0, max(0.0, _KINDS_OF_ONE[kind](list(scores.values()))))


def _entropy_of_one(shares: Sequence[float]) -> float:
    negative = 0.0
    for share in shares:
        if share > 0:
            negative += share * float(np.log(share))
    return 1 + negative / math.log(len(shares))


def _margin_of_one(shares: Sequence[float]) -> float:
    first, second = sorted(shares, reverse=True)[:2]
    return first - second


_KINDS_OF_ONE: Mapping[ConfidenceKind, Callable[[Sequence[float]], float]] = {
    "entropy": _entropy_of_one,
    "margin": _margin_of_one,
    "top": max,
}

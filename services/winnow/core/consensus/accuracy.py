"""A share of right answers with its interval, from a few judged answers."""

from dataclasses import dataclass

from scipy.special import betaincinv  # type: ignore[import-untyped]

_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Accuracy:
    """`right` of `judged` answers (both may be fractions, where the truth itself is only probable)."""

    right: float
    judged: float
    estimate: float
    low: float
    high: float


def accuracy_of(right: float, judged: float) -> Accuracy:
    """Mean and equal-tailed 95 % interval of a share, after Jeffreys (1946): Beta(right + ½, wrong + ½)."""
    a, b = right + 0.5, max(0.0, judged - right) + 0.5
    return Accuracy(right, judged, a / (a + b), float(betaincinv(a, b, _TAIL)), float(betaincinv(a, b, 1.0 - _TAIL)))

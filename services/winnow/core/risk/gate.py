"""The gate: the widest zone of low z whose error, judged from the kept answers, stays low enough.

Empirical, not proved: a bad gate costs coverage, never the ledger's promise. Answers are weighted by
their inverse propensity (Horvitz & Thompson 1952); the upper limit for a weighted sum of counts is the
gamma limit of Fay & Feuer (1997) with the mean weight in place of the largest (Tiwari, Clegg & Zou 2006).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv  # type: ignore[import-untyped]

Floats = npt.NDArray[np.float64]

SHARES = np.array([*range(5, 91, 5), 93, 96, 98, 99.5]) / 100.0
"""Shares of the traffic at which a zone may end."""


@dataclass(frozen=True, slots=True)
class Zone:
    """All records with `z <= theta`: answers in it, estimated error, upper limit of that."""

    theta: float
    answers: int
    error: float
    limit: float


def upper_limit(wrong: Floats, squares: Floats, mean_weight: Floats, risk: float) -> Floats:
    """Upper limit, at one-sided `risk`, of the sum that `wrong` estimates.

    `wrong` is the sum of the weights of wrong answers, `squares` that of their squares.
    """
    y = wrong + mean_weight
    v = squares + mean_weight**2
    limit: Floats = v / y * gammaincinv(y**2 / v, 1.0 - risk)
    return limit


@dataclass(frozen=True, slots=True)
class Gate:
    """`limit_risk` is the risk of each zone's upper limit, `min_zone` the answers a zone needs."""

    limit_risk: float
    min_zone: float

    def zones(self, z: Floats, wrong: Floats, weight: Floats) -> list[Zone]:
        """The candidate zones, narrow to wide. Equal z stay together."""
        if not z.size:
            return []
        order = np.argsort(z, kind="stable")
        z, weight, wrong = z[order], weight[order], wrong[order]
        total = np.cumsum(weight)
        ends = self._ends(z, total)
        missed = np.cumsum(weight * wrong)[ends]
        squares = np.cumsum(weight**2 * wrong)[ends]
        traffic, answers = total[ends], ends + 1
        limits = upper_limit(missed, squares, traffic / answers, self.limit_risk) / traffic
        return [
            Zone(*zone)
            for zone in zip(
                z[ends].tolist(), answers.tolist(), (missed / traffic).tolist(), limits.tolist(), strict=True
            )
        ]

    def _ends(self, z: Floats, total: Floats) -> npt.NDArray[np.int64]:
        reached = np.minimum(np.searchsorted(total, SHARES * total[-1], side="left"), z.size - 1)
        ends = np.unique(np.searchsorted(z, z[reached], side="right") - 1)
        kept: npt.NDArray[np.int64] = ends[ends + 1 >= self.min_zone]
        return kept

    def widest(self, z: Floats, wrong: Floats, weight: Floats, allowed: float) -> Zone | None:
        """The widest zone whose upper limit is at most `allowed`."""
        return next((zone for zone in reversed(self.zones(z, wrong, weight)) if zone.limit <= allowed), None)

"""The logarithmic pool (Genest & Zidek 1986): `P(c) ∝ exp(b_c + Σ_k a_k·L_kc)`: weights and temperature in one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from winnow.core.voting.votes import Floats, Votes


@dataclass(frozen=True, slots=True)
class PoolWeights:
    """`members`: how much each vote counts (a); `labels`: what is added for each label (b)."""

    members: Mapping[str, float]
    labels: Mapping[Any, float]

    def pooled(self, votes: Votes) -> dict[Any, float]:
        """The probability of each label."""
        logs = votes.aligned(tuple(self.members), tuple(self.labels))
        shares = pooled(self._a(), self._b(), logs)
        return dict(zip(self.labels, shares.tolist(), strict=True))

    def of_labels(self, logs: Floats, columns: npt.NDArray[np.int64]) -> Floats:
        """Probability of one label each: `logs` is votes × members × labels, `columns` says which label."""
        chosen: Floats = pooled_batch(self._a(), self._b(), logs)[np.arange(len(logs)), columns]
        return chosen

    def _a(self) -> Floats:
        return np.array(list(self.members.values()))

    def _b(self) -> Floats:
        return np.array(list(self.labels.values()))


def pooled(a: Floats, b: Floats, logs: Floats) -> Floats:
    """Probabilities from members' weights, labels' offsets and a row of log-probabilities per member."""
    margins = b.copy()
    for weight, votes in zip(a, logs, strict=True):  # in this order, so that a batch is pooled to the same last bit
        margins += weight * votes
    odds = np.exp(margins - margins.max())
    shares: Floats = odds / odds.sum()
    return shares


def pooled_batch(a: Floats, b: Floats, logs: Floats) -> Floats:
    """The same for votes × members × labels: a row of probabilities each, to the last bit."""
    margins = np.broadcast_to(b, (len(logs), logs.shape[2])).copy()
    for member, weight in enumerate(a):
        margins += weight * logs[:, member]
    odds = np.exp(margins - margins.max(axis=1, keepdims=True))
    shares: Floats = odds / odds.sum(axis=1, keepdims=True)
    return shares

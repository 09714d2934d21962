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
        margins = np.broadcast_to(self._b(), (len(logs), logs.shape[2])).copy()
        for member, weight in enumerate(self.members.values()):  # a matrix product may round by the number of rows
            margins += weight * logs[:, member]
        odds = np.exp(margins - margins.max(axis=1, keepdims=True))
        chosen: Floats = odds[np.arange(len(odds)), columns] / odds.sum(axis=1)
        return chosen

    def _a(self) -> Floats:
        return np.array(list(self.members.values()))

    def _b(self) -> Floats:
        return np.array(list(self.labels.values()))


def pooled(a: Floats, b: Floats, logs: Floats) -> Floats:
    """Probabilities from members' weights, labels' offsets and a row of log-probabilities per member."""
    margins = b + a @ logs
    odds = np.exp(margins - margins.max())
    shares: Floats = odds / odds.sum()
    return shares

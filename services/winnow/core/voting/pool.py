"""How the weights of a pool are learned: AdaGrad (Duchi, Hazan & Singer 2011) on the log loss.

The votes must be those of the time of decision. With votes taken when the answer arrives, a member that
follows the latest labels looks better than it is on the records that it decides about.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from winnow.core.voting.pool_weights import PoolWeights, pooled
from winnow.core.voting.votes import Floats

HEAVIEST = 20.0
_RATE = 0.03
_DECAY = 0.001
_FIRST_SQUARE = 10.0


class Pool:
    """Member `k` starts with the weight `starts[k]`, all labels with an offset of 0."""

    def __init__(self, members: Sequence[str], starts: Sequence[float], labels: Sequence[Any]) -> None:
        self.members = tuple(members)
        self.labels = list(labels)
        self.a: Floats = np.array(starts, dtype=np.float64)
        self.a_squares: Floats = np.full(len(self.members), _FIRST_SQUARE)
        self.b: Floats = np.zeros(len(self.labels))
        self.b_squares: Floats = np.full(len(self.labels), _FIRST_SQUARE)

    @property
    def weights(self) -> PoolWeights:
        """As they are now."""
        members = dict(zip(self.members, self.a.tolist(), strict=True))
        return PoolWeights(members, dict(zip(self.labels, self.b.tolist(), strict=True)))

    def add_label(self, label: Any) -> None:
        """One more label, with an offset of 0."""
        self.labels.append(label)
        self.b = np.append(self.b, 0.0)
        self.b_squares = np.append(self.b_squares, _FIRST_SQUARE)

    def probabilities(self, logs: Floats) -> Floats:
        """The pooled probability of each label."""
        return pooled(self.a, self.b, logs)

    def learn(self, logs: Floats, label: int, weight: float) -> None:
        """One verdict: `weight` is the inverse propensity of its look, cut at 20."""
        weight = min(weight, HEAVIEST)
        miss = self.probabilities(logs)
        miss[label] -= 1.0
        slopes = weight * (logs @ miss)
        self.a_squares = self.a_squares + slopes * slopes
        self.a = np.maximum(self.a - _RATE * slopes / np.sqrt(self.a_squares), 0.0)
        slopes = weight * miss
        self.b_squares = self.b_squares + slopes * slopes
        self.b = self.b - _RATE * (slopes + _DECAY * self.b) / np.sqrt(self.b_squares)

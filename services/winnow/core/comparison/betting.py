"""Evidence that the mean of weighted, bounded differences is above 0, valid whenever somebody looks.

A gambler who starts with 1 bets on each difference before it is known; while the mean is at most 0 the
game is unfair to them, so that their capital ever exceeds 1/α with a probability of at most α (Ville
1939; Howard, Ramdas, McAuliffe & Sekhon 2021; betting on bounded means: Waudby-Smith & Ramdas 2024; with
weights of known coins: Waudby-Smith, Wu, Ramdas, Karampatziakis & Mineiro 2024). The capital is spread
over bets of several sizes, and over gamblers who begin later: a model that learns slowly is not held for
ever to its first verdicts.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FRACTIONS: Floats = 0.5 ** np.arange(1.0, 8.0)
"""Bets, as shares of what keeps the capital above 0."""

LATER_EVERY = 500
"""Further gamblers begin after 500, 1,000, 2,000, 4,000 ... differences."""


class Capital:
    """The capital of one game, or of several beside each other (`runs` is the shape of their differences)."""

    def __init__(self, runs: tuple[int, ...] = ()) -> None:
        self.heard = 0
        self.cap: Floats = np.ones(runs)
        self._waiting = 0.5
        self._logs: Floats = np.full((*runs, 1, FRACTIONS.size), np.log(0.5 / FRACTIONS.size))

    def hear(self, difference: float | Floats, weight: float | Floats = 1.0) -> None:
        """One difference in -1..1, with the weight of its look.

        A weight counts up to the largest one before it: bets must be safe before it is known.
        """
        if self.heard == LATER_EVERY << (self._gamblers - 1):
            self._begin_another()
        self.heard += 1
        if not isinstance(difference, float) or difference:  # models agree most of the time, and then nobody wins
            stake = np.minimum(weight, self.cap) / self.cap * np.asarray(difference)
            self._logs = self._logs + np.log1p(stake[..., None, None] * FRACTIONS)
        self.cap = np.maximum(self.cap, weight)

    @property
    def log(self) -> Floats:
        """Logarithm of the capital: of the running bets, and of what waits for later gamblers."""
        highest = self._logs.max(axis=(-2, -1), keepdims=True)
        running = np.exp(self._logs - highest).sum(axis=(-2, -1))
        logs: Floats = np.logaddexp(highest[..., 0, 0] + np.log(running), np.log(self._waiting))
        return logs

    @property
    def _gamblers(self) -> int:
        return int(self._logs.shape[-2])

    def _begin_another(self) -> None:
        self._waiting /= 2.0
        shape = (*self._logs.shape[:-2], 1, FRACTIONS.size)
        another = np.full(shape, np.log(self._waiting / FRACTIONS.size))
        self._logs = np.concatenate([self._logs, another], axis=-2)

    def snapshot(self) -> dict[str, Any]:
        """All there is to know, as plain JSON."""
        return {"heard": self.heard, "cap": self.cap.tolist(), "waiting": self._waiting, "logs": self._logs.tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Back to a snapshot."""
        self.heard, self._waiting = state["heard"], state["waiting"]
        self.cap, self._logs = np.asarray(state["cap"]), np.asarray(state["logs"])

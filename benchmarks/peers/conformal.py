"""Conformal prediction on a stream: the machine labels where the prediction set has one label only.

A label belongs to the set when its nonconformity, 1 - its probability, is at most a quantile of those of
the newest answers (Vovk, Gammerman & Shafer 2005). The sliding window takes the level as it is asked for;
adaptive conformal inference moves it by what the sets missed (Gibbs & Candès 2021). The top label is in
every set: an empty one would say less than it.
"""

import random
from collections import deque

import numpy as np

from benchmarks.peers.strategy import Scores

WINDOW = 1_000
LEAST_ANSWERS = 100
STEP = 0.005


class Calibration:
    """Nonconformities of the newest answers, each with the number of records that it stands for."""

    def __init__(self, window: int = WINDOW) -> None:
        self._answers: deque[tuple[float, float]] = deque(maxlen=window)
        self._sorted: tuple[Scores, Scores] | None = None

    def __len__(self) -> int:
        return len(self._answers)

    def add(self, nonconformity: float, weight: float) -> None:
        """One answer."""
        self._answers.append((nonconformity, weight))
        self._sorted = None

    def quantile(self, miss: float) -> float:
        """The least nonconformity that all but a share `miss` reach, the record to come counted as infinite."""
        if miss >= 1.0:
            return -np.inf
        if self._sorted is None:
            self._sorted = self._sort()
        values, reached = self._sorted
        wanted = (1.0 - miss) * (reached[-1] + 1.0) if len(values) else np.inf
        place = int(np.searchsorted(reached, wanted * (1.0 - 1e-12)))
        return float(values[place]) if place < len(values) else np.inf

    def _sort(self) -> tuple[Scores, Scores]:
        pairs = np.array(self._answers, dtype=np.float64).reshape(-1, 2)
        pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
        return pairs[:, 0], np.cumsum(pairs[:, 1])


class SlidingConformal:
    """Calibrated on all answers it gets, as if they were a fair sample of the records."""

    def __init__(self, target: float, window: int = WINDOW, least_answers: int = LEAST_ANSWERS) -> None:
        self._target = target
        self._least_answers = least_answers
        self._calibration = Calibration(window)

    def asks(self, scores: Scores) -> bool:
        """Unless exactly one label is in the set."""
        if len(self._calibration) < self._least_answers:
            return True
        return set_size(scores, self._calibration.quantile(self._target)) != 1

    def answered(self, scores: Scores, truth: int, *, asked: bool) -> None:  # noqa: ARG002
        """Every answer counts as one."""
        self._calibration.add(1.0 - float(scores[truth]), 1.0)


class AdaptiveConformal:
    """Audits a share of what it would label, and weighs answers by how likely they were asked for.

    So calibration and level see a fair sample of all records. The level moves with each audit by
    `STEP · (target - missed)`, and with other answers by as much less as they were likelier.
    """

    def __init__(self, target: float, audit_rate: float, seed: str, least_answers: int = LEAST_ANSWERS) -> None:
        self.level = target
        self._target = target
        self._audit_rate = audit_rate
        self._least_answers = least_answers
        self._calibration = Calibration(WINDOW)
        self._coin = random.Random(seed)
        self._asked: deque[tuple[float | None, float]] = deque()

    def asks(self, scores: Scores) -> bool:
        """An audit, or a set that has not exactly one label."""
        known = len(self._calibration) >= self._least_answers
        limit = self._calibration.quantile(self.level) if known else None
        alone = limit is not None and set_size(scores, limit) == 1
        chance = self._audit_rate if alone else 1.0
        asks = self._coin.random() < chance
        if asks:
            self._asked.append((limit, 1.0 / chance))
        return asks

    def answered(self, scores: Scores, truth: int, *, asked: bool) -> None:
        """Only what it asked for counts; labels that came for nothing are left out."""
        if not asked:
            return
        limit, weight = self._asked.popleft()
        nonconformity = 1.0 - float(scores[truth])
        if limit is not None:
            missed = nonconformity > limit and int(scores.argmax()) != truth
            self.level += STEP * weight * self._audit_rate * (self._target - missed)
        self._calibration.add(nonconformity, weight)


def set_size(scores: Scores, limit: float) -> int:
    """How many labels are in the prediction set."""
    return max(1, int(np.count_nonzero(1.0 - scores <= limit)))

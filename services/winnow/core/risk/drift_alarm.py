"""Alarm when audits above the threshold are wrong more often than the target allows.

A mixture of Shiryaev-Roberts statistics (Roberts 1966; Pollak 1985) over four alternatives. While the
true error is at most the target, the mean number of audits to a false alarm is at least `run`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

JUMPS = (0.05, 0.12, 0.3, 0.7)
"""Alternatives: the share of the way from the target to "all wrong"."""


@dataclass(slots=True)
class DriftStatistic:
    """`target` is the error allowed (above 0), `run` the mean run between false alarms, in audits."""

    target: float
    run: float
    values: tuple[float, ...] = (0.0,) * len(JUMPS)

    @property
    def level(self) -> float:
        return sum(self.values) / len(self.values)

    def hear(self, *, wrong: bool) -> bool:
        """Take in one audit; True when it raises the alarm."""
        ratios = [self._ratio(jump, wrong=wrong) for jump in JUMPS]
        self.values = tuple((1.0 + r) * ratio for r, ratio in zip(self.values, ratios, strict=True))
        return self.level > self.run

    def _ratio(self, jump: float, *, wrong: bool) -> float:
        low = self.target
        high = min(0.9, max(2.0 * low, low + jump * (1.0 - low)))
        return high / low if wrong else (1.0 - high) / (1.0 - low)

    def start_afresh(self) -> None:
        self.values = (0.0,) * len(JUMPS)

    def snapshot(self) -> list[float]:
        return list(self.values)

    def restore(self, values: Sequence[float]) -> None:
        self.values = tuple(values)

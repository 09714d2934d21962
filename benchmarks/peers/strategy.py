"""What a peer is asked and told, and what came of it."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from winnow.replay.worst_window import WorstWindow

Scores = npt.NDArray[np.float64]
"""The model's probability of each label, in the order of the task's labels."""


class Strategy(Protocol):
    """Decides for each record whether people are asked; the machine labels the others by its top score."""

    def asks(self, scores: Scores) -> bool:
        """Whether people label this record."""
        ...

    def answered(self, scores: Scores, truth: int, *, asked: bool) -> None:
        """The label of an earlier record is known. `asked`: because this strategy wanted it.

        Answers come in the order of the records. `scores` are those of decision time.
        """
        ...


@dataclass
class Outcome:
    """What a strategy did: counts, and the worst stretch of 2,000 machine labels."""

    records: int = 0
    auto: int = 0
    wrong: int = 0
    window: WorstWindow = field(default_factory=WorstWindow)

    def add(self, *, asked: bool, wrong: bool) -> None:
        """One more record; `wrong` says whether the machine's label would be."""
        self.records += 1
        if not asked:
            self.auto += 1
            self.wrong += wrong
            self.window.add(wrong=wrong)

    def as_values(self) -> dict[str, float | int | None]:
        """For programs."""
        return {
            "records": self.records,
            "auto": self.auto,
            "coverage": self.auto / self.records if self.records else None,
            "auto_errors": self.wrong,
            "auto_error": self.wrong / self.auto if self.auto else None,
            "worst_window": self.window.worst,
            "reviews": self.records - self.auto,
        }

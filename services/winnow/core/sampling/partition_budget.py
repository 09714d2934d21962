"""What is remembered of one partition so that its budget holds, and the chance of each of its records.

It follows from the partition's records and what became of them, one after the other. It travels as a note with
the commit of the offset it belongs to, so that a restart goes on exactly where the last commit was; where the
note is lost, the budget counts as spent.
"""

import struct
from base64 import b64decode, b64encode
from contextlib import suppress
from typing import NamedTuple, Self

from winnow.core.decision import ASKED_ROWS, Row
from winnow.core.sampling.neighbourhood import Neighbourhood
from winnow.core.sampling.spending import Spending, Terms
from winnow.core.sampling.standing import Standing
from winnow.core.sampling.task_budget import TaskBudget
from winnow_schemas.records import Record

STEEPEST = 10.0
"""Who would teach most is asked with up to so many times the chance of the floor."""


class Turn(NamedTuple):
    """A record whose turn it is: its row before the budget, whether it was compared with others, what an answer would
    teach (None: there is no telling), and the chance that it is asked about below the threshold.
    """

    row: Row
    was_compared: bool
    worth: float | None
    chance: float


class PartitionBudget:
    """Of one partition of a task with a budget: `turn` and then `passed`, for one record after the other."""

    def __init__(self, budget: TaskBudget) -> None:
        self.budget = budget
        self._spending = Spending()
        self._standing = Standing()
        self._nearby = Neighbourhood(budget.input) if budget.sketcher else None

    @classmethod
    def unknown(cls, budget: TaskBudget) -> Self:
        """Nothing is known of what was spent: all may have been."""
        partition = cls(budget)
        partition._spending = Spending.unknown()
        return partition

    def turn(self, terms: Terms, row: Row, open_share: float, of_scores: float | None, record: Record) -> Turn:
        """Of the partition's next record, by what its scores say of its worth.

        Above an open threshold only audits are asked about: it matters whether anything is left, not what it is worth.
        """
        if row not in _BELOW and open_share >= 1.0:
            return Turn(row, was_compared=False, worth=None, chance=float(self._spending.left(terms) > 0))
        worth = self._worth(of_scores, record)
        return Turn(row, was_compared=True, worth=worth, chance=self._chance(terms, worth))

    def passed(self, turn: Turn, settled: Row) -> None:
        """In which row it ended."""
        below, asked = turn.row in _BELOW, settled in ASKED_ROWS
        self._spending.passed(below=below, asked=asked)
        if below and turn.worth is not None:
            self._standing.passed(turn.worth)
        if turn.was_compared and self._nearby is not None:
            self._nearby.passed(asked=asked)

    def _worth(self, of_scores: float | None, record: Record) -> float | None:
        sketcher, nearby, teaching = self.budget.sketcher, self._nearby, self.budget.teaching
        if sketcher is None or nearby is None:
            return of_scores
        nearby.look(sketcher, record)
        if of_scores is None:
            return None
        return min(1.0, of_scores + teaching.novelty * nearby.novelty + teaching.density * nearby.density)

    def _chance(self, terms: Terms, worth: float | None) -> float:
        """Around the mean: the floor for what would teach least, and growing with the place among the last ones."""
        mean = self._spending.chance(terms)
        if worth is None or mean <= terms.floor or mean >= 1.0:
            return mean
        most = min(1.0, max(STEEPEST * terms.floor, 2.0 * mean))
        steepness = (most - mean) / (mean - terms.floor)
        return terms.floor + (most - terms.floor) * self._standing.of(worth).mean_power(steepness)

    def note(self) -> str:
        """All that is remembered, as text without blanks."""
        nearby = self._nearby.to_bytes() if self._nearby else b""
        return b64encode(_VERSION + self._spending.to_bytes() + self._standing.to_bytes() + nearby).decode()

    @classmethod
    def of_note(cls, budget: TaskBudget, note: str) -> Self:
        """The same again. A note of another version is as good as none, and so is what was compared of other inputs."""
        partition = cls(budget)
        try:
            kept = b64decode(note, validate=True)
            if kept[:1] != _VERSION:
                return cls.unknown(budget)
            partition._spending = Spending.from_bytes(kept[1 : 1 + Spending.SIZE])
        except (ValueError, struct.error):
            return cls.unknown(budget)
        with suppress(ValueError, IndexError, struct.error):
            partition._compare_again(kept[1 + Spending.SIZE :])
        return partition

    def _compare_again(self, kept: bytes) -> None:
        self._standing = Standing.from_bytes(kept)
        if self._nearby is not None:
            self._nearby = Neighbourhood.from_bytes(self.budget.input, kept[1 + kept[0] :])


_VERSION = b"\x01"
_BELOW = frozenset({Row.SHUT, Row.UNSURE, Row.CLOSED})

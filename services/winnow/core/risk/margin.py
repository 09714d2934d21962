"""Spend the error budget at the pace it is earned.

The best looking of many zones is systematically a little too good. What the audits found tells how many
wrong labels nobody saw; while these run ahead of what the target allows, the gate gets less of it. Extra
looks count like audits of the ledger, and what is found counts at once, also among labels that are still held;
what was found among labels that were taken back does not count.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Margin:
    """Share of the target that the gate may use: from `floor` to 1."""

    target: float
    kick: float
    floor: float
    base: float

    def __call__(self, spent: float, released: int) -> float:
        """`spent`: wrong labels nobody saw, by what audits found; `released`: labels released, both in all."""
        earned = self.target * released + self.base
        return min(max(self.kick - spent / earned, self.floor), 1.0)

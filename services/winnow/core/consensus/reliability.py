"""How far each reviewer can be relied on: a fold over verdicts, in their order.

Judged are answers to gold, whose label is known, and answers that several people gave to one record. An only answer
says nothing about who gave it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from winnow.core.consensus.accuracy import Accuracy, accuracy_of
from winnow.core.consensus.confusions import Confusions

JUDGED_AT_LEAST = 20.0
"""Answers that must have been judged before anybody is held to be below a limit."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The answers behind one verdict, reviewer and label; `is_gold`: its label was known before."""

    label: str
    answers: tuple[tuple[str, str], ...]
    is_gold: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one reviewer; `agreed` of `compared` answers were those of the verdict."""

    accuracy: Accuracy
    gold_right: int
    gold: int
    agreed: int
    compared: int
    verdicts: int


@dataclass(slots=True)
class _Counts:
    gold_right: int = 0
    gold: int = 0
    agreed: int = 0
    compared: int = 0
    verdicts: int = 0


@dataclass(slots=True)
class Reliability:
    """Everything known of all reviewers. Whose answers are right less often than `limit` needs a second opinion."""

    confusions: Confusions
    limit: float
    _counts: dict[str, _Counts] = field(default_factory=dict)

    @classmethod
    def of_task(cls, labels: Iterable[str], limit: float) -> "Reliability":
        """Nothing known yet."""
        return cls(Confusions(labels), limit)

    def hear(self, judged: Judged) -> None:
        """Learn from one verdict."""
        for reviewer, answer in judged.answers:
            counts = self._counts.setdefault(reviewer, _Counts())
            counts.verdicts += 1
            if judged.is_gold:
                counts.gold += 1
                counts.gold_right += answer == judged.label
            elif len(judged.answers) > 1:
                counts.compared += 1
                counts.agreed += answer == judged.label
        if judged.is_gold:
            self.confusions.learn_known(judged.answers, judged.label)
        elif len(judged.answers) > 1:
            self.confusions.learn(judged.answers)

    def standing(self, reviewer: str) -> Standing:
        """What is known of this reviewer."""
        counts = self._counts.get(reviewer) or _Counts()
        accuracy = accuracy_of(*self.confusions.judged(reviewer))
        return Standing(accuracy, counts.gold_right, counts.gold, counts.agreed, counts.compared, counts.verdicts)

    def standings(self) -> Mapping[str, Standing]:
        """Of all who have answered."""
        return {reviewer: self.standing(reviewer) for reviewer in self._counts}

    def needs_second(self, reviewer: str) -> bool:
        """Whether this reviewer's answers count only together with another's."""
        right, judged = self.confusions.judged(reviewer)
        return judged >= JUDGED_AT_LEAST and right < self.limit * judged

"""Simulated reviewers: each is right with a fixed chance, and otherwise gives any other label."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MIXTURE = {"sixty": 0.6, "eighty": 0.8, "ninety-five": 0.95}


@dataclass
class Crowd:
    """Answers of a mixture of reviewers, the same for the same seed."""

    seed: int
    labels: Sequence[str] = ("ham", "spam")
    people: Mapping[str, float] = field(default_factory=lambda: MIXTURE)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def truth(self) -> str:
        return self._random.choice(self.labels)

    def answers(self, truth: str) -> tuple[tuple[str, str], ...]:
        return tuple((name, self._answer(truth, chance)) for name, chance in self.people.items())

    def any_of(self, labels: Sequence[str]) -> str:
        return self._random.choice(labels)

    def _answer(self, truth: str, chance: float) -> str:
        if self._random.random() < chance:
            return truth
        return self._random.choice([label for label in self.labels if label != truth])

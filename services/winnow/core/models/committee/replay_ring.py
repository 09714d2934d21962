"""The last verdicts, kept to be learned from again: few steps a verdict are too few when verdicts are dear."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from winnow.core.models.committee.seeded_choice import SeededChoice


class Lesson(NamedTuple):
    """One verdict: the row of its label, and what each group of members keeps of its record."""

    label: int
    kept: tuple[Any, ...]


class ReplayRing:
    """At most `size` lessons; the oldest leaves first. The choice of lessons is part of the state."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.lessons: list[Lesson] = []
        self.added = 0
        self.choice = SeededChoice(seed)

    def add(self, lesson: Lesson) -> None:
        """Keep one lesson."""
        if len(self.lessons) < self.size:
            self.lessons.append(lesson)
        else:
            self.lessons[self.added % self.size] = lesson
        self.added += 1

    def draw(self, count: int) -> Iterator[Lesson]:
        """So many lessons of those kept, the newest among them, each as likely as the others."""
        for _ in range(count if self.lessons else 0):
            yield self.lessons[self.choice.below(len(self.lessons))]

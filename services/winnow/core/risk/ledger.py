"""The error ledger: what may be claimed about the released labels, chapter by chapter.

A chapter is a run of decisions under one ledger coin. The coin's chance is constant within it; it ends
by an alarm (and with it the epoch) or because enough evidence is in to audit less from then on. The j-th
chapter has the risk δ·6/(π²j²): they sum to δ.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import pi
from typing import Any

from winnow.core.risk.ledger_bound import most_wrong


@dataclass(slots=True)
class Chapter:
    """Decisions with policy version `first` and later, up to the next chapter.

    `released` counts unseen labels released, `found` audits found wrong or never answered, `never` those
    never answered. `missed` is the share of errors that reviewers overlook. `spent` estimates the wrong ones
    among the released labels; it bounds nothing.
    """

    epoch: int
    number: int
    first: int
    rate: float
    risk: float
    missed: float = 0.0
    released: int = 0
    found: int = 0
    never: int = 0
    spent: float = 0.0

    @property
    def wrong_at_most(self) -> float:
        return most_wrong(self.found, self.rate * (1.0 - self.missed), self.risk) + self.never

    @property
    def bound(self) -> float:
        """As `wrong_at_most`, knowing that no more labels than were released can be wrong."""
        return min(float(self.released), self.wrong_at_most - self.never) + self.never

    def allowance(self, factor: float) -> float:
        """What the promise concedes at the start, when there is no evidence yet."""
        return factor * most_wrong(0, self.rate * (1.0 - self.missed), self.risk)


class Ledger:
    """All chapters of one scope, oldest first. `risk` is the δ of all of them together."""

    def __init__(self, target: float, risk: float, allowance_factor: float) -> None:
        self.target = target
        self.risk = risk
        self.allowance_factor = allowance_factor
        self.chapters: list[Chapter] = []

    @property
    def current(self) -> Chapter:
        """The chapter of new decisions."""
        return self.chapters[-1]

    def begin_epoch(self, first: int, rate: float, missed: float) -> None:
        """After an alarm, and at the very start: nothing of before counts for the release test."""
        epoch = self.current.epoch + 1 if self.chapters else 1
        self._begin(epoch, 1, first, rate, missed)

    def begin_chapter(self, first: int, rate: float, missed: float) -> None:
        """Enough evidence: go on in the same epoch with another coin."""
        self._begin(self.current.epoch, self.current.number + 1, first, rate, missed)

    def _begin(self, epoch: int, number: int, first: int, rate: float, missed: float) -> None:
        risk = self.risk * 6.0 / (pi * (len(self.chapters) + 1)) ** 2
        self.chapters.append(Chapter(epoch, number, first, rate, risk, missed))

    def chapter_of(self, version: int) -> Chapter | None:
        """The chapter in which a policy version was issued; None before the first."""
        index = bisect_right(self.chapters, version, key=lambda chapter: chapter.first) - 1
        return self.chapters[index] if index >= 0 else None

    def is_current_epoch(self, version: int) -> bool:
        """Whether a policy version belongs to the epoch that runs."""
        chapter = self.chapter_of(version)
        return chapter is not None and chapter.epoch == self.current.epoch

    def may_release(self, chapter: Chapter, labels: int) -> bool:
        """Whether so many more labels of `chapter` keep the promise of its epoch so far."""
        so_far = [c for c in self.chapters if c.epoch == chapter.epoch and c.number <= chapter.number]
        bound = sum(c.bound for c in so_far[:-1]) + chapter.wrong_at_most
        released = sum(c.released for c in so_far) + labels
        return bound <= self.target * released + sum(c.allowance(self.allowance_factor) for c in so_far)

    @property
    def released(self) -> int:
        return sum(chapter.released for chapter in self.chapters)

    @property
    def bound(self) -> float:
        """Of all released labels at most so many are wrong, with probability 1 - δ, at all times."""
        return sum(chapter.bound for chapter in self.chapters)

    @property
    def found(self) -> int:
        return sum(chapter.found for chapter in self.chapters)

    @property
    def never(self) -> int:
        return sum(chapter.never for chapter in self.chapters)

    @property
    def spent(self) -> float:
        return sum(chapter.spent for chapter in self.chapters)

    @property
    def allowances(self) -> float:
        """What the promise concedes over all chapters from which labels were released."""
        return sum(chapter.allowance(self.allowance_factor) for chapter in self.chapters if chapter.released)

    def snapshot(self) -> list[dict[str, Any]]:
        return [asdict(chapter) for chapter in self.chapters]

    def restore(self, chapters: Sequence[dict[str, Any]]) -> None:
        self.chapters = [Chapter(**chapter) for chapter in chapters]

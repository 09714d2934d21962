"""Cohorts: the auto labels of one policy version, held until their audits are in.

A cohort is complete when every partition has evidence of a later version; time alone never completes it.
While cohorts wait, neighbours of the same chapters may be joined, so that their number stays small.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Tally:
    """One scope's part of a cohort: unseen labels; ledger audits made, closed, wrong or never answered, never.

    `spent` estimates the wrong ones among the unseen labels, by what all audits found.
    """

    unseen: int = 0
    audits: int = 0
    closed: int = 0
    found: int = 0
    never: int = 0
    spent: float = 0.0

    @property
    def is_empty(self) -> bool:
        return not (self.unseen or self.audits or self.closed)

    def absorb(self, other: "Tally") -> None:
        self.unseen += other.unseen
        self.audits += other.audits
        self.closed += other.closed
        self.found += other.found
        self.never += other.never
        self.spent += other.spent

    def snapshot(self) -> list[float]:
        return [self.unseen, self.audits, self.closed, self.found, self.never, self.spent]


class Cohort:
    """Policy versions `first` to `last`. `newest_at` is when its newest label was decided.

    `withdrawn`: its labels were taken back and never count; its audits still do, where their epoch goes on.
    """

    def __init__(self, first: int, last: int, newest_at: float, *, withdrawn: bool = False) -> None:
        self.first = first
        self.last = last
        self.newest_at = newest_at
        self.withdrawn = withdrawn
        self.tallies: dict[int, Tally] = {}

    def tally(self, scope: int) -> Tally:
        return self.tallies.setdefault(scope, Tally())

    @property
    def unseen(self) -> int:
        return 0 if self.withdrawn else sum(tally.unseen for tally in self.tallies.values())

    @property
    def is_empty(self) -> bool:
        return all(tally.is_empty for tally in self.tallies.values())

    def absorb(self, later: "Cohort") -> None:
        self.last = later.last
        self.newest_at = max(self.newest_at, later.newest_at)
        for scope, tally in later.tallies.items():
            self.tally(scope).absorb(tally)

    def snapshot(self) -> list[Any]:
        tallies = {str(scope): tally.snapshot() for scope, tally in self.tallies.items()}
        return [self.first, self.last, self.newest_at, self.withdrawn, tallies]


class CohortBook:
    """The cohorts not yet released, oldest first; the last one is that of the policy in force."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: list[Cohort] = []

    def __len__(self) -> int:
        return len(self._held)

    @property
    def oldest(self) -> Cohort | None:
        return self._held[0] if self._held else None

    def open(self, version: int, now: float, walls: Sequence[int]) -> None:
        """Begin the cohort of a new policy version. Cohorts are never joined across the versions in `walls`."""
        self._held.append(Cohort(version, version, now))
        if len(self._held) > self.most:
            self._join_closest(walls)

    def _join_closest(self, walls: Sequence[int]) -> None:
        pairs = [index for index in range(len(self._held) - 2) if self._may_join(index, walls)]
        if pairs:
            closest = min(pairs, key=lambda index: self._held[index + 1].newest_at - self._held[index].newest_at)
            self._held[closest].absorb(self._held.pop(closest + 1))

    def _may_join(self, index: int, walls: Sequence[int]) -> bool:
        earlier, later = self._held[index], self._held[index + 1]
        return earlier.withdrawn == later.withdrawn and not any(earlier.last < wall <= later.first for wall in walls)

    def find(self, version: int) -> Cohort | None:
        """The cohort held that a policy version belongs to."""
        index = bisect_left(self._held, version, key=lambda cohort: cohort.last)
        if index < len(self._held) and self._held[index].first <= version:
            return self._held[index]
        return None

    def pass_oldest(self) -> Cohort:
        """Take the oldest cohort out."""
        return self._held.pop(0)

    def withdraw(self) -> None:
        """Take back the labels of all cohorts held."""
        for cohort in self._held:
            cohort.withdrawn = True

    def no_later_than(self, now: float) -> None:
        """A clock had jumped ahead: no label was decided later than `now`."""
        for cohort in self._held:
            cohort.newest_at = min(cohort.newest_at, now)

    @property
    def unseen(self) -> int:
        """Labels held and neither released nor withdrawn."""
        return sum(cohort.unseen for cohort in self._held)

    def spent(self, scope: int) -> float:
        """Of a scope's labels held and not withdrawn so many are wrong, by what audits found so far."""
        tallies = (cohort.tallies.get(scope) for cohort in self._held if not cohort.withdrawn)
        return sum(tally.spent for tally in tallies if tally)

    def snapshot(self) -> list[list[Any]]:
        return [cohort.snapshot() for cohort in self._held]

    def restore(self, cohorts: Sequence[Sequence[Any]]) -> None:
        self._held = [_cohort(state) for state in cohorts]


def _cohort(state: Sequence[Any]) -> Cohort:
    first, last, newest_at, withdrawn, tallies = state
    cohort = Cohort(first, last, newest_at, withdrawn=withdrawn)
    cohort.tallies = _tallies(tallies)
    return cohort


def _tallies(state: Mapping[str, Sequence[Any]]) -> dict[int, Tally]:
    return {int(scope): Tally(*counts) for scope, counts in state.items()}

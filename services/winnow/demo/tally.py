"""Counts what became of the demo's records, against the truth. Pure: outcomes go in, figures come out."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """The sum so far: `auto` are labels of the machine that stand (neither recalled nor corrected)."""

    auto: int
    auto_errors: int
    reviewed: int
    unlabelled: int
    dead_letters: int
    recalled: int

    @property
    def ended(self) -> int:
        """Records with an outcome."""
        return self.auto + self.reviewed + self.unlabelled + self.dead_letters

    @property
    def auto_error(self) -> float | None:
        """True error of the machine's labels."""
        return self.auto_errors / self.auto if self.auto else None


@dataclass
class Tally:
    """The newest outcome of each record counts; `truth` is by record id."""

    truth: Mapping[str, str]
    _kinds: dict[Position, str] = field(default_factory=dict)
    _count: Counter[str] = field(default_factory=Counter)
    _wrong: set[Position] = field(default_factory=set)
    _recalled: set[Position] = field(default_factory=set)

    def ended(self, position: Position, kind: str, record_id: str | None, label: str | None) -> None:
        """An outcome was seen; a recall takes the one before back."""
        before = self._kinds.pop(position, None)
        if before:
            self._count[before] -= 1
        self._wrong.discard(position)
        if kind == "recall":
            self._recalled.add(position)
            return
        self._kinds[position] = kind
        self._count[kind] += 1
        if kind == "auto" and label != self.truth.get(record_id or ""):
            self._wrong.add(position)

    def figures(self) -> Figures:
        """The sum so far."""
        return Figures(
            auto=self._count["auto"],
            auto_errors=len(self._wrong),
            reviewed=self._count["human"],
            unlabelled=self._count["unlabelled"],
            dead_letters=self._count["dead_letter"],
            recalled=len(self._recalled),
        )


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of the values does not exceed; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

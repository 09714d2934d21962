"""What the queue tells of itself, and an operator's word about it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from winnow.review.queue_entries import BLIND_LINE, reason_and_label


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Open requests, those in somebody's hands, and those that somebody may still take."""

    open: int
    leased: int
    waiting: int


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """What stands in the queue; nothing here tells of a blind request more than that it is one.

    `by_reason` and `by_label` (suggested) count the others. `near_duplicates` wait for another's answer, or for a
    quiet moment.
    """

    counts: QueueCounts
    blind: int
    by_reason: Mapping[str, int]
    by_label: Mapping[str, int]
    leased_by: Mapping[str, int]
    near_duplicates: int


@dataclass(frozen=True, slots=True)
class Pause:
    """An operator's word: nothing is given out, or again. The newest one counts (`at`: seconds since the epoch)."""

    is_paused: bool
    by: str
    at: float
    note: str = ""

    def encoded(self) -> dict[str, Any]:
        """As it stands in Redis and in notes."""
        return {"is_paused": self.is_paused, "by": self.by, "at": self.at, "note": self.note}

    @classmethod
    def read(cls, said: Any) -> "Pause | None":
        """What `encoded` wrote; None for anything else."""
        try:
            return cls(bool(said["is_paused"]), str(said["by"]), float(said["at"]), str(said["note"]))
        except (TypeError, KeyError, ValueError):
            return None


def status_of(
    open_by_line: Mapping[str, int], leased_by: Mapping[str, int], leased: int, waiting: int, near_duplicates: int
) -> QueueStatus:
    """The status from counts by line."""
    by_reason: Counter[str] = Counter()
    by_label: Counter[str] = Counter()
    for line, number in open_by_line.items():
        if line != BLIND_LINE:
            reason, label = reason_and_label(line)
            by_reason[reason] += number
            by_label.update({} if label is None else {label: number})
    return QueueStatus(
        counts=QueueCounts(sum(open_by_line.values()), leased, waiting),
        blind=open_by_line.get(BLIND_LINE, 0),
        by_reason=by_reason,
        by_label=by_label,
        leased_by=leased_by,
        near_duplicates=near_duplicates,
    )

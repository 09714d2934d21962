"""The kept answers that the gate looks back on: a ring of twice the window, of which the newest half counts.

Twice, so that a reader who has the ring as it is now and the rest of the state as it was a little
earlier can still go back: an answer is overwritten only when a whole window came after it. Each slot
says at which evidence offset it came to be, and at which it changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from winnow.core.risk.error_model import logits
from winnow.core.voting import KeptVotes, PoolWeights, Votes


class Mark(NamedTuple):
    """Which closing of a request: how often it was reopened, and the revision. Higher is newer."""

    reopened: int
    revision: int


class KeptAnswer(NamedTuple):
    """One answer: log-odds of the top probability, inverse propensity, and whether the label was wrong.

    `votes` are those that a committee pooled to the top probability when it decided.
    """

    request: str
    mark: Mark
    label: str
    x: float
    weight: float
    wrong: bool
    votes: Votes | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers in force, oldest first: log-odds, label code, wrong (0 or 1), inverse propensity."""

    x: npt.NDArray[np.float64]
    label: npt.NDArray[np.int64]
    wrong: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]


@dataclass(slots=True)
class _Slot:
    position: int
    request: str
    label: str
    history: list[tuple[int, Mark, bool]]


class AnswerWindow:
    """Answers of the current epoch. `size` is the window; memory is twice that."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.capacity = 2 * size
        self._total = 0
        self._start = 0
        self._allocate(min(self.capacity, 512))
        self._slots: list[_Slot | None] = []
        self._where: dict[str, int] = {}
        self._codes: dict[str, int] = {}
        self._votes = KeptVotes()

    def _allocate(self, rows: int) -> None:
        self._x = np.zeros(rows)
        self._label = np.zeros(rows, dtype=np.int64)
        self._wrong = np.zeros(rows)
        self._weight = np.zeros(rows)

    @property
    def count(self) -> int:
        """Answers of this epoch so far, also those that have left the window."""
        return self._total - self._start

    @property
    def label_names(self) -> list[str]:
        """Label of each code in `Answers.label`."""
        return list(self._codes)

    def start_afresh(self) -> None:
        """Forget all answers."""
        self._start = self._total

    def add(self, offset: int, kept: KeptAnswer) -> int:
        """Keep one answer; gives the slot it went into."""
        row = self._total % self.capacity
        self._forget(row)
        slot = _Slot(self._total, kept.request, kept.label, [(offset, kept.mark, kept.wrong)])
        self._put(row, slot, kept.x, kept.weight)
        self._votes.keep(row, kept.votes)
        self._total += 1
        return row

    def _forget(self, row: int) -> None:
        old = self._slots[row] if row < len(self._slots) else None
        if old is not None and self._where.get(old.request) == old.position:
            del self._where[old.request]

    def _put(self, row: int, slot: _Slot, x: float, weight: float) -> None:
        self._grow(row + 1)
        self._slots[row] = slot
        self._where[slot.request] = slot.position
        self._x[row] = x
        self._weight[row] = weight
        self._label[row] = self._codes.setdefault(slot.label, len(self._codes))
        self._wrong[row] = slot.history[-1][2]

    def _grow(self, rows: int) -> None:
        self._slots.extend([None] * (rows - len(self._slots)))
        if rows > self._x.size:
            more = min(max(2 * self._x.size, rows), self.capacity) - self._x.size
            self._x = np.append(self._x, np.zeros(more))
            self._label = np.append(self._label, np.zeros(more, dtype=np.int64))
            self._wrong = np.append(self._wrong, np.zeros(more))
            self._weight = np.append(self._weight, np.zeros(more))

    def mark_of(self, request: str) -> Mark | None:
        """The newest closing known of a request whose answer is in the window, else None."""
        slot = self._find(request)
        return slot.history[-1][1] if slot else None

    def was_wrong(self, request: str) -> bool:
        """Whether the newest answer known of a request found the label wrong."""
        slot = self._find(request)
        return slot is not None and slot.history[-1][2]

    def _find(self, request: str) -> _Slot | None:
        position = self._where.get(request)
        if position is None or position < max(self._start, self._total - self.size):
            return None
        return self._slots[position % self.capacity]

    def revise(self, offset: int, request: str, mark: Mark, *, wrong: bool) -> int | None:
        """Replace an answer; gives its slot, or None when it is no longer in the window."""
        slot = self._find(request)
        if slot is None:
            return None
        row = slot.position % self.capacity
        slot.history.append((offset, mark, wrong))
        self._wrong[row] = wrong
        return row

    def newest(self, pool: PoolWeights | None) -> Answers:
        """The answers in force, oldest first; log-odds of kept votes as `pool` pools them today."""
        first = max(self._start, self._total - self.size)
        rows = np.arange(first, self._total) % self.capacity
        x = self._x[rows]
        voted = self._votes.are_there(rows)
        if pool is not None and voted.any():
            anew = self._votes.probabilities(rows[voted], self.label_names, self._label[rows[voted]], pool)
            x[voted] = logits(anew)
        return Answers(x, self._label[rows], self._wrong[rows], self._weight[rows])

    def slot(self, row: int) -> list[Any]:
        """One slot of the ring as plain JSON."""
        slot = self._slots[row] if row < len(self._slots) else None
        if slot is None:
            return []
        history = [[offset, *mark, wrong] for offset, mark, wrong in slot.history]
        kept = [slot.position, slot.request, slot.label, float(self._x[row]), float(self._weight[row]), history]
        votes = self._votes.slot(row)
        return kept if votes is None else [*kept, list(votes.labels), votes.to_wire()]

    def used_slots(self) -> Iterable[int]:
        """Slots that hold something."""
        return (row for row, slot in enumerate(self._slots) if slot is not None)

    def snapshot_head(self) -> dict[str, Any]:
        votes = self._votes.snapshot_head()
        return {"total": self._total, "start": self._start, "labels": list(self._codes), "votes": votes}

    def restore(self, head: Mapping[str, Any], slots: Mapping[int, list[Any]], offset: int) -> None:
        """Back to `head`, taken at `offset`; what the slots hold from later offsets is passed over.

        Raises ValueError when an answer in force was overwritten: the slots are too far ahead.
        """
        self._total, self._start = head["total"], head["start"]
        self._codes = {label: code for code, label in enumerate(head["labels"])}
        self._slots, self._where = [], {}
        self._allocate(min(self.capacity, 512))
        self._votes.restore_head(head.get("votes", {"members": [], "labels": []}))
        first = max(self._start, self._total - self.size)
        for position in range(max(0, self._total - self.capacity), self._total):
            kept = self._restore_slot(slots.get(position % self.capacity, []), position, offset)
            if position >= first and not kept:
                raise ValueError(f"the kept answer at {position} is missing; its slot was overwritten")

    def _restore_slot(self, value: list[Any], position: int, offset: int) -> bool:
        if not value or value[0] != position:
            return False
        _, request, label, x, weight, states, *votes = value
        history = [(at, Mark(n, revision), bool(wrong)) for at, n, revision, wrong in states if at <= offset]
        if history:
            row = position % self.capacity
            self._put(row, _Slot(position, request, label, history), x, weight)
            self._votes.keep(row, _votes(*votes) if votes else None)
        return bool(history)


def _votes(labels: Sequence[str], members: Mapping[str, Sequence[float]]) -> Votes:
    return Votes.from_wire(members, labels)

"""Finds the auto labels of one partition number that must be recalled: a fold of `labels`, in its order. Pure.

The topic itself says what was done: a label with a higher revision of its decision behind it, or with
a newer decision about the same record, needs no recall. So nothing is due before the topic was read
to an end that was asked for when reading began, and whoever starts anew, anywhere, finds what is left.

Memory is bounded: when `most` labels are pending, those that follow are left for another reading,
which begins where this one stopped gathering. What came in behind the end is followed for good: a
scorer's transaction may commit labels of an old policy late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NotRequired

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from winnow.review.newest_decision import DecisionMade
from winnow.review.withdrawn_versions import WithdrawnVersions
from winnow.runtime.messages import Incoming
from winnow_schemas.base import NO_POLICY

MOST_PENDING = 20_000


class _Head(TypedDict):
    record_id: str
    source: str
    revision: int
    decision_id: str
    decided_at: AwareDatetime
    policy_version: NotRequired[int]


_HEAD: TypeAdapter[_Head] = TypeAdapter(_Head)


@dataclass(frozen=True, slots=True)
class PendingRecall:
    """An auto label to take back, as it stands in `labels`."""

    record_id: str
    decision: DecisionMade
    message: Incoming


class RecallList:
    """`position` is the next offset to read."""

    def __init__(self, most: int) -> None:
        self.position = 0
        self._most = most
        self._must_reach = 0
        self._is_level = False
        self._pending: dict[str, PendingRecall] = {}
        self._left_from: int | None = None

    def __len__(self) -> int:
        return len(self._pending)

    def begin(self, position: int, end: int) -> None:
        """Read (again) from `position`; `end` is where the topic ends by now."""
        self.position = position
        self._must_reach = end
        self._is_level = False
        self._pending.clear()
        self._left_from = None

    def take(self, message: Incoming, withdrawn: WithdrawnVersions) -> None:
        """The next message of `labels`."""
        self.position = message.offset + 1
        if message.value is None:
            self._erase(message.key)
            return
        try:
            head = _HEAD.validate_json(message.value)
        except ValidationError:
            return
        if self._strikes_out(head):
            return
        if head["source"] == "auto" and head["revision"] == 1 and head.get("policy_version", NO_POLICY) in withdrawn:
            self._add(PendingRecall(head["record_id"], _decision(head), message))

    def reached(self, position: int, *, is_drained: bool) -> None:
        """Reading stands at `position`; `is_drained`: nothing of what was fetched is left."""
        self.position = max(self.position, position)
        if is_drained and self.position >= self._must_reach:
            self._is_level = True

    def due(self, at_most: int) -> Sequence[PendingRecall]:
        """Labels to recall now, in the order in which they stand."""
        return list(islice(self._pending.values(), at_most)) if self._is_level else []

    def done(self, recalled: Sequence[PendingRecall]) -> None:
        """These have their recalls, or need none."""
        for each in recalled:
            if self._pending.get(each.record_id) is each:
                del self._pending[each.record_id]

    @property
    def settled(self) -> int:
        """Every label before this offset is as it should be."""
        first = next(iter(self._pending.values()), None)
        starts = (self.position, self._left_from, first.message.offset if first else None)
        return min(each for each in starts if each is not None)

    @property
    def reads_again_from(self) -> int | None:
        """Where to begin again, once nothing is pending any more and some were left."""
        return self._left_from if self._is_level and not self._pending else None

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do by now."""
        return self._is_level and not self._pending and self._left_from is None

    def _strikes_out(self, head: _Head) -> bool:
        """What a message says about the pending label of its record; True: and about nothing else."""
        known = self._pending.get(head["record_id"])
        if known is None:
            return False
        if head["decision_id"] == known.decision.decision_id:
            if head["revision"] > 1:
                del self._pending[known.record_id]
            return True
        if not _decision(head).is_newer_than(known.decision):
            return True
        del self._pending[known.record_id]
        return False

    def _add(self, found: PendingRecall) -> None:
        if self._left_from is None and len(self._pending) >= self._most:
            self._left_from = found.message.offset
        if self._left_from is None:
            self._pending[found.record_id] = found

    def _erase(self, key: bytes | None) -> None:
        if key is not None:
            self._pending.pop(key.decode(errors="replace"), None)


def _decision(head: _Head) -> DecisionMade:
    return DecisionMade(head["decision_id"], head["decided_at"])

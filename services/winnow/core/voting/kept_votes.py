"""Votes kept in slots, to be pooled anew with today's weights.

A moving temperature makes log-odds of different times incomparable; votes of their time, pooled with one
set of weights, are comparable, and none was given by a model that had seen its own answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from winnow.core.voting.pool_weights import PoolWeights
from winnow.core.voting.votes import LOWEST_VOTE, Floats, Votes


class KeptVotes:
    """One array, slots × members × labels. Members and labels join when they are first met.

    Slots are JSON by themselves; `snapshot_head` tells the order of members and labels, so that sums over
    them come out the same to the last bit after `restore_head` and keeping all slots again.
    """

    def __init__(self) -> None:
        self._members: list[str] = []
        self._labels: list[Any] = []
        self._logs: Floats = np.zeros((0, 0, 0))
        self._is_there: npt.NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)

    def keep(self, slot: int, votes: Votes | None) -> None:
        """Put votes into a slot, or none; what was there is forgotten."""
        if votes is not None:
            self._members += [member for member in votes.members if member not in self._members]
            self._labels += [label for label in votes.labels if label not in self._labels]
            self._make_room(slot + 1)
            self._logs[slot] = votes.aligned(self._members, self._labels)
        if slot < len(self._is_there):
            self._is_there[slot] = votes is not None

    def slot(self, slot: int) -> Votes | None:
        """What is kept in a slot."""
        if slot >= len(self._is_there) or not self._is_there[slot]:
            return None
        return Votes(tuple(self._members), tuple(self._labels), self._logs[slot].copy())

    def are_there(self, slots: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which of these slots hold votes."""
        there = np.zeros(len(slots), dtype=np.bool_)
        known = slots < len(self._is_there)
        there[known] = self._is_there[slots[known]]
        return there

    def probabilities(
        self, slots: npt.NDArray[np.int64], labels: list[Any], codes: npt.NDArray[np.int64], weights: PoolWeights
    ) -> Floats:
        """The probability, with today's weights, of the label `labels[code]` for each of the slots."""
        members = {member: weights.members.get(member, 0.0) for member in self._members}
        offsets = {label: weights.labels.get(label, 0.0) for label in self._labels}
        places = {label: column for column, label in enumerate(self._labels)}
        columns = np.array([places.get(label, -1) for label in labels], dtype=np.int64)
        return PoolWeights(members, offsets).of_labels(self._logs[slots], columns[codes])

    def snapshot_head(self) -> dict[str, Any]:
        return {"members": list(self._members), "labels": list(self._labels)}

    def restore_head(self, head: Mapping[str, Sequence[Any]]) -> None:
        """Empty, with the members and labels of that head."""
        self._members, self._labels = list(head["members"]), list(head["labels"])
        self._logs = np.zeros((0, len(self._members), len(self._labels)))
        self._is_there = np.zeros(0, dtype=np.bool_)

    def _make_room(self, slots: int) -> None:
        shape = (len(self._members), len(self._labels))
        had, members, labels = self._logs.shape
        if slots <= had and shape == (members, labels):
            return
        room = had if slots <= had else max(slots, 2 * had, 64)
        grown = np.zeros((room, *shape))
        spoke = self._logs.any(axis=2, keepdims=True)
        grown[:had, :members, labels:] = np.where(spoke, LOWEST_VOTE, 0.0)
        grown[:had, :members, :labels] = self._logs
        self._logs = grown
        self._is_there = np.append(self._is_there, np.zeros(room - had, dtype=np.bool_))

"""The records of one batch with what was decided about them: the columns that messages are made of."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from winnow.core.batch_decision import BatchCoins, BatchDecision, Integers, Positions
from winnow.runtime.messages import Incoming
from winnow.scorer.json_pieces import Piece, numbers, text
from winnow_schemas.records import Record


@dataclass(frozen=True)
class ReadBatch:
    """Messages that keep their contract, and their records; `unnamed` are the places of those that had no id."""

    messages: Sequence[Incoming]
    records: Sequence[Record]
    unnamed: AbstractSet[int] = frozenset()

    @cached_property
    def at(self) -> Positions:
        """Where the records stand."""
        count = len(self.messages)
        partitions = np.fromiter((message[1] for message in self.messages), np.int64, count)
        return Positions(partitions, np.fromiter((message[2] for message in self.messages), np.int64, count))

    @cached_property
    def ids(self) -> list[str]:
        """The records' ids."""
        return [record["id"] for record in self.records]


def read_batch(messages: Sequence[Incoming], records: Sequence[Record]) -> ReadBatch:
    """Gives the records that have no id their position as id."""
    unnamed = frozenset(place for place, record in enumerate(records) if "id" not in record)
    for place in unnamed:
        message = messages[place]
        records[place]["id"] = f"{message.topic}/{message.partition}/{message.offset}"
    return ReadBatch(messages, records, unnamed)


@dataclass(frozen=True, slots=True)
class DecidedBatch:
    """What becomes of a batch."""

    read: ReadBatch
    decision: BatchDecision
    coins: BatchCoins
    decided_at: datetime

    @property
    def circumstances(self) -> tuple[object, ...]:
        """What all decisions of one gate and row share."""
        return self.decision.gates, self.decision.model_version, self.decision.policy_version


@dataclass(frozen=True)
class Some:
    """Some records of a batch; their columns are pieces of JSON."""

    batch: DecidedBatch
    places: Integers

    @cached_property
    def at(self) -> list[int]:
        """The places, for columns that are lists."""
        at: list[int] = self.places.tolist()
        return at

    @property
    def ids(self) -> list[bytes]:
        """The records' ids."""
        ids = self.batch.read.ids
        return [text(ids[place]) for place in self.at]

    def decision_ids(self, stream: str) -> list[Piece]:
        """The decision ids: pieces of one string."""
        partitions, offsets = self.batch.read.at
        here = partitions[self.places].tolist()
        numbered = {number: b"%d/" % number for number in set(here)}
        return [text(f"{stream}/")[:-1], [numbered[number] for number in here], numbers(offsets[self.places]), b'"']

    @property
    def groups(self) -> list[Piece]:
        """The field `group` of those that have one."""
        records = self.batch.read.records
        groups = [records[place].get("group") for place in self.at]
        if not any(group is not None for group in groups):
            return []
        return [[b"" if group is None else b',"group":' + text(group) for group in groups]]


class Beginnings:
    """Beginnings of messages by a number for the kind of message, each made once while the circumstances last."""

    def __init__(self, make: Callable[[DecidedBatch, int], bytes]) -> None:
        self._make = make
        self._made: dict[int, bytes] = {}
        self._circumstances: Any = None

    def of(self, batch: DecidedBatch, kinds: Integers) -> list[bytes]:
        """One for each of these kinds."""
        if batch.circumstances != self._circumstances:
            self._made, self._circumstances = {}, batch.circumstances
        listed = kinds.tolist()
        for kind in set(listed) - self._made.keys():
            self._made[kind] = self._make(batch, kind)
        return [self._made[kind] for kind in listed]

"""The records of one batch with what was decided about them: the columns that messages are made of."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np
from pydantic_core import to_json

from winnow.core.batch_decision import BatchCoins, BatchDecision, Integers, Positions
from winnow.core.batch_scores import FunctionsHeard
from winnow.runtime.messages import Incoming
from winnow.scorer.json_pieces import Piece, numbers, text
from winnow_schemas.records import Record

_id_of = itemgetter("id")


@dataclass(frozen=True)
class ReadBatch:
    """Messages that keep their contract, their records and their ids; `unnamed` are the places of those without."""

    messages: Sequence[Incoming]
    records: Sequence[Record]
    ids: Sequence[str]
    unnamed: AbstractSet[int] = frozenset()

    @cached_property
    def at(self) -> Positions:
        """Where the records stand."""
        count = len(self.messages)
        partitions = np.fromiter(map(itemgetter(1), self.messages), np.int64, count)
        return Positions(partitions, np.fromiter(map(itemgetter(2), self.messages), np.int64, count))

    @cached_property
    def id_texts(self) -> list[bytes]:
        """The ids as JSON."""
        return list(map(text, self.ids))

    @cached_property
    def group_fields(self) -> list[bytes]:
        """The field `group` as it follows others; none at all when no record has one."""
        groups = [record.get("group") for record in self.records]
        if groups.count(None) == len(groups):
            return []
        return [b"" if group is None else b',"group":' + text(group) for group in groups]


def read_batch(messages: Sequence[Incoming], records: Sequence[Record]) -> ReadBatch:
    """Gives the records that have no id their position as id."""
    try:
        return ReadBatch(messages, records, list(map(_id_of, records)))
    except KeyError:
        unnamed = frozenset(place for place, record in enumerate(records) if "id" not in record)
    for place in unnamed:
        message = messages[place]
        records[place]["id"] = f"{message.topic}/{message.partition}/{message.offset}"
    return ReadBatch(messages, records, list(map(_id_of, records)), unnamed)


@dataclass(frozen=True, slots=True)
class DecidedBatch:
    """What becomes of a batch."""

    read: ReadBatch
    decision: BatchDecision
    coins: BatchCoins
    decided_at: datetime
    heard: FunctionsHeard = None

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
        ids = self.batch.read.id_texts
        return [ids[place] for place in self.at]

    def decision_ids(self, stream: str) -> list[Piece]:
        """The decision ids: pieces of one string."""
        at = self.batch.read.at.some(self.places)
        offsets, partitions = numbers(at.offsets), at.by_partition
        if len(partitions) == 1:
            return [text(f"{stream}/{partitions[0][0]}/")[:-1], offsets, b'"']
        numbered = {number: b"%d/" % number for number, _ in partitions}
        return [text(f"{stream}/")[:-1], [numbered[number] for number in at.partitions.tolist()], offsets, b'"']

    @property
    def function_votes(self) -> list[Piece]:
        """The field `function_votes`, where functions were asked."""
        heard = self.batch.heard
        return [] if heard is None else [b',"function_votes":', [to_json(heard[place]) for place in self.at]]

    @property
    def groups(self) -> list[Piece]:
        """The field `group` of those that have one."""
        fields = self.batch.read.group_fields
        return [[fields[place] for place in self.at]] if fields else []


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

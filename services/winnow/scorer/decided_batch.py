"""The records of one batch with what was decided about them: the columns that messages are made of."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from pydantic_core import to_json

from winnow.core.batch_decision import BatchCoins, BatchDecision, Integers, Positions
from winnow.core.batch_scores import FunctionsHeard
from winnow.core.compiled.number_columns import Numbers
from winnow.runtime.messages import Batch, Incoming
from winnow.scorer.json_pieces import Piece, numbers, text, texts
from winnow_schemas.codec import decode_record, encode_record
from winnow_schemas.records import Record


@dataclass(frozen=True)
class ReadBatch:
    """Messages that keep their contract, and what is in them, in the same order.

    `given_ids` are empty for records without one. `contents` is what a champion scores.
    """

    messages: Batch
    given_ids: Sequence[str]
    groups: Sequence[str | None]
    contents: Sequence[Record] | Numbers

    def __len__(self) -> int:
        return len(self.messages)

    @property
    def records(self) -> Sequence[Record]:
        """As dictionaries; none of them where only numbers were read."""
        return [] if isinstance(self.contents, Numbers) else self.contents

    @cached_property
    def at(self) -> Positions:
        """Where the records stand."""
        return Positions(np.array(self.messages.partitions, np.int64), np.array(self.messages.offsets, np.int64))

    @cached_property
    def unnamed(self) -> AbstractSet[int]:
        """The places of records without an id."""
        if all(self.given_ids):
            return frozenset()
        return frozenset(place for place, given in enumerate(self.given_ids) if not given)

    @cached_property
    def ids(self) -> Sequence[str]:
        """The ids; a record without one has its position as id."""
        if not self.unnamed:
            return self.given_ids
        return [given or _position(self.messages[place]) for place, given in enumerate(self.given_ids)]

    @cached_property
    def id_texts(self) -> list[bytes]:
        """The ids as JSON."""
        return texts(self.ids)

    @cached_property
    def group_fields(self) -> list[bytes]:
        """The field `group` as it follows others; none at all when no record has one."""
        if self.groups.count(None) == len(self.groups):
            return []
        return [b"" if group is None else b',"group":' + text(group) for group in self.groups]

    def rewritten(self, place: int) -> bytes:
        """A record as it is written by us: with its id, and without fields that are null."""
        record = decode_record(self.messages.values[place] or b"")
        return encode_record({**record, "id": self.ids[place]})


def _position(message: Incoming) -> str:
    return f"{message.topic}/{message.partition}/{message.offset}"


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

"""From messages to what a champion scores: the numbers of plain records, or records as dictionaries.

Both are the same contract. Where the champion reads nothing but numbers, plain records become a table at once, and only
the others are read one by one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from winnow.core.compiled.inputs import Inputs
from winnow.core.compiled.number_columns import NumberColumns, Numbers
from winnow.core.compiled.plain_columns import PlainBatch, PlainColumns
from winnow.runtime.messages import Batch
from winnow.scorer.batch_scorer import BatchScorer
from winnow.scorer.decided_batch import ReadBatch
from winnow_schemas.codec import DecodedRecords, InvalidMessage, decode_records
from winnow_schemas.records import Record
from winnow_schemas.task import Task


class Read(NamedTuple):
    """The records that keep their contract, and by place what is wrong with the other messages."""

    batch: ReadBatch
    broken: dict[int, InvalidMessage]


class Reading:
    """Reads the records of one task; without `plain`, all of them as dictionaries."""

    def __init__(self, task: Task, plain: PlainColumns | None) -> None:
        inputs = Inputs.of(task)
        self._columns = NumberColumns(inputs.numbers, inputs.flags)
        self._plain = plain

    def read(self, batch: Batch, scorer: BatchScorer | None) -> Read:
        """What `scorer` is to score."""
        if self._plain is not None and (scorer is None or scorer.of_numbers is not None):
            plain = self._plain.read(batch.values)
            return self._with_others(batch, plain) if plain.others else _read(batch, plain)
        records, broken = decode_records(batch.values)
        kept = batch.some([place for place in range(len(batch)) if place not in broken])
        return Read(ReadBatch(kept, *_named(records), records), broken)

    def _with_others(self, batch: Batch, plain: PlainBatch) -> Read:
        """Those that are not plain come back into their places, as far as they keep the contract."""
        found = decode_records([batch.values[place] for place in plain.others])
        broken = {plain.others[place]: error for place, error in found.broken.items()}
        others = [place for place in plain.others if place not in broken]
        order = np.argsort([*_without(range(len(batch)), plain.others), *others], kind="stable").tolist()
        merged = self._merged(plain, found, order)
        return Read(_read(batch.some(_without(range(len(batch)), broken)), merged).batch, broken)

    def _merged(self, plain: PlainBatch, found: DecodedRecords, order: Sequence[int]) -> PlainBatch:
        ids, groups = _named(found.records)
        read = self._columns.read([record.get("features") or {} for record in found.records])
        table = np.concatenate([plain.numbers.table, read.table], axis=1)[:, order]
        ids, groups = [*plain.ids, *ids], [*plain.groups, *groups]
        numbers = Numbers(table, plain.numbers.misfits + read.misfits)
        return PlainBatch([ids[place] for place in order], [groups[place] for place in order], numbers, [])


def plain_columns(task: Task) -> PlainColumns | None:
    """What reads plain records of that task; None where none can be plain."""
    inputs = Inputs.of(task)
    try:
        return PlainColumns(inputs.numbers) if inputs.are_numbers else None
    except ValueError:
        return None


def _read(batch: Batch, plain: PlainBatch) -> Read:
    return Read(ReadBatch(batch, plain.ids, plain.groups, plain.numbers), {})


def _named(records: Sequence[Record]) -> tuple[list[str], list[str | None]]:
    return [record.get("id", "") for record in records], [record.get("group") for record in records]


def _without(places: Sequence[int], some: Sequence[int] | dict[int, InvalidMessage]) -> list[int]:
    left_out = frozenset(some)
    return [place for place in places if place not in left_out]

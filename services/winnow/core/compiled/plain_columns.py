"""Numbers of plain records, straight from their messages into an array: no dictionary is made in between.

A batch is read in portions that stay within a core's own cache.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from msgspec import UNSET

from winnow.core.compiled.inputs import Floats
from winnow.core.compiled.number_columns import Numbers, within_bounds
from winnow_schemas.plain_records import Packed, PlainReader, PlainRecord

_AT_ONCE = 256
_NUMBER = ">f8"


class PlainBatch(NamedTuple):
    """What stands in the messages that are plain, in their order; `others` are the places of those that are not.

    An id is empty where there is none.
    """

    ids: list[str]
    groups: list[str | None]
    numbers: Numbers
    others: list[int]


class PlainColumns:
    """Reads plain records of one task; raises `ValueError` for names of features that none can have."""

    def __init__(self, names: Sequence[str]) -> None:
        self._reader = PlainReader(names)
        self._names = len(names)

    def read(self, messages: Sequence[bytes | None]) -> PlainBatch:
        """The columns of a batch, as `NumberColumns` would read them from dictionaries."""
        ids: list[str] = []
        groups: list[str | None] = []
        tables: list[Floats] = [np.empty((self._names, 0))]
        others: list[int] = []
        for start in range(0, len(messages), _AT_ONCE):
            records, table, unread = self._portion(messages[start : start + _AT_ONCE])
            ids += [record.id for record in records]
            groups += [None if record.group is UNSET else record.group for record in records]
            tables.append(table)
            others += [start + place for place in unread]
        return PlainBatch(ids, groups, within_bounds(np.concatenate(tables, axis=1)), others)

    def _portion(self, messages: Sequence[bytes | None]) -> tuple[Sequence[PlainRecord], Floats, list[int]]:
        records, others = self._reader.read(messages)
        if not records:
            return records, np.empty((self._names, 0)), others
        table = _table(self._reader.packed(records), len(records))
        empty = np.isnan(table).all(axis=0)
        if not empty.any():
            return records, table, others
        plain = sorted(set(range(len(messages))).difference(others))
        others = sorted([*others, *(plain[place] for place in np.flatnonzero(empty).tolist())])
        kept = np.flatnonzero(~empty)
        return [records[place] for place in kept.tolist()], table[:, kept], others


def _table(packed: Packed, count: int) -> Floats:
    """A row per number, a column per record."""
    table = np.empty((len(packed.places), count))
    for row, place, step, many in _evenly_spaced(packed.places):
        where = packed.begin + place
        table[row : row + many] = np.ndarray((many, count), _NUMBER, packed.data, where, (step, packed.width))
    return table


def _evenly_spaced(places: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of numbers that stand equally far apart, as those with names of one length do."""
    row = 0
    steps = np.diff(places, append=places[-1]).tolist()
    for step, run in groupby(steps):
        many = sum(1 for _ in run)
        yield row, places[row], step, many
        row += many

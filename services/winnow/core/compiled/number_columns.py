"""Numbers of many records at once: from dictionaries to one array.

The same reading as `record_input`, value by value: what does not fit counts as missing and as a misfit.
`struct.pack` takes true for 1 without a word, so only values that came out as 0 or 1 are looked at again.
"""

import struct
from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from winnow.core.compiled.inputs import Flags, Floats
from winnow.core.models.record_input import LARGEST_NUMBER

_MISSING = float("nan")


class Numbers(NamedTuple):
    """One row per column and one column per record; NaN is missing. `misfits` were given and did not fit."""

    table: Floats
    misfits: int


class NumberColumns:
    """Reads named numbers and flags out of the features of records."""

    def __init__(self, names: Sequence[str], flags: frozenset[str]) -> None:
        self._names = tuple(names)
        self._missing = (_MISSING,) * len(names)
        self._is_flag: Flags = np.array([name in flags for name in names], dtype=np.bool_)
        self._all = _getter(self._names)

    def read(self, features: Sequence[Mapping[str, Any]]) -> Numbers:
        """The features of many records."""
        if not self._names:
            return Numbers(np.empty((0, len(features))), 0)
        try:
            values = list(chain.from_iterable(map(self._all, features)))
        except KeyError:
            rows = (map(given.get, self._names, self._missing) for given in features)
            values = list(chain.from_iterable(rows))
        return packed(values, self._is_flag)


class EmbeddingColumns:
    """Reads embeddings of one size; another size is one misfit."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._missing = (_MISSING,) * size
        self._is_flag: Flags = np.zeros(size, dtype=np.bool_)

    def read(self, embeddings: Sequence[Sequence[Any]]) -> Numbers:
        """The embeddings of many records; an empty one is missing."""
        fitting = [given if len(given) == self._size else self._missing for given in embeddings]
        misfits = sum(1 for given in embeddings if given and len(given) != self._size)
        numbers = packed(list(chain.from_iterable(fitting)), self._is_flag)
        return Numbers(numbers.table, numbers.misfits + misfits)


def packed(values: list[Any], is_flag: Flags) -> Numbers:
    """Values, record after record, as an array; `is_flag` says which columns hold true and false."""
    misfits = 0
    try:
        raw = struct.pack(f"{len(values)}d", *values)
    except (struct.error, OverflowError, TypeError):
        readable = [value if _is_packable(value) else _MISSING for value in values]
        misfits = sum(1 for before, after in zip(values, readable, strict=True) if before is not after)
        values, raw = readable, struct.pack(f"{len(values)}d", *readable)
    table = np.frombuffer(raw).reshape(-1, len(is_flag)).T.copy()
    misfits += _drop(table, _misread(table, values, is_flag))
    within = within_bounds(table)
    return Numbers(table, misfits + within.misfits)


def within_bounds(table: Floats) -> Numbers:
    """The same table; what is larger than models can take is missing from it, and counted."""
    return Numbers(table, _drop(table, np.abs(table) > LARGEST_NUMBER))


def _getter(names: tuple[str, ...]) -> Any:
    if len(names) < 2:
        return lambda given: [given[name] for name in names]
    return itemgetter(*names)


def _is_packable(value: Any) -> bool:
    return isinstance(value, int | float) and not abs(value) > LARGEST_NUMBER


def _misread(table: Floats, values: list[Any], is_flag: Flags) -> Flags:
    """Flags where a number is wanted, and numbers where a flag is."""
    doubtful = ((table == 0.0) | (table == 1.0) | is_flag[:, None]) & ~np.isnan(table)
    columns, records = doubtful.nonzero()
    places = (records * len(is_flag) + columns).tolist()
    are_flags = np.fromiter(map(isinstance, map(values.__getitem__, places), repeat(bool)), np.bool_, len(places))
    misread = np.zeros(table.shape, dtype=np.bool_)
    misread[columns, records] = are_flags != is_flag[columns]
    return misread


def _drop(table: Floats, wrong: Flags) -> int:
    table[wrong] = _MISSING
    return int(np.count_nonzero(wrong))

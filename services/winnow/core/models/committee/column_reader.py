"""Numbers and categories of a record as arrays, numbers standardised by the verdicts so far."""

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np

from winnow.core.models.committee.growing_tables import Floats, Rows
from winnow.core.models.committee.members import Input, Reader

FARTHEST = 5.0
ABSENT = -1


class Row(NamedTuple):
    """Numbers by column, NaN where missing; per column of categories the place of the category, or `ABSENT`."""

    numbers: Floats
    categories: Rows


class SeenRow(NamedTuple):
    """A row, its numbers standardised (0 where missing or constant), and variance and mean of all numbers so far."""

    numbers: Floats
    z: Floats
    categories: Rows
    means: Floats
    variances: Floats


class ColumnReader(Reader[Row, SeenRow]):
    """Reads every number and string but the `others`, which belong to other readers.

    Columns and at most `most` categories become known as they are learned; later categories count as missing.
    Moments by Welford (1962).
    """

    def __init__(self, most: int, others: Collection[Any] = ()) -> None:
        self.most = most
        self.others = frozenset(others)
        self.number_columns: dict[Any, int] = {}
        self.category_columns: dict[Any, int] = {}
        self.categories: dict[tuple[Any, str], int] = {}
        self.counts: Floats = np.zeros(0)
        self.means: Floats = np.zeros(0)
        self.spreads: Floats = np.zeros(0)
        self.variances: Floats = np.zeros(0)
        self.scales: Floats = np.zeros(0)

    @property
    def full(self) -> bool:
        """Whether categories are left out."""
        return len(self.categories) >= self.most

    def read(self, x: Input) -> Row:
        """What of a record is known."""
        numbers = np.full(len(self.number_columns), np.nan)
        categories = np.full(len(self.category_columns), ABSENT, dtype=np.intp)
        for name, value in x.items():
            if isinstance(value, str):
                if (column := self.category_columns.get(name)) is not None:
                    categories[column] = self.categories.get((name, value), ABSENT)
            elif (column := self.number_columns.get(name)) is not None and name not in self.others:
                numbers[column] = value
        return Row(numbers, categories)

    def learn(self, x: Input) -> Row:
        """The record; its columns and categories become known, its numbers count."""
        for name in sorted((name for name in x if name not in self.others), key=str):
            self._meet(name, x[name])
        row = self.read(x)
        there = ~np.isnan(row.numbers)
        self.counts = self.counts + there
        away = np.where(there, row.numbers - self.means, 0.0)
        self.means = self.means + away / np.maximum(self.counts, 1.0)
        self.spreads = self.spreads + away * np.where(there, row.numbers - self.means, 0.0)
        self.variances = self.spreads / np.maximum(self.counts, 1.0)
        varied = self.variances > 0.0
        self.scales = np.where(varied, 1.0 / np.sqrt(np.where(varied, self.variances, 1.0)), 0.0)
        return row

    def see(self, kept: Row) -> SeenRow:
        """The row among all so far; columns that it does not know yet are missing."""
        numbers = _padded(kept.numbers, len(self.means), np.nan)
        categories = _padded(kept.categories, len(self.category_columns), ABSENT)
        z = standardised(numbers, self.means, self.scales)
        return SeenRow(numbers, z, categories, self.means, self.variances)

    def _meet(self, name: Any, value: Any) -> None:
        if not isinstance(value, str):
            if name not in self.number_columns:
                self.number_columns[name] = len(self.number_columns)
                self.counts, self.means, self.spreads = (
                    np.append(moments, 0.0) for moments in (self.counts, self.means, self.spreads)
                )
            return
        self.category_columns.setdefault(name, len(self.category_columns))
        if not self.full:
            self.categories.setdefault((name, value), len(self.categories))


def standardised(numbers: Floats, means: Floats, scales: Floats) -> Floats:
    """Numbers by their distance from the mean; missing ones are 0."""
    z = (numbers - means) * scales
    cut: Floats = np.minimum(np.maximum(np.where(np.isnan(z), 0.0, z), -FARTHEST), FARTHEST)
    return cut


def _padded(array: Any, length: int, filler: float) -> Any:
    if len(array) == length:
        return array
    return np.append(array, np.full(length - len(array), filler, dtype=array.dtype))

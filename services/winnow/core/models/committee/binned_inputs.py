"""Numbers in bins of equal chance under the normal law, categories, and every pair of columns."""

from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from winnow.core.models.committee.column_reader import SeenRow
from winnow.core.models.committee.growing_tables import Floats, Rows
from winnow.core.models.committee.softmax_steps import Inputs

BINS = 16
_EDGES = np.array([NormalDist().inv_cdf(edge / BINS) for edge in range(1, BINS)])
MOST_COLUMNS = 24
HASH_BITS = 18
_BIAS = np.array([0])
_UNKNOWN = -1
_MIX = tuple(np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93))


class BinnedInputs:
    """Gives each bin, category and hashed pair of cells a row of the weights when it is first learned.

    An input that was never learned has weights of 0, so it is left out; it counts all the same.
    """

    def __init__(self) -> None:
        self.rows = 1
        self.of_bins: Rows = np.zeros(0, dtype=np.intp)
        self.of_categories: Rows = np.zeros(0, dtype=np.intp)
        self.of_pairs = _no_pairs()

    def learn(self, seen: SeenRow) -> Inputs:
        """The inputs of a row; from now on all of them have weights."""
        cells = _cells(seen)
        self.of_bins = self._with_rows(self.of_bins, len(seen.z) * BINS)
        self.of_categories = self._with_rows(self.of_categories, int(seen.categories.max(initial=-1)) + 1)
        unknown = cells.pairs[self.of_pairs[cells.pairs] == _UNKNOWN]
        if len(unknown):
            new = np.unique(unknown)
            self.of_pairs[new] = np.arange(self.rows, self.rows + len(new))
            self.rows += len(new)
        return self._inputs(cells)

    def read(self, seen: SeenRow) -> Inputs:
        """The inputs of a row: `n` of them, the bias (of value 1) among them, each `.7/√(n/8)`."""
        return self._inputs(_cells(seen))

    def _inputs(self, cells: "_Cells") -> Inputs:
        bins, categories, pairs = cells
        count = 1 + len(bins) + len(categories) + len(pairs)
        rows = np.concatenate(
            [
                _BIAS,
                self.of_bins[bins[bins < len(self.of_bins)]],
                self.of_categories[categories[categories < len(self.of_categories)]],
                self.of_pairs[pairs],
            ]
        )
        rows = rows[rows != _UNKNOWN]
        values = np.full(len(rows), value_of(count))
        values[0] = 1.0
        return Inputs(rows, values)

    def _with_rows(self, table: Rows, length: int) -> Rows:
        if length <= len(table):
            return table
        first = self.rows
        self.rows += length - len(table)
        return np.concatenate([table, np.arange(first, self.rows)])

    def __getstate__(self) -> dict[str, object]:
        """The pairs in use only."""
        used = np.flatnonzero(self.of_pairs != _UNKNOWN)
        return {**self.__dict__, "of_pairs": (used, self.of_pairs[used])}

    def __setstate__(self, state: dict[str, Any]) -> None:
        used, rows = state["of_pairs"]
        pairs = _no_pairs()
        pairs[used] = rows
        self.__dict__.update({**state, "of_pairs": pairs})


def _no_pairs() -> npt.NDArray[np.int32]:
    return np.full(1 << HASH_BITS, _UNKNOWN, dtype=np.int32)


class _Cells(NamedTuple):
    """Bins and categories by their places, pairs by their hashes."""

    bins: Rows
    categories: Rows
    pairs: Rows


def _cells(seen: SeenRow) -> _Cells:
    bin_of = bins_of(seen.z)
    columns = np.arange(len(seen.z))
    categories = seen.categories[seen.categories >= 0]
    return _Cells(columns * BINS + bin_of, categories, _pairs(seen, columns * (BINS // 2) + bin_of // 2, categories))


def _pairs(seen: SeenRow, numbers: Rows, categories: Rows) -> Rows:
    if len(seen.z) + len(seen.categories) > MOST_COLUMNS:
        return np.zeros(0, dtype=np.intp)
    cells = np.concatenate([2 * numbers, 2 * categories + 1]).astype(np.uint64)
    first, second = FIRST_AND_SECOND[len(cells)]
    return hashes_of(cells[first], cells[second])


def bins_of(z: Floats) -> Rows:
    """The bin of each number."""
    return np.searchsorted(_EDGES, z, side="right")


def hashes_of(first: npt.NDArray[np.uint64], second: npt.NDArray[np.uint64]) -> Rows:
    """The input of each pair of cells."""
    mixed = first * _MIX[0] + second * _MIX[1]
    mixed = (mixed ^ (mixed >> np.uint64(32))) * _MIX[2]
    hashes: Rows = (mixed >> np.uint64(64 - HASH_BITS)).astype(np.intp)
    return hashes


def value_of(count: int | Rows) -> Floats:
    """The value of each of so many inputs."""
    value: Floats = 0.7 / np.sqrt(np.asarray(count) / 8.0)
    return value


FIRST_AND_SECOND = [np.triu_indices(count, 1) for count in range(MOST_COLUMNS + 1)]

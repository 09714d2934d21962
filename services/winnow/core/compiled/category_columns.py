"""Strings of many records at once: each value that a model knows has a code."""

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from winnow.core.compiled.inputs import Codes

MISSING = 0
UNSEEN = 1
FIRST = 2
"""Codes of a value that is not there, of one that the model has not seen, and of the first that it has."""


class Coded(NamedTuple):
    """A code per record. `misfits` were given and are no strings: they count as missing."""

    codes: Codes
    misfits: int


class CategoryColumn:
    """One category; `values` are those that the model knows, in the order of their codes."""

    def __init__(self, values: Sequence[str]) -> None:
        self._codes: dict[str | None, int] = {value: code for code, value in enumerate(values, FIRST)}
        self._codes[None] = MISSING

    def read(self, given: Sequence[Any]) -> Coded:
        """The values of many records, None where there is none."""
        codes = np.fromiter(map(self._codes.get, given, repeat(UNSEEN)), np.intp, len(given))
        misfits = [place for place in np.flatnonzero(codes == UNSEEN).tolist() if not isinstance(given[place], str)]
        codes[misfits] = MISSING
        return Coded(codes, len(misfits))


class CategoryTable:
    """Tables with a row per code, one below the other: `rows` finds the row of a code of each column."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        sizes = [FIRST + len(known) for known in values.values()]
        self.starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.intp)])

    def rows(self, column: int, codes: Codes) -> Codes:
        """Rows of the codes of one column."""
        rows: Codes = codes + self.starts[column]
        return rows

"""A table with few entries: rows found by owner (a branch, a leaf's feature) and code of a category."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from winnow.core.compiled.inputs import Codes, Flags, Integers

_CODES = 1 << 32


class Entry(NamedTuple):
    """One owner's row for one code."""

    owner: int
    code: int


def sorted_keys(entries: Iterable[Entry]) -> tuple[Integers, Codes]:
    """The keys in their order, and which entry stands at each place."""
    keys = np.array([owner * _CODES + code for owner, code in entries], dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    return keys[order], order


def find(keys: Integers, owners: Codes, codes: Codes) -> tuple[Codes, Flags]:
    """The row of each owner and code, and whether there is one."""
    if not len(keys):
        return np.zeros(len(owners), dtype=np.intp), np.zeros(len(owners), dtype=np.bool_)
    wanted = owners.astype(np.int64) * _CODES + codes
    rows = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return rows, keys[rows] == wanted

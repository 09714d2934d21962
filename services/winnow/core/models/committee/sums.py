"""Sums that come out the same to the last bit for one record and for a batch of them.

Floating point rounds by the order in which numbers are added, and numpy's products of matrices choose it by
their size. A committee that is scored record by record while it learns, and in batches by the scorer, gives
the same votes in both because both add up by these.
"""

import numpy as np

from winnow.core.models.committee.growing_tables import Floats, Rows

_FROM_FIRST = np.array([0])


def in_order(terms: Floats) -> Floats:
    """Over the first axis, one after the other; there are two columns or more. Terms of 0 may as well be left out."""
    total: Floats = np.add.reduce(np.ascontiguousarray(terms), axis=0)
    return total


def in_runs(terms: Floats, starts: Rows) -> Floats:
    """Over runs of the first axis that begin at `starts`; none is empty, and none may be left out."""
    totals: Floats = np.add.reduceat(terms, starts, axis=0)
    return totals


def in_one_run(terms: Floats) -> Floats:
    """Over one run, which is all of it."""
    total: Floats = np.add.reduceat(terms, _FROM_FIRST, axis=0)[0]
    return total

"""How much of a budget a partition has spent, and with what chance records below the threshold are asked about.

Of every 1,000 records people are asked about no more than the budget's share. It is spent evenly, for nobody knows when
the stream changes. So that hardly ever nothing is left, the chance falls when little is left; audits are paid first,
since the chance is made of what they leave. It never falls below a floor while something is left: whoever is asked with
a chance of 5 % stands for 20, and no record is without one. When nothing is left, records are neither asked about nor
labelled, whatever they are: nothing is claimed about them.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

WINDOW = 1_000
FLOOR = 0.05
"""The least chance where the share is twice that or more; half of a smaller share."""

START_SHARE = 0.01
"""Of a budget per hour, until the monitor has seen how many records come."""

_LATELY = 500.0
_AHEAD = (32, 64, 125, 250, 500, WINDOW - 1)
_MORE = 1.1
"""The least of several figures that go up and down lies below their mean."""

_LEAST_LEVEL = 4.0
_MOST_LEVEL = 0.4
_RUIN = 6.0
"""What is kept back runs out with a probability of about e to the minus this."""

_FOR_EVER = 1 << 30
"""Of a new partition the first record is asked about: who knows nothing cannot begin too soon."""

_LEAST_BELOW = 0.001
_BEFORE = (1 << (WINDOW - 1)) - 1
_FORM = struct.Struct("<ddI")
_MASK_BYTES = (WINDOW + 7) // 8


@dataclass(frozen=True, slots=True)
class Terms:
    """What a share means: at most so `many` of a window, and the `floor` of the chance."""

    share: float
    many: int
    floor: float

    @staticmethod
    @lru_cache(maxsize=64)
    def of(share: float) -> "Terms":
        """For a share of all records; one of a window may always be asked."""
        many = max(1, int(share * WINDOW + 1e-9))
        return Terms(share, many, min(FLOOR, share / 2.0))

    @property
    def patience(self) -> int:
        """After so many in a row that might have been asked about and were not, one is."""
        return int(4.0 / self.floor)


class Spending:
    """Which of the last records were asked about, what share was below the threshold, and what audits took."""

    def __init__(self) -> None:
        self._asked = 0
        self._below = 1.0
        self._audits = 0.0
        self._waited = _FOR_EVER

    @classmethod
    def unknown(cls) -> Self:
        """As if all of the last records had been asked about: whatever it was, it was no more."""
        spending = cls()
        spending._asked = _BEFORE
        spending._waited = 0
        return spending

    def left(self, terms: Terms) -> int:
        """How many may be asked about now, so that no window holds more than it may."""
        return terms.many - (self._asked & _BEFORE).bit_count()

    def chance(self, terms: Terms) -> float:
        """The mean chance of records below the threshold: 0 when nothing is left, 1 when none was asked for long."""
        if self.left(terms) <= 0:
            return 0.0
        if self._waited >= terms.patience:
            return 1.0
        wanted = (self._pace(terms) - self._audits) / max(self._below, _LEAST_BELOW)
        return min(1.0, max(terms.floor, wanted))

    def _pace(self, terms: Terms) -> float:
        """The share of all records that can be asked about from now on without an end: over each of several stretches
        ahead, what is left and what comes back, but for a level that is kept.

        The floor and audits are asked about whatever is left. Where more comes back than they take, so low a level
        hardly ever runs out (Lundberg's inequality).
        """
        left, spent = self.left(terms), self._asked & _BEFORE
        pays = terms.floor * self._below + self._audits
        level = max(_LEAST_LEVEL, _RUIN * pays / (2.0 * max(terms.share - pays, _LEAST_BELOW)))
        free = left - min(level, _MOST_LEVEL * terms.many)
        return _MORE * min((free + (spent >> (WINDOW - 1 - ahead)).bit_count()) / ahead for ahead in _AHEAD)

    def passed(self, *, below: bool, asked: bool) -> None:
        """One record, below the threshold (or where no gate is open) or above."""
        self._asked = ((self._asked & _BEFORE) << 1) | asked
        self._below += (below - self._below) / _LATELY
        self._audits += ((asked and not below) - self._audits) / _LATELY
        if asked:
            self._waited = 0
        else:
            self._waited += below

    def to_bytes(self) -> bytes:
        """All of it."""
        return self._asked.to_bytes(_MASK_BYTES, "little") + _FORM.pack(self._below, self._audits, self._waited)

    @classmethod
    def from_bytes(cls, kept: bytes) -> Self:
        """The same again; raises `struct.error` when it is not that."""
        spending = cls()
        spending._asked = int.from_bytes(kept[:_MASK_BYTES], "little")
        spending._below, spending._audits, spending._waited = _FORM.unpack(kept[_MASK_BYTES:])
        return spending

    SIZE = _MASK_BYTES + _FORM.size

"""Where a record stands among those that came lately, by what an answer would teach.

What is much depends on the model and its age; the place among the last ones does not. Worths are kept as one
byte each, finer towards 0 and 1, where a model that is sure, or knows nothing yet, puts all of them.
"""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from math import log
from typing import NamedTuple, Self

LATELY = 128
_STEPS_PER_UNIT = 12.0
_MIDDLE = 128


class Places(NamedTuple):
    """From the share of those that would teach less, up to the share of those that would teach no more."""

    first: float
    last: float

    def mean_power(self, exponent: float) -> float:
        """The mean of places to that power, so that over all records it is 1/(exponent + 1) whoever is equal."""
        above = exponent + 1.0
        return float((self.last**above - self.first**above) / (above * (self.last - self.first)))


class Standing:
    """The worths of the last records below the threshold."""

    def __init__(self) -> None:
        self._codes: deque[int] = deque()
        self._ordered: list[int] = []

    def of(self, worth: float) -> Places:
        """Its places among them and itself: several where some would teach as much."""
        code, among = _code(worth), len(self._ordered) + 1
        less, no_more = bisect_left(self._ordered, code), bisect_right(self._ordered, code)
        return Places(less / among, (no_more + 1) / among)

    def passed(self, worth: float) -> None:
        """One more."""
        code = _code(worth)
        self._codes.append(code)
        insort(self._ordered, code)
        if len(self._codes) > LATELY:
            del self._ordered[bisect_left(self._ordered, self._codes.popleft())]

    def to_bytes(self) -> bytes:
        """All of it."""
        return bytes([len(self._codes), *self._codes])

    @classmethod
    def from_bytes(cls, kept: bytes) -> Self:
        """The same again."""
        standing = cls()
        standing._codes = deque(kept[1 : 1 + kept[0]])
        standing._ordered = sorted(standing._codes)
        return standing


def _code(worth: float) -> int:
    """The logarithm of the odds in small steps."""
    if worth <= 0.0:
        return 0
    if worth >= 1.0:
        return 255
    return min(255, max(0, _MIDDLE + int(_STEPS_PER_UNIT * log(worth / (1.0 - worth)))))

"""How long answers take, and with it how long auto labels stay recallable: twice the 95th percentile."""

from collections import deque
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

_COUNTED = 500
SLOTS = 2 * _COUNTED


class AnswerTimes:
    """Times of the newest 500 answers, in seconds, in a ring of twice as many slots."""

    def __init__(self, shortest_s: float, longest_s: float) -> None:
        self._shortest_s = shortest_s
        self._longest_s = longest_s
        self._total = 0
        self._ring: dict[int, tuple[int, float]] = {}
        self._newest: deque[float] = deque(maxlen=_COUNTED)

    def add(self, seconds: float) -> int:
        """Take in the time of one answer; gives the slot it went into."""
        slot = self._total % SLOTS
        self._ring[slot] = (self._total, round(max(seconds, 0.0), 3))
        self._newest.append(self._ring[slot][1])
        self._total += 1
        return slot

    def hold_s(self) -> float:
        """How long auto labels must wait before release."""
        newest = sorted(self._newest)
        twice = 2.0 * newest[ceil(0.95 * len(newest)) - 1] if newest else 0.0
        return min(max(twice, self._shortest_s), self._longest_s)

    def _positions(self) -> Iterable[int]:
        return range(max(0, self._total - _COUNTED), self._total)

    def slot(self, number: int) -> list[Any]:
        return list(self._ring.get(number, ()))

    def used_slots(self) -> Iterable[int]:
        return sorted(self._ring)

    def snapshot_head(self) -> int:
        return self._total

    def restore(self, total: int, slots: Mapping[int, list[Any]]) -> None:
        """Back to when `total` answers had come; what the slots hold of later ones is passed over.

        Raises ValueError when a time that counts was overwritten.
        """
        self._total = total
        self._ring = {n: (slot[0], slot[1]) for n, slot in slots.items() if slot and slot[0] < total}
        if any(position % SLOTS not in self._ring for position in self._positions()):
            raise ValueError("answer times are missing; their slots were overwritten")
        self._newest = deque((self._ring[position % SLOTS][1] for position in self._positions()), maxlen=_COUNTED)

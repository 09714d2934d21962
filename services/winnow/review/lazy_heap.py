"""The smallest first, of things that may end at any time: what has ended is passed over, and swept out in bulk."""

import heapq
from collections.abc import Container
from math import inf

SWEPT_FROM = 10_000


class LazyHeap:
    """Names by a number. Holds at most about twice as many as there are, whatever came and went."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []
        self._sweep_at = SWEPT_FROM

    def push(self, number: float, name: str, alive: Container[str]) -> None:
        """Take one in; `alive` are those that have not ended."""
        heapq.heappush(self._heap, (number, name))
        if len(self._heap) >= self._sweep_at:
            self._heap = [each for each in self._heap if each[1] in alive]
            heapq.heapify(self._heap)
            self._sweep_at = max(SWEPT_FROM, 2 * len(self._heap))

    def pop(self, at_most: int, up_to: float = inf) -> list[str]:
        """Take out so many of the smallest, and none above `up_to`; some may have ended."""
        found: list[str] = []
        while self._heap and len(found) < at_most and self._heap[0][0] <= up_to:
            found.append(heapq.heappop(self._heap)[1])
        return found

"""When the monitor sends its metrics: windows of 10 s, 1 min and 1 h, by the time of the evidence.

A window is sent about ten times while it runs, and once more, complete, when evidence of a later one
arrives. The values are sums since the beginning, so a window shows where they stood at its end.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

SIZES = (10, 60, 3600)
SENT_PER_WINDOW = 10


@dataclass
class Windows:
    """Told the time of each piece of evidence; times never go back."""

    _now: float = -math.inf
    _sent: dict[int, float] = field(default_factory=dict)

    def complete(self, now: float) -> Iterator[tuple[float, int]]:
        """Start and seconds of each window that ended before `now`: ask before counting the evidence."""
        for size in SIZES:
            if size in self._sent and _start(now, size) > _start(self._now, size):
                yield _start(self._now, size), size

    def due(self, now: float) -> Iterator[tuple[float, int]]:
        """Start and seconds of each running window to be sent: ask after counting the evidence."""
        for size in SIZES:
            last = self._sent.get(size, -math.inf)
            if now - last >= size / SENT_PER_WINDOW or _start(now, size) > _start(self._now, size):
                self._sent[size] = now
                yield _start(now, size), size
        self._now = now


def _start(now: float, size: int) -> float:
    return now // size * size if math.isfinite(now) else now

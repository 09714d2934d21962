"""How long what is open has waited, and when the queue will be empty. Pure."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

SAMPLE_EVERY_S, LOOK_BACK_S = 10.0, 1_800.0
KNOWN_AFTER_S = 60.0
FURTHEST_S = 30 * 86_400.0
"""A forecast beyond a month says nothing."""

AGES: tuple[tuple[str, float], ...] = (
    ("minute", 60.0),
    ("ten_minutes", 600.0),
    ("hour", 3_600.0),
    ("day", 86_400.0),
    ("longer", float("inf")),
)
"""Requests by how long they have waited: each with the time that it has not exceeded yet."""


def waits_of(written_at: Iterable[float], now: float) -> dict[str, int]:
    """How many open requests have waited how long."""
    waits = dict.fromkeys((name for name, _ in AGES), 0)
    for at in written_at:
        waits[next(name for name, limit in AGES if now - at <= limit)] += 1
    return waits


@dataclass(frozen=True, slots=True)
class Forecast:
    """`growth_per_hour` is negative while more is answered than comes; `empty_at` in seconds since the epoch."""

    growth_per_hour: float | None = None
    empty_at: float | None = None


class Trend:
    """Remembers how much was open within the last half hour."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def note(self, number: int, now: float) -> None:
        """So much is open now."""
        if self._samples and 0 <= now - self._samples[-1][0] < SAMPLE_EVERY_S:
            return
        self._samples.append((now, number))
        while now - self._samples[0][0] > LOOK_BACK_S:
            self._samples.popleft()

    def forecast(self, number: int, now: float) -> Forecast:
        """If things go on as they did: empty at that time, or never as long as the queue does not shrink."""
        if number == 0:
            return Forecast(empty_at=now)
        first = next(iter(self._samples), (now, number))
        seconds = now - first[0]
        if seconds < KNOWN_AFTER_S:
            return Forecast()
        per_second = (number - first[1]) / seconds
        lasts = number / -per_second if per_second < 0 else FURTHEST_S
        return Forecast(per_second * 3_600, now + lasts if lasts < FURTHEST_S else None)

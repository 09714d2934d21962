"""When a model is published. Pure: it is told the time."""

from dataclasses import dataclass

COST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Pace:
    """At most every `interval_s`, after `every` verdicts; fewer than that go out after `leftover_s`."""

    every: int
    interval_s: float
    leftover_s: float


class Publication:
    """When one slot is due. Snapshots that take long to make come less often: a fifth of the time at most."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._interval_s = pace.interval_s
        self._published_at = float("-inf")
        self._unpublished = 0
        self._waiting_since = float("inf")

    def learned(self, now: float) -> None:
        """One more verdict is not published yet."""
        self._unpublished += 1
        self._waiting_since = min(self._waiting_since, now)

    def is_due(self, now: float) -> bool:
        """Whether to publish now."""
        if not self._unpublished or now - self._published_at < self._interval_s:
            return False
        return self._unpublished >= self._pace.every or now - self._waiting_since >= self._pace.leftover_s

    def published(self, now: float, took_s: float) -> None:
        """All that was learned is published; making it took so long."""
        self._published_at = now
        self._unpublished = 0
        self._waiting_since = float("inf")
        self._interval_s = max(self._pace.interval_s, took_s / COST_SHARE)

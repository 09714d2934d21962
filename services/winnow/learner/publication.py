"""When a model is published. Pure: it is told the time."""

from dataclasses import dataclass

COST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Pace:
    """At most every `interval_s`, after `every` verdicts; fewer than that go out after `leftover_s`.

    Without `every` only what is ordered goes out.
    """

    every: int | None
    interval_s: float
    leftover_s: float


class Publication:
    """When one slot is due. Snapshots that take long to make come less often: a fifth of the time at most.

    A snapshot is drafted, then it is published or was aborted; models learn on meanwhile.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._interval_s = pace.interval_s
        self._drafted_at = float("-inf")
        self._unpublished = 0
        self._ordered = False
        self._waiting_since = float("inf")
        self._drafted = (0, float("inf"), False)

    def learned(self, now: float) -> None:
        """One more verdict is not published yet."""
        self._unpublished += 1
        self._waiting_since = min(self._waiting_since, now)

    def order(self) -> None:
        """What there is goes out at the next chance."""
        self._ordered = True

    def is_due(self, now: float) -> bool:
        """Whether to publish now."""
        if now - self._drafted_at < self._interval_s:
            return False
        if self._ordered or self._pace.every is None or not self._unpublished:
            return self._ordered
        return self._unpublished >= self._pace.every or now - self._waiting_since >= self._pace.leftover_s

    def drafted(self, now: float) -> None:
        """All that was learned is on its way."""
        self._drafted = self._unpublished, self._waiting_since, self._ordered
        self._ordered = False
        self._drafted_at = now
        self._unpublished, self._waiting_since = 0, float("inf")

    def published(self, took_s: float) -> None:
        """It has arrived; making it took so long."""
        self._interval_s = max(self._pace.interval_s, took_s / COST_SHARE)

    def aborted(self) -> None:
        """It is due again."""
        verdicts, since, ordered = self._drafted
        self._ordered |= ordered
        self._drafted_at = float("-inf")
        self._unpublished += verdicts
        self._waiting_since = min(self._waiting_since, since)

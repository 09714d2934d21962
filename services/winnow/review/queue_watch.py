"""Looks at the open queue every few seconds, for those who ask the API how it stands.

Each worker knows how long its own requests have waited; it leaves that in Redis for the others, which
may forget it at any time.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import redis

from winnow.review.open_requests import OpenRequests
from winnow.review.queue_outlook import Forecast, Trend, waits_of
from winnow.review.queue_status import QueueCounts

LOOK_EVERY_S, STALE_S = 5.0, 30.0
SAMPLED = 10_000
"""Of more open requests than that every so manieth is looked at: a million must not hold up the loop."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Of all open requests: how many have waited how long, and the longest time."""

    waits: dict[str, int]
    oldest_s: float | None


class QueueWatch:
    """One worker's eyes; `look` is the loop's, the rest anybody's."""

    def __init__(self, client: redis.Redis, prefix: str, slot: str, counts: Callable[[], QueueCounts]) -> None:
        self._redis = client
        self._key = f"{{{prefix}}}:review:waits"
        self._slot = slot
        self._counts = counts
        self._trend = Trend()
        self._looked_at = 0.0

    @property
    def leased(self) -> int:
        """Requests in reviewers' hands, in the whole deployment."""
        return self._counts().leased

    def look(self, tables: Mapping[int, OpenRequests], now: float) -> None:
        """Take note, now and then; a Redis that is away is passed over."""
        if 0 <= now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        self._trend.note(self._counts().open, now)
        oldest = [at for table in tables.values() if (at := table.oldest_written_at()) is not None]
        said = {"at": now, "waits": _waits(tables.values(), now), "oldest_at": min(oldest, default=None)}
        try:
            self._redis.hset(self._key, self._slot, json.dumps(said))
        except redis.RedisError:
            return

    def waiting(self, now: float) -> Waiting:
        """How long things have waited in all partition numbers, some seconds ago. May raise `redis.RedisError`."""
        found: Mapping[Any, Any] = self._redis.hgetall(self._key)
        said = [each for each in map(json.loads, found.values()) if abs(now - each["at"]) <= STALE_S]
        waits = waits_of((), now)
        for each in said:
            waits = {age: number + each["waits"].get(age, 0) for age, number in waits.items()}
        oldest = [each["oldest_at"] for each in said if each["oldest_at"] is not None]
        return Waiting(waits, max(0.0, now - min(oldest)) if oldest else None)

    def forecast(self, number: int, now: float) -> Forecast:
        """When so many open requests will be answered."""
        return self._trend.forecast(number, now)


def _waits(tables: Collection[OpenRequests], now: float) -> dict[str, int]:
    step = 1 + sum(map(len, tables)) // SAMPLED
    written_at = (request.written_at for table in tables for request in islice(table, 0, None, step))
    return {age: number * step for age, number in waits_of(written_at, now).items()}

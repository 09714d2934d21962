"""The queue in Redis: who may answer what next. Holds nothing that Kafka does not hold.

Every step that must not be torn is one Lua script (`lua/`), and leases run on Redis' clock, so that
no reviewer's and no worker's clock matters. All calls may raise `redis.RedisError`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from itertools import islice
from typing import Any, Literal, TypeVar

import redis
from redis.commands.core import Script

T = TypeVar("T")

REACH = 2_000
"""How far down the line `next` looks for something that the reviewer has not seen."""

AT_ONCE = 500
ANSWERED_FOR = timedelta(hours=1)
FILLING = ":filling"

Manner = Literal["take", "keep"]
NotHeld = Literal["lost", "closed", "unknown"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One open request as the queue knows it; `wanted` is how many more reviewers may hold it."""

    request_id: str
    record_id: str
    partition: int
    offset: int
    place: float
    wanted: int
    seen_by: tuple[str, ...] = ()
    reserved_for: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """A request in a reviewer's hands until `lapses_at` (seconds since the epoch, Redis' clock)."""

    request_id: str
    record_id: str
    partition: int
    offset: int
    lapses_at: float


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Open requests, those in somebody's hands, and those that somebody may still take."""

    open: int
    leased: int
    waiting: int


class RedisQueue:
    """One deployment's queue; `prefix` is that of its topics."""

    def __init__(self, client: redis.Redis, prefix: str, lease: timedelta) -> None:
        self._redis = client
        self._base = f"{{{prefix}}}:review:"
        self._lease_ms = int(lease.total_seconds() * 1000)
        names = ("requests", "line", "leases", "lapses", "partition:", "closed:", "marks")
        self._keys = [self._base + name for name in names]
        self._next, self._hold, self._release, self._put, self._remove, self._finish = (
            self._script(name) for name in ("next", "hold", "release", "put", "remove", "finish")
        )

    def next(self, reviewer: str, count: int) -> list[Lease]:
        """Lease up to `count` requests that this reviewer has neither seen nor holds, the first in line first."""
        found = self._next(keys=self._keys, args=[reviewer, count, self._lease_ms, REACH])
        return [_lease(_text(request_id), entry, lapses) for request_id, entry, lapses in found]

    def hold(self, reviewer: str, request_id: str, manner: Manner) -> Lease | NotHeld:
        """Lease on: to `keep` a lease it must not have lapsed; an answer may `take` one nobody else took."""
        found = self._hold(keys=self._keys, args=[reviewer, self._lease_ms, manner, request_id])
        state = _text(found[0])
        if state == "held":
            return _lease(request_id, found[2], found[1])
        return "lost" if state == "lost" else "closed" if state == "closed" else "unknown"

    def release(self, reviewer: str, request_ids: Sequence[str]) -> int:
        """Put requests back in line; how many of them the reviewer held."""
        return int(self._release(keys=self._keys, args=[reviewer, *request_ids])) if request_ids else 0

    def was_answered(self, reviewer: str, response_id: str) -> bool:
        """Whether this response is known to be in Kafka."""
        return bool(self._redis.exists(self._answered(reviewer, response_id)))

    def note_answered(self, reviewer: str, response_id: str) -> None:
        """Remember that this response is in Kafka."""
        self._redis.set(self._answered(reviewer, response_id), 1, ex=ANSWERED_FOR)

    def counts(self) -> QueueCounts:
        """How much there is, without taking any of it."""
        requests, line, leases = self._keys[:3]
        pipe = self._redis.pipeline(transaction=False)
        pipe.hlen(requests)
        pipe.hlen(leases)
        pipe.zcard(line)
        return QueueCounts(*(int(number) for number in pipe.execute()))

    def put(self, entries: Iterable[tuple[Entry, str | None]]) -> None:
        """Show requests as they are now; beside each the reviewer who is done with it, if one is."""
        for chunk in _chunks(entries):
            self._put(keys=self._keys, args=[self._lease_ms, *(_json(entry, done_by) for entry, done_by in chunk)])

    def remove(self, partition: int, request_ids: Iterable[str]) -> None:
        """These are no longer open."""
        for chunk in _chunks(request_ids):
            self._remove(keys=self._keys, args=[partition, *chunk])

    def ids(self, partition: int) -> set[str]:
        """All requests of one partition number that the queue holds."""
        return {_text(each) for each in self._redis.smembers(f"{self._keys[4]}{partition}")}

    def partition_of(self, request_id: str) -> int | None:
        """The partition number of a request that is open, or closed not long ago."""
        if entry := self._redis.hget(self._keys[0], request_id):
            return int(json.loads(_text(entry))["p"])
        closed = self._redis.get(f"{self._keys[5]}{request_id}")
        return None if closed is None else int(closed)

    def marks(self) -> dict[int, str]:
        """Per partition number the mark its worker left: gone when Redis lost its memory."""
        found: Mapping[Any, Any] = self._redis.hgetall(self._keys[6])
        return {int(number): _text(mark) for number, mark in found.items()}

    def begin(self, partition: int, mark: str) -> None:
        """A worker starts to fill in one partition number."""
        self._redis.hset(self._keys[6], str(partition), f"{mark}{FILLING}")

    def finish(self, partition: int, mark: str) -> bool:
        """All is filled in; False when the mark of the beginning was lost on the way."""
        return bool(self._finish(keys=self._keys, args=[partition, f"{mark}{FILLING}", mark]))

    def is_whole(self, partitions: int) -> bool:
        """Whether every partition number is filled in: then what is unknown here is not open."""
        marks = self.marks()
        return all(number in marks and not marks[number].endswith(FILLING) for number in range(partitions))

    def _answered(self, reviewer: str, response_id: str) -> str:
        return f"{self._base}answered:{reviewer}:{response_id}"

    def _script(self, name: str) -> Script:
        folder = files("winnow.review") / "lua"
        shared, own = ((folder / f"{part}.lua").read_text(encoding="utf-8") for part in ("queue", name))
        return self._redis.register_script(f"{shared}\n{own}")


def _lease(request_id: str, entry: bytes, lapses_ms: bytes) -> Lease:
    fields = json.loads(entry)
    return Lease(request_id, fields["r"], int(fields["p"]), int(fields["o"]), float(lapses_ms) / 1000)


def _json(entry: Entry, done_by: str | None) -> str:
    fields: dict[str, Any] = {
        "id": entry.request_id,
        "r": entry.record_id,
        "p": entry.partition,
        "o": entry.offset,
        "place": entry.place,
        "wanted": entry.wanted,
        "seen": list(entry.seen_by) or None,
        "for": entry.reserved_for,
        "done_by": done_by,
    }
    return json.dumps({key: value for key, value in fields.items() if value is not None})


def _chunks(things: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(things)
    while chunk := list(islice(iterator, AT_ONCE)):
        yield chunk


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value

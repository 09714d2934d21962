"""The queue in Redis: who may answer what next. Holds nothing that Kafka does not hold.

Every step that must not be torn is one Lua script (`lua/`), and leases run on Redis' clock, so that
no reviewer's and no worker's clock matters. All calls may raise `redis.RedisError`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from itertools import islice
from typing import Any, Literal, TypeVar

import redis
from redis.commands.core import Script

from winnow.core.choice import CANDIDATES, REMEMBERED, Asked, Manner, choose
from winnow.review.bodies import Position
from winnow.review.queue_entries import BLIND_LINE, Entry, Filter, Told, candidates_in, group_name, packed, unpacked
from winnow.review.queue_status import Pause, QueueCounts, QueueStatus, status_of

T = TypeVar("T")

REACH = 2_000
"""How far down the line `next` looks for something that the reviewer has not seen."""

ROUNDS = 20
"""So many times `next` looks for others when all it found are near-duplicates that must wait."""

STAND_INS = 16
"""So many more than chosen, for when others take those at the same moment."""

AT_ONCE = 500
ANSWERED_FOR = timedelta(hours=1)
CLOSED_FOR, CLOSED_UNSEEN_FOR = timedelta(hours=1), timedelta(minutes=1)
FILLING = ":filling"

Ahead = Callable[[Sequence[Position]], None]
"""Is told whose bodies will soon be wanted."""

Hold = Literal["take", "keep"]
NotHeld = Literal["lost", "closed", "unknown"]


def ignored(_positions: Sequence[Position]) -> None:
    """Nobody fetches anything ahead."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A request in a reviewer's hands until `lapses_at` (seconds since the epoch, Redis' clock)."""

    request_id: str
    record_id: str
    partition: int
    offset: int
    lapses_at: float


@dataclass(frozen=True, slots=True)
class _Found:
    """What `candidates.lua` answered."""

    pause: Pause | None
    asked: Asked
    blind_share: float
    candidates: Sequence[Told]


class RedisQueue:
    """One deployment's queue; `prefix` is that of its topics. `ahead` is told whose bodies will soon be wanted."""

    def __init__(
        self,
        client: redis.Redis,
        prefix: str,
        lease: timedelta,
        manner: Manner | None = None,
        ahead: Ahead = ignored,
    ) -> None:
        self._ahead = ahead
        self._redis = client
        self._base = f"{{{prefix}}}:review:"
        self._lease_ms = int(lease.total_seconds() * 1000)
        self._manner = manner or Manner()
        prefixes = ("requests", "lines:", "leases", "lapses", "partition:", "closed:", "marks")
        names = (*prefixes, "open", "kin", "behind", "groups:", "ring", "asked", "pause")
        self._keys = [self._base + name for name in names]
        self._requests, self._partition, self._closed = self._keys[0], self._keys[4], self._keys[5]
        self._marks, self._open, self._groups, self._pause = (self._keys[at] for at in (6, 7, 10, 13))
        self._candidates, self._take, self._hold, self._release, self._put, self._remove, self._finish, self._status = (
            self._script(name)
            for name in ("candidates", "take", "hold", "release", "put", "remove", "finish", "status")
        )

    def next(self, reviewer: str, count: int, only: Filter | None = None) -> list[Lease]:
        """Lease up to `count` requests that this reviewer has neither seen nor holds, the most instructive first.

        Fewer while near-duplicates wait for each other's answers; none while the queue is paused.
        """
        leased: list[Lease] = []
        for turn in range(ROUNDS):
            wanted = max(CANDIDATES, 2 * count) * min(turn + 1, 8)
            found = self._find(reviewer, wanted, count - len(leased), only)
            if found.pause is not None and found.pause.is_paused:
                break
            taken, is_over = self._choose(reviewer, count - len(leased), found, only)
            leased += taken
            self._ahead([told.position for told in found.candidates[:CANDIDATES]])
            if is_over or len(leased) >= count or not found.candidates:
                break
        return leased

    def hold(self, reviewer: str, request_id: str, manner: Hold) -> Lease | NotHeld:
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
        return self.status().counts

    def status(self) -> QueueStatus:
        """What stands in the queue and in whose hands, without taking any of it."""
        open_by, leased_by, *numbers = self._status(keys=self._keys)
        counts = (int(number) for number in numbers)
        return status_of(json.loads(open_by), json.loads(leased_by), *counts)

    def put(self, entries: Iterable[tuple[Entry, str | None]]) -> None:
        """Show requests as they are now; beside each the reviewer who is done with it, if one is."""
        for chunk in _chunks(entries):
            args: list[Any] = [self._lease_ms]
            for entry, done_by in chunk:
                args += (entry.request_id, packed(entry), done_by or "")
            self._put(keys=self._keys, args=args)

    def remove(self, partition: int, request_ids: Iterable[str]) -> None:
        """These are no longer open."""
        times = [int(each.total_seconds()) for each in (CLOSED_FOR, CLOSED_UNSEEN_FOR)]
        for chunk in _chunks(request_ids):
            self._remove(keys=self._keys, args=[partition, *times, *chunk])

    def lines_of(self, group: str) -> set[str]:
        """All open requests of one document."""
        return {_text(each) for each in self._redis.smembers(f"{self._groups}{group_name(group)}")}

    def ids(self, partition: int) -> set[str]:
        """All requests of one partition number that the queue holds."""
        return {_text(each) for each in self._redis.smembers(f"{self._partition}{partition}")}

    def entry(self, request_id: str) -> Entry | None:
        """An open request as the queue holds it."""
        found: Any = self._redis.hget(self._requests, request_id)
        return None if found is None else unpacked(request_id, found)

    def partition_of(self, request_id: str) -> int | None:
        """The partition number of a request that is open, or closed not long ago."""
        if entry := self.entry(request_id):
            return entry.partition
        closed: Any = self._redis.get(f"{self._closed}{request_id}")
        return None if closed is None else int(closed)

    def pause(self) -> Pause | None:
        """What an operator said last about giving out; None when nobody did, or Redis lost it."""
        said: Any = self._redis.get(self._pause)
        return None if said is None else Pause.read(json.loads(said))

    def say(self, pause: Pause) -> None:
        """Pause, or go on; leases and answers go on in any case."""
        self._redis.set(self._pause, json.dumps(pause.encoded()))

    def marks(self) -> dict[int, str]:
        """Per partition number the mark its worker left: gone when Redis lost its memory."""
        found: Mapping[Any, Any] = self._redis.hgetall(self._marks)
        return {int(number): _text(mark) for number, mark in found.items()}

    def begin(self, partition: int, mark: str) -> None:
        """A worker starts to fill in one partition number."""
        self._redis.hset(self._marks, str(partition), f"{mark}{FILLING}")

    def finish(self, partition: int, mark: str) -> bool:
        """All is filled in; False when the mark of the beginning was lost on the way."""
        return bool(self._finish(keys=self._keys, args=[partition, f"{mark}{FILLING}", mark]))

    def is_whole(self, partitions: int) -> bool:
        """Whether every partition number is filled in: then what is unknown here is not open."""
        marks = self.marks()
        return all(number in marks and not marks[number].endswith(FILLING) for number in range(partitions))

    def _find(self, reviewer: str, wanted: int, least: int, only: Filter | None) -> _Found:
        lines: list[str] = []
        if only is not None:
            known: Any = self._redis.hkeys(self._open)
            lines = [line for line in map(_text, known) if only.lets_pass(line)] or [BLIND_LINE]
        args: list[Any] = [reviewer, wanted, REACH, least, *lines]
        pause, ring, count, blind, total, first, kin = self._candidates(keys=self._keys, args=args)
        said = Pause.read(json.loads(pause)) if pause else None
        candidates = [*candidates_in(first, waited=False), *candidates_in(kin, waited=True)]
        return _Found(said, Asked(ring, int(count)), int(blind) / max(1, int(total)), candidates)

    def _choose(self, reviewer: str, count: int, found: _Found, only: Filter | None) -> tuple[list[Lease], bool]:
        """What was leased, and whether there is nothing more to look for."""
        ids = [told.request_id for told in found.candidates]
        candidates = [told.candidate for told in found.candidates]
        share = None if only is None else found.blind_share
        choice = choose(candidates, found.asked, count, Manner(self._manner.novelty_places, share))
        if not (choice.chosen or choice.waiting):
            return [], True
        known = set(found.asked.names.tolist())
        order = choice.order[: choice.chosen + STAND_INS] if choice.chosen else ()
        args: list[Any] = [reviewer, choice.chosen, self._lease_ms, len(order), REMEMBERED]
        for index in order:
            args += (ids[index], b"" if candidates[index].name in known else candidates[index].as_asked)
        for index, behind, slot in choice.waiting:
            args += (ids[index], "" if behind is None else ids[behind], "" if slot is None else slot)
        leased = self._take(keys=self._keys, args=args)
        return [_lease(_text(name), value, lapses) for name, value, lapses in leased], not choice.waiting

    def _answered(self, reviewer: str, response_id: str) -> str:
        return f"{self._base}answered:{reviewer}:{response_id}"

    def _script(self, name: str) -> Script:
        folder = files("winnow.review") / "lua"
        shared, own = ((folder / f"{part}.lua").read_text(encoding="utf-8") for part in ("queue", name))
        return self._redis.register_script(f"{shared}\n{own}")


def _lease(request_id: str, value: bytes, lapses_ms: bytes) -> Lease:
    entry = unpacked(request_id, value)
    return Lease(request_id, entry.record_id, entry.partition, entry.offset, float(lapses_ms) / 1000)


def _chunks(things: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(things)
    while chunk := list(islice(iterator, AT_ONCE)):
        yield chunk


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value

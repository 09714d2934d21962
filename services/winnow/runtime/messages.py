"""What goes into a service and what comes out, without any transport."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple, Protocol, Self, overload

Headers = Sequence[tuple[str, bytes | None]]


class Partition(NamedTuple):
    """One partition of a topic (full name)."""

    topic: str
    number: int


class Incoming(NamedTuple):
    """One consumed message; `timestamp` in seconds since the epoch, as the broker has it.

    A tuple, because one is made for each message and a frozen dataclass takes four times as long.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: float
    headers: Headers = ()


class Accessors(NamedTuple):
    """How each part of a message is had from whatever it came as."""

    topic: Callable[[Any], str]
    partition: Callable[[Any], int]
    offset: Callable[[Any], int]
    key: Callable[[Any], bytes | None]
    value: Callable[[Any], bytes | None]
    timestamp: Callable[[Any], float]
    headers: Callable[[Any], Headers | None]


_OF_INCOMING = Accessors(*map(itemgetter, range(7)))


class Batch(Sequence[Incoming]):
    """Consumed messages, column by column for who handles many alike; one by one they are made when asked for.

    `raw` are the messages as they came, `read` says how to read them.
    """

    def __init__(self, raw: Sequence[Any], read: Accessors = _OF_INCOMING) -> None:
        self._raw = raw
        self._read = read

    @classmethod
    def of(cls, messages: Sequence[Incoming]) -> "Batch":
        """The same messages as a batch."""
        return messages if isinstance(messages, Batch) else cls(messages)

    @cached_property
    def topics(self) -> list[str]:
        """Full names."""
        return list(map(self._read.topic, self._raw))

    @cached_property
    def partitions(self) -> list[int]:
        """Their numbers."""
        return list(map(self._read.partition, self._raw))

    @cached_property
    def offsets(self) -> list[int]:
        """Within their partitions."""
        return list(map(self._read.offset, self._raw))

    @cached_property
    def keys(self) -> list[bytes | None]:
        """As they came."""
        return list(map(self._read.key, self._raw))

    @cached_property
    def values(self) -> list[bytes | None]:
        """As they came."""
        return list(map(self._read.value, self._raw))

    @cached_property
    def headers(self) -> list[Headers]:
        """Empty for messages without any."""
        return [headers or () for headers in map(self._read.headers, self._raw)]

    def some(self, places: Sequence[int]) -> Self:
        """Those at some places; all of them when there are as many places."""
        if len(places) == len(self._raw):
            return self
        return type(self)([self._raw[place] for place in places], self._read)

    def __len__(self) -> int:
        return len(self._raw)

    @overload
    def __getitem__(self, place: int) -> Incoming: ...
    @overload
    def __getitem__(self, place: slice) -> "Batch": ...
    def __getitem__(self, place: int | slice) -> "Incoming | Batch":
        if isinstance(place, slice):
            return type(self)(self._raw[place], self._read)
        return self._made(self._raw[place])

    def __iter__(self) -> Iterator[Incoming]:
        return map(self._made, self._raw)

    def _made(self, raw: Any) -> Incoming:
        read = self._read
        return Incoming(
            read.topic(raw),
            read.partition(raw),
            read.offset(raw),
            read.key(raw),
            read.value(raw),
            read.timestamp(raw),
            read.headers(raw) or (),
        )


class Outgoing(NamedTuple):
    """One message to produce; without `partition` the key decides (murmur2, as in Java)."""

    topic: str
    value: bytes | None
    key: bytes | None = None
    partition: int | None = None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Commit:
    """What to commit for a partition: the next offset to read, and a note kept with it."""

    offset: int
    metadata: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where reading starts, per partition, with the note of the last commit.

    The note is "" where there is none, and always on the embedded broker, which keeps no notes.
    """

    start: Mapping[Partition, Commit] = field(default_factory=dict)


class Handler(Protocol):
    """A service's logic as the transactional loop drives it.

    The loop calls `assigned` with the *complete* current assignment whenever it changed and after
    every abort, before anything else is handled; the handler may block there to catch up. Then
    `handle` with batches (in order within each partition), or with an empty batch when a tick is
    due; what it returns, and the offsets of `commits`, go into one transaction. `committed` or
    `aborted` follows. After `aborted` everything since the last `committed` must be forgotten.
    """

    def assigned(self, assignment: Assignment) -> None: ...

    def handle(self, batch: Sequence[Incoming], now: float) -> Sequence[Outgoing]: ...

    def commits(self, positions: Mapping[Partition, int]) -> Mapping[Partition, Commit]: ...

    def committed(self) -> None: ...

    def aborted(self) -> None: ...

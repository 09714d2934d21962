"""What goes into a service and what comes out, without any transport."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

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

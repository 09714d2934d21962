"""What is open in one partition number: a function of requests, responses and closings, and of nothing else.

Holds no bodies, only what tells when a request closes and where it stands in line; so a million open
requests fit into memory, and Redis can be filled again from here at any time. What is held a million
times is out of sight of Python's collector (`gc=False`: it can be part of no cycle), which would stop
the worker for a second to look at all of it.
"""

import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import Struct

from winnow.core.choice import Kind
from winnow.core.sketch import NO_SKETCH
from winnow.review.lazy_heap import LazyHeap
from winnow.review.newest_decision import DecisionMade
from winnow.review.queue_entries import BLIND_LINE, line_of
from winnow.review.request_ids import request_name
from winnow_schemas.review_requests import ReviewRequest

REMEMBERED_CLOSED = 10_000
"""Closed requests kept, so that late responses and undo find them."""

REBUILT_CLOSED, REBUILT_S = 1_000, 900.0
"""Of those, as many and from as long ago are found again after a restart."""

ASKED_AGAIN = frozenset({"recalled", "disputed", "gold"})
"""Reasons of requests that no scorer made."""

PLACES_AN_HOUR = 1.0
"""An hour of waiting weighs as much as the whole range of priorities: nothing waits for ever."""


class OpenRequest(Struct, frozen=True, gc=False):
    """One open request and the answers so far: reviewer and label, reviewer and response id.

    `written_at` is when Kafka got it, `decided_at` when the machine decided about the record. `kind`, `line`, `group`
    and `sketch` are for the queue (`queue_entries.py`).
    """

    request_id: str
    record_id: str
    partition: int
    offset: int
    place: float
    is_audit: bool
    expires_at: float
    written_at: float
    decided_at: datetime
    is_recalled: bool = False
    priority: float = 0.0
    kind: Kind = "open"
    line: str = "uncertain"
    sketch: bytes = NO_SKETCH
    is_gold: bool = False
    not_for: tuple[str, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    skips: tuple[str, ...] = ()
    put_backs: int = 0
    responses: tuple[tuple[str, str], ...] = ()
    reserved_for: str | None = None
    group: str | None = None

    @property
    def seen_by(self) -> tuple[str, ...]:
        """Reviewers who shall not be asked again."""
        return (*self.decided_by, *self.not_for)

    @property
    def decided_by(self) -> tuple[str, ...]:
        """Reviewers who have answered or skipped."""
        return (*(reviewer for reviewer, _ in self.answers), *self.skips)


class ClosedRequest(Struct, frozen=True, gc=False):
    """What is remembered of a closed request; `answers` are empty when no verdict closed it."""

    request_id: str
    record_id: str
    offset: int
    answers: tuple[tuple[str, str], ...] = ()
    is_reopened: bool = False


def opened(  # noqa: PLR0913 - what the message says, and where it stood
    request: ReviewRequest,
    record_id: str,
    *,
    position: tuple[int, int],
    written_at: float,
    reserved_for: str | None,
    sketch: bytes,
    not_for: tuple[str, ...],
) -> OpenRequest:
    """A request as it stands in line at first; the higher `place`, the sooner it is asked.

    A record whose label was taken back or doubted waits from then on: what is asked afresh keeps the gate going.
    """
    is_recalled = request.reason == "recalled"
    is_asked_again = request.reason in ASKED_AGAIN
    waiting_since = (written_at if is_asked_again else request.decision.decided_at.timestamp()) / 3600
    return OpenRequest(
        request_id=request.request_id,
        record_id=record_id,
        partition=position[0],
        offset=position[1],
        place=request.priority - PLACES_AN_HOUR * waiting_since,
        is_audit=request.decision.look in ("ledger", "extra"),
        expires_at=request.expires_at.timestamp(),
        written_at=written_at,
        decided_at=request.decision.decided_at,
        is_recalled=is_recalled,
        priority=request.priority,
        kind=_kind(request),
        line=BLIND_LINE if request.blind else sys.intern(line_of(request.reason, request.suggestion)),
        sketch=sketch,
        is_gold=request.reason == "gold",
        not_for=not_for,
        reserved_for=reserved_for,
        group=request.record.get("group"),
    )


def _worth(request: OpenRequest) -> float:
    return request.priority + (request.kind == "blind")


def _kind(request: ReviewRequest) -> Kind:
    if not request.blind:
        return "open"
    return "check" if request.decision.look in ("ledger", "extra") or request.reason == "gold" else "blind"


@dataclass(slots=True)
class OpenRequests:
    """The open and the lately closed requests of one partition number; `recalled`: so many of the open ones are."""

    partition: int
    remembered: int = REMEMBERED_CLOSED
    _open: dict[str, OpenRequest] = field(default_factory=dict)
    _closed: dict[str, ClosedRequest] = field(default_factory=dict)
    _newest: dict[str, DecisionMade] = field(default_factory=dict)
    _by_offset: deque[tuple[int, float, str]] = field(default_factory=deque)
    _by_expiry: LazyHeap = field(default_factory=LazyHeap)
    _by_worth: LazyHeap = field(default_factory=LazyHeap)
    recalled: int = 0

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[OpenRequest]:
        return iter(self._open.values())

    def add(self, request: OpenRequest) -> bool:
        """Take a new request in (they come in the order of their offsets); False when its id is known."""
        if request.request_id in self._open or request.request_id in self._closed:
            return False
        self._open[request.request_id] = request
        self.recalled += request.is_recalled
        decision = DecisionMade(request_name(request.request_id).decision_id, request.decided_at)
        if not request.is_gold and not self.has_newer(request.record_id, decision):
            self._newest[request.record_id] = decision
        self._by_offset.append((request.offset, request.written_at, request.request_id))
        self._by_expiry.push(request.expires_at, request.request_id, self._open)
        if request.kind != "check":
            self._by_worth.push(_worth(request), request.request_id, self._open)
        return True

    def find(self, request_id: str) -> OpenRequest | None:
        """The open request of that id."""
        return self._open.get(request_id)

    def find_closed(self, request_id: str) -> ClosedRequest | None:
        """The closed request of that id, while it is remembered."""
        return self._closed.get(request_id)

    def is_superseded(self, request: OpenRequest) -> bool:
        """Whether a newer decision about the same record has come since."""
        decision = DecisionMade(request_name(request.request_id).decision_id, request.decided_at)
        return self.has_newer(request.record_id, decision)

    def has_newer(self, record_id: str, decision: DecisionMade) -> bool:
        """Whether a request tells of a newer decision about that record."""
        newest = self._newest.get(record_id)
        return newest is not None and newest.is_newer_than(decision)

    def update(self, request: OpenRequest) -> None:
        """Put a changed request in the place of the one it came from."""
        self._open[request.request_id] = request

    def close(self, request: OpenRequest, answers: tuple[tuple[str, str], ...] = ()) -> None:
        """Take a request out; `answers` are those on which its verdict rests."""
        del self._open[request.request_id]
        self.recalled -= request.is_recalled
        self.remember(ClosedRequest(request.request_id, request.record_id, request.offset, answers))

    def reopen(self, closed: ClosedRequest) -> None:
        """Note that another opening follows this one."""
        self.remember(ClosedRequest(closed.request_id, closed.record_id, closed.offset, closed.answers, True))

    def expired(self, now: float, at_most: int) -> list[OpenRequest]:
        """Open requests whose time is over, the longest over first."""
        found = self._by_expiry.pop(at_most, now)
        return [request for request_id in found if (request := self._open.get(request_id)) is not None]

    def least_instructive(self, at_most: int) -> list[OpenRequest]:
        """The open requests that are worth least, never audits, gold or what somebody answered already.

        Blind ones come last: who sees fewer of them could tell audits apart.
        """
        found: list[OpenRequest] = []
        while len(found) < at_most and (ids := self._by_worth.pop(at_most - len(found))):
            known = (self._open.get(request_id) for request_id in ids)
            found += [request for request in known if request is not None and not request.responses]
        return found

    def oldest_written_at(self) -> float | None:
        """When Kafka got the oldest open request."""
        return next((request.written_at for request in self._open.values()), None)

    def rebuilt_from(self) -> tuple[int, float] | None:
        """From where to read again after a restart: offset, and when Kafka got it; None for from here on."""
        while self._by_offset and self._may_be_forgotten(*self._by_offset[0]):
            self._by_offset.popleft()
        return self._by_offset[0][:2] if self._by_offset else None

    def _may_be_forgotten(self, _offset: int, written_at: float, request_id: str) -> bool:
        if request_id in self._open:
            return False
        closed_ones = len(self._by_offset) - len(self._open)
        return closed_ones > REBUILT_CLOSED or written_at < self._by_offset[-1][1] - REBUILT_S

    def snapshot(self) -> dict[str, Any]:
        """All that decides about what comes: equal snapshots behave alike."""
        return {"partition": self.partition, "open": dict(self._open)}

    def remember(self, closed: ClosedRequest) -> None:
        """Keep in mind that this is over, and forget what was over longest ago."""
        self._closed.pop(closed.request_id, None)
        self._closed[closed.request_id] = closed
        while len(self._closed) > self.remembered:
            forgotten = self._closed.pop(next(iter(self._closed)))
            newest = self._newest.get(forgotten.record_id)
            if newest is not None and newest.decision_id == forgotten.request_id:
                del self._newest[forgotten.record_id]

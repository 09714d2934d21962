"""Makes the tables of what is open anew, a piece at a time, so that nobody waits for it.

Requests first, then closings (once for all partition numbers), then responses. Until it is done nothing is worked
off, and no offset moves: what comes meanwhile is read again afterwards.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import structlog

from winnow.review.desk import Means
from winnow.review.open_requests import OpenRequests
from winnow.review.rebuild import RebuildNote, Settling, read_request
from winnow.runtime.messages import Commit, Incoming
from winnow_schemas.codec import InvalidMessage
from winnow_schemas.evidence import Closed

T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Start:
    """Where one partition number stands: the commits of requests and responses, and the note."""

    requests: Commit
    responses: Commit
    note: RebuildNote


class Rebuilding:
    """The tables, once `advance` said that they are whole."""

    def __init__(
        self, starts: Mapping[int, Start], means: Means, reviewers: Callable[[], Collection[str]], piece: int
    ) -> None:
        self._piece = piece
        self.tables = {number: OpenRequests(number) for number in starts}
        self._starts = starts
        self._means = means
        self._reviewers = reviewers
        self._closings: dict[str, Closed] = {}
        self._steps = self._run()

    def advance(self, pieces: int) -> bool:
        """Go on by so many pieces; whether all is done. May raise `TransientError`."""
        return sum(1 for _ in islice(self._steps, pieces)) < pieces

    def _run(self) -> Iterator[None]:
        for number, start in self._starts.items():
            yield from self._load(number, start)
        yield from self._hear_of_ends()
        for number, start in self._starts.items():
            if len(self.tables[number]):
                yield from self._settle(number, start)

    def _load(self, number: int, start: Start) -> Iterator[None]:
        topic = self._means.topics["review-requests"]
        read_before = self._means.history.messages(topic, number, start.note.start, start.requests.offset)
        for message in self._in_pieces(read_before):
            if message is None:
                yield
            else:
                self._load_one(message)

    def _load_one(self, message: Incoming) -> None:
        """Requests read once before: those that broke their contract became dead letters then."""
        try:
            read_request(message, self.tables[message.partition], self._means.bodies, self._means.sketch)
        except InvalidMessage:
            log.debug("unreadable request passed over", partition=message.partition, offset=message.offset)

    def _hear_of_ends(self) -> Iterator[None]:
        loaded = [number for number, table in self.tables.items() if len(table)]
        if not loaded:
            return
        since = min(self._starts[number].note.since for number in loaded)
        for at, closed in enumerate(self._means.history.closings(since), start=1):
            if closed is not None:
                self._hear_of_end(closed)
            if at % self._piece == 0:
                yield

    def _hear_of_end(self, closed: Closed) -> None:
        before = self._closings.get(closed.request_id)
        is_ours = any(table.find(closed.request_id) for table in self.tables.values())
        if is_ours and (before is None or before.revision < closed.revision):
            self._closings[closed.request_id] = closed

    def _settle(self, number: int, start: Start) -> Iterator[None]:
        rule, early = self._means.rules.answer_rule, start.note.early
        settling = Settling(self.tables[number], self._closings, rule, self._reviewers(), early)
        for message in self._in_pieces(self._means.history.responses(number, start.note.since, start.responses.offset)):
            if message is None:
                yield
            else:
                settling.hear(message)
        for closed in self._in_pieces(self._closings.values()):
            if closed is None:
                yield
            else:
                settling.close(closed)

    def _in_pieces(self, things: Iterable[T]) -> Iterator[T | None]:
        """All of them, and None at the end of each full piece."""
        for at, each in enumerate(things, start=1):
            yield each
            if at % self._piece == 0:
                yield None

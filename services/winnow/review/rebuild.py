"""The open requests of a partition number, made anew from Kafka: at each assignment and after each abort.

The note committed with the position in `review-requests` says from where to read. A request found
there is open unless `evidence` has its closing; the answers so far are its responses, folded by
the same rule as the first time.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import structlog

from winnow.review import added_records
from winnow.review.added_records import ADDED
from winnow.review.answers import AnswerRule, GoesOn, take
from winnow.review.bodies import Bodies, header, parse_body
from winnow.review.closings import RESERVED_FOR
from winnow.review.early_responses import NONE_EARLY, EarlyResponses
from winnow.review.gold_checks import NOT_FOR, not_for
from winnow.review.open_requests import OpenRequest, OpenRequests, opened
from winnow.review.queue_status import Pause
from winnow.review.recall_note import RecallNote
from winnow.runtime.messages import Commit, Incoming
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.evidence import Closed
from winnow_schemas.records import Record
from winnow_schemas.review_responses import ReviewResponse

CLOCKS_DIFFER_S = 300.0
"""Times of messages come from the clocks of those who wrote them."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RebuildNote:
    """Where the oldest open request stands, and when Kafka got it; and how far a recall has come.

    `early` tells of responses that came before their requests. `writes` counts transactions that wrote something.
    So each of them commits another note, and with it proves to the broker that the worker still owns the partition,
    even where no offset moved.
    """

    start: int
    written_at: float
    writes: int = 0
    recalls: RecallNote | None = None
    pause: Pause | None = None
    early: EarlyResponses = NONE_EARLY

    def encoded(self) -> str:
        """As it is committed: far below Kafka's 4 KiB."""
        recalls = {"recalls": self.recalls.encoded()} if self.recalls else {}
        pause = {"pause": self.pause.encoded()} if self.pause else {}
        early = {"early": self.early.encoded()} if self.early else {}
        return json.dumps({"from": self.start, "at": self.written_at, "n": self.writes, **recalls, **pause, **early})

    @property
    def since(self) -> float:
        """A time before all responses to and closings of what is open."""
        return self.written_at - CLOCKS_DIFFER_S


def note_of(commit: Commit) -> RebuildNote:
    """The note of a commit; where there is none everything is read again."""
    try:
        note = json.loads(commit.metadata)
        start, written_at = int(note["from"]), float(note["at"])
        recalls, pause = RecallNote.read(note.get("recalls")), Pause.read(note.get("pause"))
        early = EarlyResponses.read(note.get("early"))
        return RebuildNote(start, written_at, int(note.get("n", 0)), recalls, pause, early)
    except (ValueError, TypeError, KeyError):
        return RebuildNote(0, CLOCKS_DIFFER_S)


Sketch = Callable[[Record], bytes]
"""What makes a record comparable (`core/sketch.py`)."""


def read_request(message: Incoming, requests: OpenRequests, bodies: Bodies, sketch: Sketch) -> OpenRequest | None:
    """Take one message of `review-requests` in; None for an id seen before. Raises `InvalidMessage`."""
    body = parse_body(message)
    request = opened(
        body.request,
        body.record_id,
        position=(message.partition, message.offset),
        written_at=message.timestamp,
        reserved_for=header(message.headers, RESERVED_FOR),
        sketch=sketch(body.request.record),
        not_for=not_for(header(message.headers, NOT_FOR)),
    )
    if not requests.add(request):
        return None
    bodies.first_read(message, body)
    return request


def came_too_early(response: Incoming, request: OpenRequest) -> bool:
    """Whether a response is older than its request by more than clocks differ: a rebuild would not look back so far."""
    return response.timestamp < request.written_at - CLOCKS_DIFFER_S


class Settling:
    """Brings loaded requests to where they were: answers from responses, ends from closings (the newest each).

    Which answers were enough is not judged again: the closing names the one that was. `early` says which responses
    became dead letters, because their requests came only later.
    """

    def __init__(
        self,
        requests: OpenRequests,
        closings: Mapping[str, Closed],
        rule: AnswerRule,
        reviewers: Collection[str],
        early: EarlyResponses,
    ) -> None:
        self._requests = requests
        self._closings = closings
        self._rule = rule
        self._reviewers = reviewers
        self._early = early
        self._ended: set[str] = set()

    def hear(self, message: Incoming) -> None:
        """The next response, in the order of their offsets."""
        try:
            response = decode(ReviewResponse, message.value)  # type: ignore[arg-type]
        except InvalidMessage:
            return
        if response.request_id.startswith(ADDED):
            self._hear_of_added(response, message.offset)
            return
        request = self._requests.find(response.request_id)
        if request is None or response.request_id in self._ended or response.reviewer not in self._reviewers:
            return
        if came_too_early(message, request) or self._early.was_dead(message.offset, request.offset):
            return
        taken = take(request, response, self._rule)
        if isinstance(taken, GoesOn):
            self._requests.update(taken.request)
        closed = self._closings.get(response.request_id)
        if closed is not None and closed.response_id == response.response_id:
            self._ended.add(response.request_id)

    def _hear_of_added(self, response: ReviewResponse, offset: int) -> None:
        """What was added can be taken back, once."""
        known = self._requests.find_closed(response.request_id)
        if response.action == "add" and known is None and added_records.is_its_own(response):
            added_records.remember(response, offset, self._requests)
        elif response.action == "undo" and known is not None:
            self._requests.reopen(known)

    def close(self, closed: Closed) -> None:
        """End what has ended."""
        request = self._requests.find(closed.request_id)
        if request is None:
            return
        by_verdict = closed.closing in ("right", "wrong", "reopened")
        self._requests.close(request, request.answers if by_verdict else ())
        remembered = self._requests.find_closed(closed.request_id)
        if closed.closing == "reopened" and remembered is not None:
            self._requests.reopen(remembered)

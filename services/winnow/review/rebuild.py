"""The open requests of a partition number, made anew from Kafka: at each assignment and after each abort.

The note committed with the position in `review-requests` says from where to read. A request found
there is open unless `evidence` has its closing; the answers so far are its responses, folded by
the same rule as the first time.
"""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import structlog

from winnow.review.answers import AnswerRule, GoesOn, take
from winnow.review.bodies import Bodies, header, parse_body
from winnow.review.closings import RESERVED_FOR
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

    `writes` counts transactions that wrote something. So each of them commits another note, and with
    it proves to the broker that the worker still owns the partition, even where no offset moved.
    """

    start: int
    written_at: float
    writes: int = 0
    recalls: RecallNote | None = None
    pause: Pause | None = None

    def encoded(self) -> str:
        """As it is committed: far below Kafka's 4 KiB."""
        recalls = {"recalls": self.recalls.encoded()} if self.recalls else {}
        pause = {"pause": self.pause.encoded()} if self.pause else {}
        return json.dumps({"from": self.start, "at": self.written_at, "n": self.writes, **recalls, **pause})

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
        return RebuildNote(start, written_at, int(note.get("n", 0)), recalls, pause)
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


def load(messages: Iterable[Incoming], requests: OpenRequests, bodies: Bodies, sketch: Sketch) -> None:
    """Requests read once before: those that broke their contract became dead letters then."""
    for message in messages:
        try:
            read_request(message, requests, bodies, sketch)
        except InvalidMessage:
            log.debug("unreadable request passed over", partition=message.partition, offset=message.offset)


def settle(
    requests: OpenRequests,
    responses: Iterable[Incoming],
    closings: dict[str, Closed],
    rule: AnswerRule,
    reviewers: Collection[str],
) -> None:
    """Bring loaded requests to where they were: answers from `responses`, ends from `closings` (the newest each).

    Which answers were enough is not judged again: the closing names the one that was.
    """
    ended: set[str] = set()
    for message in responses:
        try:
            response = decode(ReviewResponse, message.value)  # type: ignore[arg-type]
        except InvalidMessage:
            continue
        request = requests.find(response.request_id)
        if request is None or response.request_id in ended or response.reviewer not in reviewers:
            continue
        taken = take(request, response, rule)
        if isinstance(taken, GoesOn):
            requests.update(taken.request)
        closed = closings.get(response.request_id)
        if closed is not None and closed.response_id == response.response_id:
            ended.add(response.request_id)
    for request in list(requests):
        if closed := closings.get(request.request_id):
            _close(requests, request, closed)


def _close(requests: OpenRequests, request: OpenRequest, closed: Closed) -> None:
    by_verdict = closed.closing in ("right", "wrong", "reopened")
    requests.close(request, request.answers if by_verdict else ())
    remembered = requests.find_closed(closed.request_id)
    if closed.closing == "reopened" and remembered is not None:
        requests.reopen(remembered)

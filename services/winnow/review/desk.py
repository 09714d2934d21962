"""The work of one partition number: requests come in, responses close them, time expires them.

Responses are worked off in their order. One whose request has not been read yet waits, and those
behind it wait with it, until requests are read to the end found when it came to the head of the
line; a request still unknown then never existed, and the response becomes a dead letter. So the committed
offset never passes a response that waits, and each is worked off exactly once.
"""

from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from winnow.core.consensus import Conclusion
from winnow.review import added_records
from winnow.review.added_records import ADDED
from winnow.review.answers import GoesOn, Ignored, take
from winnow.review.bodies import Bodies, Body
from winnow.review.closings import ClosingMessages, Ended, WithoutLabel
from winnow.review.disputed_labels import DisputedLabels, Refused
from winnow.review.early_responses import EarlyResponses
from winnow.review.gold_checks import GoldCheck, check_id, check_message, is_due
from winnow.review.judge import Judge
from winnow.review.known_reviewers import KnownReviewers
from winnow.review.open_requests import ClosedRequest, OpenRequest, OpenRequests
from winnow.review.ports import Change, Finished, Hidden, History, Shown
from winnow.review.rebuild import Sketch, came_too_early, read_request
from winnow.review.rules import ReviewRules
from winnow.runtime.dead_letters import dead_letter
from winnow.runtime.messages import Incoming, Outgoing
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.labels import Label
from winnow_schemas.review_responses import ReviewResponse
from winnow_schemas.topics import Topics

EXPIRED_AT_ONCE = 500
CROWDED_OUT_AT_ONCE = 1_000
GOLD_AT_ONCE = 5
"""Each is read from Kafka by its position."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Work:
    """What one batch comes to: messages, changes of the open queue, figures."""

    outgoing: list[Outgoing] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    reviewers: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Means:
    """What all desks of a worker share; `partitions` is the deployment's number of them."""

    topics: Topics
    rules: ReviewRules
    people: KnownReviewers
    judge: Judge
    bodies: Bodies
    history: History
    finished: Finished
    messages: ClosingMessages
    sketch: Sketch
    partitions: int


class Desk:
    """One partition number. `requests_read` and `responses_read` are the next offsets."""

    def __init__(
        self, requests: OpenRequests, means: Means, *, requests_read: int, responses_read: int, early: EarlyResponses
    ) -> None:
        self.requests = requests
        self.early = early
        self._means = means
        self._partition = requests.partition
        self._requests_read = requests_read
        self._responses_read = responses_read
        self._line: deque[Incoming] = deque()
        self._requests_end: int | None = None
        topic = means.topics["review-responses"]
        self._answered_before_start: int | None = means.history.end_of(topic, self._partition)
        topic = means.topics["review-requests"]
        self._asked_before_start: int | None = means.history.end_of(topic, self._partition)
        self._put_back: set[str] = set()
        self._bring_gold: deque[str] = deque()
        self._disputes = DisputedLabels(requests, self._put_back, means.finished, means.rules, means.topics)

    @property
    def first_waiting(self) -> int | None:
        """Offset of the response at the head of the line."""
        return self._line[0].offset if self._line else None

    def request(self, message: Incoming, work: Work, now: float) -> None:
        """A message of `review-requests`."""
        self._requests_read = message.offset + 1
        try:
            request = read_request(message, self.requests, self._means.bodies, self._means.sketch)
        except InvalidMessage as error:
            self._dead(message, error.code, str(error), work, now)
            return
        if request is not None:
            self._put_back.discard(request.request_id)
            work.changes.append(Shown(request))
            if self._may_bring_gold(request):
                self._bring_gold.append(request.request_id)

    def response(self, message: Incoming) -> None:
        """A message of `review-responses`: joins the line."""
        self._responses_read = message.offset + 1
        self._line.append(message)

    def work_off(self, reviewers: Collection[str], work: Work, now: float) -> None:
        """Answer for all responses in line, up to the first that must wait; then mix gold among what is new."""
        while self._line and self._settled(self._line[0], reviewers, work, now):
            self._line.popleft()
            self._requests_end = None
        for _ in range(min(GOLD_AT_ONCE, len(self._bring_gold))):
            self._mix_in_gold(self._bring_gold.popleft(), reviewers, work, now)

    def expire(self, work: Work, now: float) -> None:
        """Close what is over, once all answers that were there at the start have been heard."""
        if not self._has_heard_all():
            return
        over = self.requests.expired(now, EXPIRED_AT_ONCE)
        too_many = self.requests.least_instructive(self._too_many(len(over)))
        self._means.bodies.gather((request.partition, request.offset) for request in (*over, *too_many))
        for request in (*over, *too_many):
            self._close_without_label(request, "expired", work, now)
        work.events["crowded_out"] += len(too_many)

    def _too_many(self, closing: int) -> int:
        """How many more than its share of `max_open` this partition number has; some at a time."""
        share = -(-self._means.rules.max_open // self._means.partitions)
        return min(len(self.requests) - closing - share, CROWDED_OUT_AT_ONCE)

    @property
    def recalled_open(self) -> int:
        """Open requests about labels that were taken back, those written but not yet read included."""
        return self.requests.recalled + len(self._put_back)

    def put_back(self, request_id: str) -> None:
        """A recalled record's request is being written."""
        self._put_back.add(request_id)

    def is_disputed(self, label: Label) -> bool:
        """Whether this very label is in line, or was there lately, since somebody doubts it."""
        return self._disputes.is_in_line(label)

    def knows_what_is_open(self) -> bool:
        """Whether all requests have been read that were there at the start."""
        end = self._asked_before_start
        topic = self._means.topics["review-requests"]
        if end is not None and self._means.history.is_read_to(topic, self._partition, self._requests_read, end):
            self._asked_before_start = None
        return self._asked_before_start is None

    def _settled(self, message: Incoming, reviewers: Collection[str], work: Work, now: float) -> bool:
        try:
            response = decode(ReviewResponse, message.value)  # type: ignore[arg-type]
        except InvalidMessage as error:
            self._dead(message, error.code, str(error), work, now)
            return True
        if response.action == "dispute":
            return self._disputed(response, message, work, now)
        if response.reviewer not in reviewers:
            self._ignore("stranger", response, work)
        elif response.action == "add":
            self._add(response, message, work, now)
        elif request := self.requests.find(response.request_id):
            self._answer(request, response, message, work, now)
        elif closed := self.requests.find_closed(response.request_id):
            self._after_the_end(closed, response, work, now)
        elif not self._all_requests_read():
            return False
        else:
            is_added = response.request_id.startswith(ADDED)
            what = (
                "record was added here lately"
                if is_added
                else f"request was ever written to partition {self._partition}"
            )
            why = f"no such {what}: {response.request_id}"
            self.early = self.early.dead(message.offset, self._requests_read)
            self._dead(message, "unknown_request", why, work, now)
        return True

    def _answer(
        self, request: OpenRequest, response: ReviewResponse, message: Incoming, work: Work, now: float
    ) -> None:
        if came_too_early(message, request):
            self._dead(message, "unknown_request", "it is older than its request", work, now)
            return
        if response.record_id != request.record_id:
            self._dead(message, "wrong_record", f"request {request.request_id} is not of that record", work, now)
            return
        if response.action == "label" and not self._means.rules.knows(response.label or ""):
            self._dead(message, "unknown_label", "the task has no such label", work, now)
            return
        work.reviewers[response.reviewer] += 1
        taken = take(request, response, self._means.rules.answer_rule)
        if isinstance(taken, GoesOn):
            self._go_on(taken.request, response, work, now)
        elif isinstance(taken, str):
            self._ignore(taken, response, work)
        else:
            self._close_without_label(request, "skipped", work, now)

    def _go_on(self, request: OpenRequest, response: ReviewResponse, work: Work, now: float) -> None:
        """Close with a label if this answer was the one that is enough."""
        work.events["answered" if response.action == "label" else response.action] += 1
        conclusion = self._means.judge.conclude(request.answers) if response.action == "label" else None
        if conclusion is not None:
            self._close_with_label(request, conclusion, response, work, now)
        else:
            self.requests.update(request)
            work.changes.append(Shown(request, response.reviewer))

    def _add(self, response: ReviewResponse, message: Incoming, work: Work, now: float) -> None:
        if self.requests.find_closed(response.request_id):
            self._ignore("repeat", response, work)
        elif not added_records.is_its_own(response):
            why = f"what is added has one name as request_id, record_id and the record's id, beginning with {ADDED}"
            self._dead(message, "wrong_record", why, work, now)
        elif not self._means.rules.knows(response.label or ""):
            self._dead(message, "unknown_label", "the task has no such label", work, now)
        else:
            work.reviewers[response.reviewer] += 1
            work.events["added"] += 1
            work.outgoing += added_records.added_messages(response, self._means.topics, now)
            added_records.remember(response, message.offset, self.requests)

    def _close_with_label(
        self, request: OpenRequest, conclusion: Conclusion, response: ReviewResponse, work: Work, now: float
    ) -> None:
        if body := self._body(request, work):
            ended = Ended(request.answers, conclusion, response)
            is_superseded = self.requests.is_superseded(request)
            work.outgoing += self._means.messages.verdict(body, ended, now, is_superseded=is_superseded)
        self.requests.close(request, request.answers)

    def _close_without_label(self, request: OpenRequest, closing: WithoutLabel, work: Work, now: float) -> None:
        if body := self._body(request, work):
            is_superseded = self.requests.is_superseded(request)
            work.outgoing += self._means.messages.without_label(body, closing, now, is_superseded=is_superseded)
            work.events[closing] += 1
        self.requests.close(request)

    def _after_the_end(self, closed: ClosedRequest, response: ReviewResponse, work: Work, now: float) -> None:
        is_theirs = any(reviewer == response.reviewer for reviewer, _ in closed.answers)
        if response.action != "undo" or not is_theirs or closed.is_reopened:
            self._ignore("closed", response, work)
        elif closed.request_id.startswith(ADDED):
            self._take_back_added(closed, response, work, now)
        else:
            self._reopen(closed, response, work, now)

    def _take_back_added(self, closed: ClosedRequest, response: ReviewResponse, work: Work, now: float) -> None:
        if not added_records.can_be_taken_back(closed, self.requests):
            self._ignore("closed", response, work)
            return
        work.outgoing += added_records.taken_back_messages(closed, self._means.topics, now)
        work.events["undo"] += 1
        self.requests.reopen(closed)

    def _reopen(self, closed: ClosedRequest, response: ReviewResponse, work: Work, now: float) -> None:
        body = self._means.bodies.get(self._partition, closed.offset)
        if body is None:
            self._ignore("closed", response, work)
            return
        is_audit = body.request.decision.look in ("ledger", "extra")
        expires_at = datetime.fromtimestamp(now, UTC) + self._means.rules.lifetime(is_audit=is_audit)
        again = self._means.messages.reopened(body, self._partition, response, expires_at=expires_at, now=now)
        work.outgoing += again
        work.events["undo"] += 1
        self.requests.reopen(closed)

    def _may_bring_gold(self, request: OpenRequest) -> bool:
        is_ordinary = not (request.is_gold or request.is_recalled)
        return is_ordinary and is_due(request.request_id, self._means.rules.gold_share)

    def _mix_in_gold(self, beside: str, reviewers: Collection[str], work: Work, now: float) -> None:
        """Ask for a label that is known, if there is one that somebody has not been asked for yet."""
        request_id = check_id(beside)
        gold = self._means.people.choose_gold(beside, reviewers) if request_id else None
        mark = self._means.finished.marked(gold.offset) if gold else None
        if gold is None or mark is None or request_id is None:
            return
        check = GoldCheck(request_id, mark, tuple(sorted(gold.known_to.intersection(reviewers))))
        decided_at = datetime.fromtimestamp(now, UTC)
        work.outgoing.append(check_message(check, self._means.topics, decided_at, self._means.rules.expires))
        work.events["gold"] += 1

    def _disputed(self, response: ReviewResponse, message: Incoming, work: Work, now: float) -> bool:
        """Put a finished label's record back in line, unless it is there already; False while that is not known."""
        if not self._all_requests_read():
            return False
        said = self._disputes.hear(response, now)
        if isinstance(said, Refused):
            self._dead(message, said.code, said.why, work, now)
        elif isinstance(said, str):
            self._ignore(said, response, work)
        else:
            work.outgoing += said.outgoing
            work.events["disputed"] += 1
            self._put_back.add(said.request_id)
            log.info("a label is disputed", response_id=response.response_id, decision_id=response.request_id)
        return True

    def _body(self, request: OpenRequest, work: Work) -> Body | None:
        work.changes.append(Hidden(self._partition, request.request_id))
        body = self._means.bodies.get(request.partition, request.offset)
        if body is None:
            work.events["lost"] += 1
            log.error("the request is gone from Kafka: no closing can be written", request_id=request.request_id)
        return body

    def _all_requests_read(self) -> bool:
        topic = self._means.topics["review-requests"]
        if self._requests_end is None:
            self._requests_end = self._means.history.end_of(topic, self._partition)
        return self._means.history.is_read_to(topic, self._partition, self._requests_read, self._requests_end)

    def _has_heard_all(self) -> bool:
        if self._line:
            return False
        end = self._answered_before_start
        topic = self._means.topics["review-responses"]
        if end is not None and self._means.history.is_read_to(topic, self._partition, self._responses_read, end):
            self._answered_before_start = None
        return self._answered_before_start is None

    def _ignore(self, why: Ignored, response: ReviewResponse, work: Work) -> None:
        work.events["ignored"] += 1
        log.info("response ignored", why=why, response_id=response.response_id, request_id=response.request_id)

    def _dead(self, message: Incoming, code: str, why: str, work: Work, now: float) -> None:
        work.events["dead"] += 1
        log.warning("dead letter", code=code, topic=message.topic, partition=message.partition, offset=message.offset)
        work.outgoing.append(dead_letter(message, code, why, "review", self._means.topics, now))

"""What is written when a request closes: verdict, label, unlabelled record and closing.

Pure. All messages of one closing belong into one transaction. The closings of one decision count
up in `revision`, over all its openings; so do the revisions of its label, where 1 is the machine's and,
of a label that was taken back, 2 its recall.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

from winnow.core.consensus import Conclusion
from winnow.core.decision import votes_cast
from winnow.review.bodies import Body
from winnow.review.recall_messages import RECALL_REVISION
from winnow.review.request_ids import RequestName, request_name
from winnow.runtime.messages import Headers, Outgoing
from winnow_schemas.codec import encode
from winnow_schemas.evidence import Closed, Closing
from winnow_schemas.labels import Label
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.review_responses import ReviewResponse
from winnow_schemas.topics import Topics
from winnow_schemas.unlabelled import Unlabelled
from winnow_schemas.verdicts import Verdict, verdict_key

RESERVED_FOR = "winnow-reserved-for"
"""Header of a reopened request: the reviewer who took an answer back sees it first."""

WITHOUT_A_TRACE = frozenset({"disputed", "gold"})
"""Reasons of requests that nobody misses when they are not answered."""

WithoutLabel = Literal["expired", "skipped"]
"""Ends of a request that leave the record unlabelled."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a request came to its label: reviewers and their labels, what they come to, and the last answer."""

    answers: tuple[tuple[str, str], ...]
    conclusion: Conclusion
    last: ReviewResponse


class ClosingMessages:
    """Writes the messages of closings for one deployment's topics."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics

    def verdict(self, body: Body, ended: Ended, now: float, *, is_superseded: bool) -> list[Outgoing]:
        """A request that closes on a label: verdict, label and closing.

        No label for a decision that a newer one of the same record has superseded.
        """
        request, name, at = body.request, request_name(body.request.request_id), _moment(now)
        if request.known_label is not None:
            return self._of_gold(request, request.known_label, ended, at)
        key = verdict_key(request.request_id, name.opening)
        verdict = _verdict(request, name, ended, at)
        label = _label(body, name, ended.conclusion.label, at)
        closed = closed_of(request, _against_the_machine(request, ended.conclusion.label), name.closing_revision, at)
        closed = closed.model_copy(update={"response_id": ended.last.response_id})
        product = [] if is_superseded else [self._of_record("labels", label, body)]
        headers = _of_the_record(body.headers)
        return [
            Outgoing(self._topics["verdicts"], encode(verdict), key, headers=headers),
            *product,
            self._evidence(closed),
        ]

    def without_label(self, body: Body, closing: WithoutLabel, now: float, *, is_superseded: bool) -> list[Outgoing]:
        """A request that closes without a label: unlabelled record and closing.

        No unlabelled record for a decision that a newer one superseded, or whose label stands: it was only doubted, or
        is known.
        """
        request, at = body.request, _moment(now)
        unlabelled = Unlabelled(
            record_id=body.record_id,
            decision_id=request.decision.decision_id,
            record=request.record,
            reason=closing,
            decision=request.decision,
            at=at,
        )
        revision = request_name(request.request_id).closing_revision
        stands = is_superseded or request.reason in WITHOUT_A_TRACE
        closed = closed_of(request, closing, revision, at)
        product = [] if stands else [self._of_record("unlabelled", unlabelled, body)]
        return [*product, self._evidence(closed)]

    def reopened(
        self, body: Body, partition: int, undo: ReviewResponse, *, expires_at: datetime, now: float
    ) -> list[Outgoing]:
        """A verdict taken back: the same decision asked again under its next name, in the same partition.

        Reason and blindness stay: how the record was chosen does not change by asking again.
        """
        request, name = body.request, request_name(body.request.request_id)
        again = request.model_copy(update={"request_id": name.next_opening.request_id, "expires_at": expires_at})
        closed = closed_of(request, "reopened", name.closing_revision + 1, _moment(now))
        headers = [*_of_the_record(body.headers), (RESERVED_FOR, undo.reviewer.encode())]
        return [
            Outgoing(
                self._topics["review-requests"],
                encode(again),
                body.record_id.encode(),
                partition,
                headers,
            ),
            self._evidence(closed),
        ]

    def _of_gold(self, request: ReviewRequest, known: str, ended: Ended, at: datetime) -> list[Outgoing]:
        """What people answered to something whose label is known: that is the verdict, and no label changes.

        Right or wrong is what they came to, against the machine, as with audits: so the monitor learns what people
        overlook.
        """
        name = request_name(request.request_id)
        agreed = sum(label == known for _, label in ended.answers) / len(ended.answers)
        verdict = _verdict(request, name, ended, at)
        verdict = verdict.model_copy(update={"label": known, "agreement": agreed, "probability": None})
        closed = closed_of(request, _against_the_machine(request, ended.conclusion.label), name.closing_revision, at)
        predicted = request.decision.label
        known_wrong = None if predicted is None else predicted != known
        closed = closed.model_copy(update={"response_id": ended.last.response_id, "known_wrong": known_wrong})
        key = verdict_key(request.request_id, name.opening)
        return [Outgoing(self._topics["verdicts"], encode(verdict), key), self._evidence(closed)]

    def _of_record(self, topic: Literal["labels", "unlabelled"], message: BaseModel, body: Body) -> Outgoing:
        headers = _of_the_record(body.headers)
        return Outgoing(self._topics[topic], encode(message), body.record_id.encode(), headers=headers)

    def _evidence(self, closed: Closed) -> Outgoing:
        return Outgoing(self._topics["evidence"], encode(closed))


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC)


def _of_the_record(headers: Headers) -> Sequence[tuple[str, bytes | None]]:
    return [pair for pair in headers if pair[0] != RESERVED_FOR]


def _against_the_machine(request: ReviewRequest, label: str) -> Closing:
    """Where the machine had no label it was not right: such closings are no evidence, but count as answered."""
    return "right" if request.decision.label == label else "wrong"


def _verdict(request: ReviewRequest, name: RequestName, ended: Ended, at: datetime) -> Verdict:
    conclusion = ended.conclusion
    return Verdict(
        request_id=request.request_id,
        revision=name.opening,
        record=request.record,
        label=conclusion.label,
        reason=request.reason,
        propensity=request.decision.propensity,
        decision=request.decision,
        answers=dict(ended.answers),
        agreement=conclusion.agreement,
        weights=dict(conclusion.weights),
        probability=conclusion.probability,
        answered_at=ended.last.at,
        at=at,
    )


def _label(body: Body, name: RequestName, label: str, at: datetime) -> Label:
    decision = body.request.decision
    return Label(
        record_id=body.record_id,
        label=label,
        source="human",
        revision=name.opening + (RECALL_REVISION if body.request.reason == "recalled" else 1),
        propensity=decision.propensity,
        threshold=decision.threshold,
        decision_id=decision.decision_id,
        model_version=decision.model_version,
        policy_version=decision.policy_version,
        epoch=decision.epoch,
        decided_at=decision.decided_at,
        at=at,
        group=body.request.record.get("group"),
    )


def closed_of(request: ReviewRequest, closing: Closing, revision: int, at: datetime) -> Closed:
    """The evidence of how a request ended."""
    decision = request.decision
    return Closed(
        request_id=request.request_id,
        closing=closing,
        revision=revision,
        reason=request.reason,
        look=decision.look,
        predicted=decision.label,
        top_probability=decision.top_probability,
        propensity=decision.propensity,
        audit_rate=decision.audit_rate,
        ledger_rate=decision.ledger_rate,
        policy_version=decision.policy_version,
        model_version=decision.model_version,
        epoch=decision.epoch,
        votes=votes_cast(decision),
        decided_at=decision.decided_at,
        at=at,
    )

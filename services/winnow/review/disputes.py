"""A finished label that somebody says is wrong: how its record goes back in line.

Pure. The label stands until there is a new one, which is its next revision. What was chosen by a coin stays so: an
audit is asked again as the audit it was, and until it is answered its evidence is open again (or counts as wrong, once
it was released). Everything else is asked outside all evidence: nobody chose it by a coin. It is asked blind, for who
sees the label in doubt tends to agree.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from winnow.review.closings import closed_of
from winnow.review.finished_labels import FoundLabel
from winnow.review.recall_messages import decision_of_label
from winnow.review.request_ids import RequestName, request_name
from winnow.runtime.messages import Outgoing
from winnow_schemas.codec import encode
from winnow_schemas.decisions import Decision
from winnow_schemas.labels import Label
from winnow_schemas.records import Record
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.topics import Topics
from winnow_schemas.verdicts import Verdict

PRIORITY = 0.75
_AFTER_A_RECALL = 2
"""A machine's label may be recalled meanwhile: its recall and the verdict after it are revisions 2 and 3."""


@dataclass(frozen=True, slots=True)
class Disputed:
    """A label in doubt, and what it was given to; `verdict` is the one behind it, where people gave it."""

    found: FoundLabel
    record: Record
    verdict: Verdict | None

    @property
    def is_audit(self) -> bool:
        """Whether people gave it because a coin had chosen an audit."""
        verdict = self.verdict
        return verdict is not None and verdict.reason == "audit" and verdict.decision is not None


def opening_of(label: Label) -> RequestName:
    """Under which name a disputed label is asked again: its verdict's label then has a revision nothing else has."""
    auto = label.source == "auto"
    return RequestName(label.decision_id, label.revision + (_AFTER_A_RECALL if auto else 0))


def dispute_messages(disputed: Disputed, topics: Topics, expires_at: datetime, now: float) -> list[Outgoing]:
    """The request, and for an audit the evidence that its closing is taken back; all in one transaction."""
    found, record, verdict = disputed.found, disputed.record, disputed.verdict
    is_audit = disputed.is_audit
    decision = verdict.decision if is_audit and verdict is not None else None
    again = ReviewRequest(
        request_id=opening_of(found.label).request_id,
        record=record,
        reason="audit" if decision else "disputed",
        blind=True,
        priority=PRIORITY,
        decision=decision or _decision(disputed),
        expires_at=expires_at,
    )
    key = found.label.record_id.encode()
    request = Outgoing(topics["review-requests"], encode(again), key, found.partition, found.headers)
    if verdict is None or decision is None:
        return [request]
    before = again.model_copy(update={"request_id": verdict.request_id})
    revision = request_name(verdict.request_id).closing_revision + 1
    closed = closed_of(before, "reopened", revision, datetime.fromtimestamp(now, UTC))
    return [request, Outgoing(topics["evidence"], encode(closed))]


def _decision(disputed: Disputed) -> Decision:
    """The decision as it was, but asked again by nobody's coin."""
    if disputed.verdict is not None and disputed.verdict.decision is not None:
        return disputed.verdict.decision.model_copy(update={"reason": "disputed", "look": "none", "propensity": 1.0})
    return decision_of_label(disputed.found.label, "disputed")

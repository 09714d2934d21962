"""What is written when an auto label is recalled. Pure; all messages of one recall belong into one transaction.

The record is put before people again outside all evidence: nobody chose it by a coin, so its request
has propensity 1, the reason `recalled` and no look. The label that was taken back is not shown: it is
in doubt, and who sees it tends to agree.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from winnow.runtime.messages import Headers, Outgoing
from winnow_schemas.base import NO_MODEL, NO_POLICY, Reason
from winnow_schemas.codec import encode
from winnow_schemas.decisions import Decision
from winnow_schemas.labels import Label
from winnow_schemas.records import Record
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.topics import TopicName, Topics
from winnow_schemas.unlabelled import Unlabelled

RECALL_REVISION = 2
MIDDLE_PRIORITY = 0.5


@dataclass(frozen=True, slots=True)
class RecallOf:
    """An auto label taken back `now`; `partition` is the one in which it stands, `headers` are the record's."""

    label: Label
    headers: Headers
    partition: int
    now: float

    @property
    def at(self) -> datetime:
        """Now, as a time of a contract."""
        return datetime.fromtimestamp(self.now, UTC)


class RecallMessages:
    """Writes recalls for one deployment's topics."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics

    def recall(self, said: RecallOf) -> Outgoing:
        """The label taken back."""
        label = said.label
        taken_back = Label(
            record_id=label.record_id,
            source="recall",
            revision=RECALL_REVISION,
            decision_id=label.decision_id,
            model_version=label.model_version,
            policy_version=label.policy_version,
            epoch=label.epoch,
            decided_at=label.decided_at,
            at=said.at,
            group=label.group,
        )
        return self._message("labels", taken_back, said)

    def request(self, said: RecallOf, record: Record, lifetime: timedelta) -> Outgoing:
        """The record before people again. The surer the machine was, the later it is asked."""
        confidence = said.label.confidence
        again = ReviewRequest(
            request_id=said.label.decision_id,
            record=record,
            reason="recalled",
            blind=True,
            priority=MIDDLE_PRIORITY if confidence is None else 1.0 - confidence,
            decision=decision_of_label(said.label, "recalled"),
            expires_at=said.at + lifetime,
        )
        return self._message("review-requests", again, said)

    def unlabelled(self, said: RecallOf, record: Record) -> Outgoing:
        """The record left without a label, to be sent in again later."""
        left = Unlabelled(
            record_id=said.label.record_id,
            decision_id=said.label.decision_id,
            record=record,
            reason="recalled",
            decision=decision_of_label(said.label, "recalled"),
            at=said.at,
        )
        return self._message("unlabelled", left, said)

    def _message(self, topic: TopicName, message: BaseModel, said: RecallOf) -> Outgoing:
        key = said.label.record_id.encode()
        return Outgoing(self._topics[topic], encode(message), key, said.partition, said.headers)


def decision_of_label(label: Label, reason: Reason) -> Decision:
    """The decision as far as its label tells, with the reason and propensity of being asked now."""
    scores = label.scores
    return Decision(
        decision_id=label.decision_id,
        reason=reason,
        propensity=1.0,
        look="none",
        label=label.label,
        scores=scores,
        function_votes=label.function_votes,
        top_probability=scores.get(label.label) if scores and label.label is not None else None,
        confidence=label.confidence,
        threshold=label.threshold,
        model_version=NO_MODEL if label.model_version is None else label.model_version,
        policy_version=NO_POLICY if label.policy_version is None else label.policy_version,
        epoch=label.epoch,
        decided_at=label.decided_at,
    )

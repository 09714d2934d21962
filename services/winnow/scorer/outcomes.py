"""A decision as the message that says it: a label, or a request to people."""

from winnow.core.priority import showing
from winnow.core.risk.coin import coin
from winnow.runtime.messages import Incoming, Outgoing
from winnow.scorer.settings import ScorerSettings
from winnow_schemas.base import Scores
from winnow_schemas.codec import encode
from winnow_schemas.decisions import Decision
from winnow_schemas.labels import Label
from winnow_schemas.records import Record
from winnow_schemas.review_requests import ReviewRequest


def outcome(settings: ScorerSettings, message: Incoming, record: Record, decision: Decision) -> Outgoing:
    """What is written about one record, which has an id by now; the record's headers travel on."""
    key = record["id"].encode()
    if decision.look == "none":
        label = _label(settings, record, decision)
        return Outgoing(settings.topics["labels"], encode(label), key, headers=message.headers)
    toss = coin(settings.salt, settings.stream, message.partition, message.offset, "blind")
    request = _request(settings, record, decision, toss)
    return Outgoing(settings.topics["review-requests"], encode(request), key, headers=message.headers)


def _label(settings: ScorerSettings, record: Record, decision: Decision) -> Label:
    return Label(
        record_id=record["id"],
        label=decision.label,
        source="auto",
        revision=1,
        confidence=decision.confidence,
        scores=_best(decision.scores, settings.labels_with_scores),
        propensity=decision.propensity,
        threshold=decision.threshold,
        decision_id=decision.decision_id,
        model_version=decision.model_version,
        policy_version=decision.policy_version,
        epoch=decision.epoch,
        decided_at=decision.decided_at,
        at=decision.decided_at,
        group=record.get("group"),
    )


def _request(settings: ScorerSettings, record: Record, decision: Decision, toss: float) -> ReviewRequest:
    task = settings.task
    shown = showing(decision, toss, task.sampling, task.risk.audit_rate)
    audit = decision.look in {"extra", "ledger"}
    return ReviewRequest.model_construct(  # the record was validated when it was read
        request_id=decision.decision_id,
        record=record,
        reason=decision.reason,
        blind=shown.blind,
        suggestion=None if shown.blind else decision.label,
        scores=None if shown.blind else decision.scores,
        priority=shown.priority,
        decision=decision,
        expires_at=decision.decided_at + settings.expires_after(audit=audit),
    )


def _best(scores: Scores | None, count: int) -> Scores | None:
    if scores is None or len(scores) <= count:
        return scores
    return {label: scores[label] for label in sorted(scores, key=scores.__getitem__, reverse=True)[:count]}

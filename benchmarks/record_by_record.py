"""What the scorer must write, said in the plainest way: one record, one decision and one contract after the other.

The scorer itself works by batches; tests hold it to this, and `hot_path` measures what batches save.
"""

from collections.abc import Sequence
from typing import NamedTuple

from winnow.core.decision import Case, Scored, decide, tossed
from winnow.core.priority import showing, silent_first
from winnow.core.risk.coin import coin
from winnow.runtime.dead_letters import dead_letter
from winnow.runtime.messages import Incoming, Outgoing
from winnow.scorer.batch_scorer import BatchScorer
from winnow.scorer.functions import AskFunctions, no_functions
from winnow.scorer.settings import ScorerSettings
from winnow_schemas.base import NO_MODEL
from winnow_schemas.codec import InvalidMessage, decode_record, encode
from winnow_schemas.decisions import Decision
from winnow_schemas.labels import Label
from winnow_schemas.policies import Policy
from winnow_schemas.records import Record
from winnow_schemas.review_requests import ReviewRequest


class Known(NamedTuple):
    """By what records are decided; scorer and labelling functions are asked for one record at a time."""

    scorer: BatchScorer | None
    policy: Policy | None
    functions: AskFunctions = no_functions


def outcomes(settings: ScorerSettings, known: Known, batch: Sequence[Incoming], now: float) -> list[Outgoing]:
    """One message per record, in order."""
    return [_outcome(settings, known, message, now) for message in batch]


def read(message: Incoming) -> Record:
    """The record; without an id its position is the id. Raises `InvalidMessage`."""
    record = decode_record(message.value)  # type: ignore[arg-type]  # a missing value is refused there
    record.setdefault("id", f"{message.topic}/{message.partition}/{message.offset}")
    return record


def scored(known: Known, record: Record) -> Scored:
    """What the model says."""
    heard = known.functions([record])
    function_votes = heard[0] if heard else None
    if known.scorer is None:
        return Scored(NO_MODEL, function_votes=function_votes)
    said = known.scorer.score_batch([record], heard)
    if not said.are_scores[0]:
        return Scored(known.scorer.version, function_votes=function_votes)
    scores = dict(zip(said.labels, said.table[0].tolist(), strict=True))
    return Scored(known.scorer.version, scores, said.votes.of(0) if said.votes else None, function_votes)


def decided(settings: ScorerSettings, known: Known, message: Incoming, said: Scored, now: float) -> Decision:
    """The decision about one record."""
    position = (settings.stream, message.partition, message.offset)
    case = Case("/".join(map(str, position)), said, tossed(settings.salt, *position, known.policy))
    return decide(case, known.policy, settings.task.confidence, now)


def written(settings: ScorerSettings, message: Incoming, record: Record, decision: Decision) -> Outgoing:
    """The message that says the decision."""
    if decision.look == "none":
        topic, value = settings.topics["labels"], encode(_label(settings, record, decision))
    else:
        topic, value = settings.topics["review-requests"], encode(_request(settings, message, record, decision))
    return Outgoing(topic, value, record["id"].encode(), headers=message.headers)


def _outcome(settings: ScorerSettings, known: Known, message: Incoming, now: float) -> Outgoing:
    try:
        record = read(message)
    except InvalidMessage as error:
        return dead_letter(message, error.code, str(error), "scorer", settings.topics, now)
    return written(settings, message, record, decided(settings, known, message, scored(known, record), now))


def _label(settings: ScorerSettings, record: Record, decision: Decision) -> Label:
    scores = decision.scores or {}
    best = sorted(scores, key=scores.__getitem__, reverse=True)[: settings.labels_with_scores]
    return Label(
        record_id=record["id"],
        label=decision.label,
        source="auto",
        revision=1,
        confidence=decision.confidence,
        scores={label: scores[label] for label in best},
        function_votes=decision.function_votes,
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


def _request(settings: ScorerSettings, message: Incoming, record: Record, decision: Decision) -> ReviewRequest:
    task = settings.task
    toss = coin(settings.salt, settings.stream, message.partition, message.offset, "blind")
    shown = silent_first(showing(decision, toss, task.sampling, task.risk.audit_rate), decision.function_votes)
    audit = decision.look in {"extra", "ledger"}
    return ReviewRequest(
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

"""What the scorer must write, said in the plainest way: one record, one decision and one contract after the other.

The scorer itself works by batches; tests hold it to this, and `hot_path` measures what batches save.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from winnow.core.decision import Case, Scored, decide, tossed
from winnow.core.priority import Worth, showing, silent_first
from winnow.core.risk.coin import coin
from winnow.core.sampling import Kept, PartitionBudget, Teaching, decide_within
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
from winnow_schemas.unlabelled import Unlabelled


class Known(NamedTuple):
    """By what records are decided; scorer and labelling functions are asked for one record at a time."""

    scorer: BatchScorer | None
    policy: Policy | None
    functions: AskFunctions = no_functions


Budgets = Mapping[int, PartitionBudget]
"""What is remembered of each partition, where the task has a budget."""


def outcomes(
    settings: ScorerSettings, known: Known, batch: Sequence[Incoming], now: float, budgets: Budgets | None = None
) -> list[Outgoing]:
    """One message per record, in order."""
    return [_outcome(settings, known, message, now, budgets) for message in batch]


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


def decided(settings: ScorerSettings, known: Known, message: Incoming, said: Scored, now: float) -> Kept:
    """The decision about one record."""
    taught = Teaching(settings.task).of_one(said.scores, said.votes)
    return Kept(decide(_case(settings, message, said), known.policy, settings.task.confidence, now), taught)


def _case(settings: ScorerSettings, message: Incoming, said: Scored) -> Case:
    position = (settings.stream, message.partition, message.offset)
    return Case("/".join(map(str, position)), said, tossed(settings.salt, *position))


def written(settings: ScorerSettings, message: Incoming, record: Record, kept: Kept) -> Outgoing:
    """The message that says the decision."""
    outcome = kept.decision.outcome
    if outcome == "auto":
        topic, value = settings.topics["labels"], encode(_label(settings, record, kept.decision))
    elif outcome == "review":
        topic, value = settings.topics["review-requests"], encode(_request(settings, message, record, kept))
    else:
        topic, value = settings.topics["unlabelled"], encode(_left(record, kept.decision))
    return Outgoing(topic, value, record["id"].encode(), headers=message.headers)


def _outcome(
    settings: ScorerSettings, known: Known, message: Incoming, now: float, budgets: Budgets | None
) -> Outgoing:
    try:
        record = read(message)
    except InvalidMessage as error:
        return dead_letter(message, error.code, str(error), "scorer", settings.topics, now)
    said = scored(known, record)
    if budgets is None:
        return written(settings, message, record, decided(settings, known, message, said, now))
    case, partition = _case(settings, message, said), budgets[message.partition]
    kept = decide_within(partition, case, record, known.policy, now)
    return written(settings, message, record, kept)


def _left(record: Record, decision: Decision) -> Unlabelled:
    return Unlabelled(
        record_id=record["id"],
        decision_id=decision.decision_id,
        record=record,
        reason="budget",
        decision=decision,
        at=decision.decided_at,
    )


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


def _request(settings: ScorerSettings, message: Incoming, record: Record, kept: Kept) -> ReviewRequest:
    task, decision = settings.task, kept.decision
    toss = coin(settings.salt, settings.stream, message.partition, message.offset, "blind")
    shown = showing(decision, toss, Worth(kept.worth, Teaching(task).by_chance), task.risk.audit_rate)
    shown = silent_first(shown, decision.function_votes)
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

"""What becomes of one record: the machine labels it, or people see it, and with what probability.

A pure function of score, policy and coins: a redelivered record is decided the same again, and a
decision can be recomputed from what stands on it. Without a model or a fresh policy, or with a gate
that is not open, people see the record: no evidence, no auto labels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from winnow.core.confidence import confidence
from winnow.core.risk.coin import coin, look
from winnow_schemas.base import NO_MODEL, NO_POLICY, Look, MemberVotes, Reason, Scores, State
from winnow_schemas.decisions import Decision
from winnow_schemas.evidence import CastVotes
from winnow_schemas.policies import LabelRule, Policy
from winnow_schemas.task import ConfidenceKind


class Coins(NamedTuple):
    """Tosses of one decision, each in [0, 1]: for the audit, and for the share that is open at all."""

    audit: float
    budget: float


def tossed(salt: str, stream: str, partition: int, offset: int, policy: Policy | None) -> Coins:
    """The coins of one decision; that of the share is not needed (and 0) where all is open."""
    budget = 0.0
    if policy is not None and policy.open_share < 1.0:
        budget = coin(salt, stream, partition, offset, "budget")
    return Coins(coin(salt, stream, partition, offset), budget)


@dataclass(frozen=True, slots=True)
class Scored:
    """What the model said; no `scores` when there is no model or it had none for this record.

    `votes` are what the scores were pooled from, where the model is a committee.
    """

    model_version: int = NO_MODEL
    scores: Scores | None = None
    votes: MemberVotes | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One record to decide about."""

    decision_id: str
    scored: Scored
    coins: Coins


class Top(NamedTuple):
    """The most probable label."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class _Outcome:
    reason: Reason
    look: Look
    propensity: float
    threshold: float | None = None


_WHY_CLOSED: Mapping[State, Reason] = {
    "cold": "cold",
    "building": "uncertain",
    "suspended": "suspended",
    "halted": "suspended",
}


def decide(case: Case, policy: Policy | None, kind: ConfidenceKind, now: float) -> Decision:
    """The decision made `now` (seconds since the epoch) about one record; scores cover two labels or more."""
    scores = case.scored.scores
    top = top_of(scores) if scores else None
    rule = _rule(policy, top)
    outcome = _outcome(case, policy, rule, top, now)
    return Decision(
        decision_id=case.decision_id,
        reason=outcome.reason,
        propensity=outcome.propensity,
        look=outcome.look,
        label=top.label if top else None,
        scores=scores,
        votes=case.scored.votes,
        top_probability=top.probability if top else None,
        confidence=confidence(kind, scores) if scores else None,
        threshold=outcome.threshold,
        audit_rate=rule.audit_rate if rule else None,
        ledger_rate=rule.ledger_rate if rule else None,
        model_version=case.scored.model_version,
        policy_version=policy.version if policy else NO_POLICY,
        epoch=rule.epoch if rule else None,
        decided_at=datetime.fromtimestamp(now, UTC),
    )


def top_of(scores: Scores) -> Top:
    """The most probable label; among equals the one that stands first."""
    label = max(scores, key=scores.__getitem__)
    return Top(label, scores[label])


def votes_cast(decision: Decision) -> CastVotes | None:
    """The votes of a decision as its closing tells them; None where its scores were not pooled."""
    if decision.votes is None or decision.scores is None:
        return None
    return CastVotes(labels=list(decision.scores), members=decision.votes)


def _rule(policy: Policy | None, top: Top | None) -> Policy | LabelRule | None:
    """What governs this label: its own rule where the policy has one per label, else the policy."""
    if policy is None or policy.per_label is None or top is None:
        return policy
    return policy.per_label.get(top.label, policy)


def _outcome(
    case: Case, policy: Policy | None, rule: Policy | LabelRule | None, top: Top | None, now: float
) -> _Outcome:
    if case.scored.model_version == NO_MODEL or policy is None or rule is None:
        return _reviewed("cold")
    if policy.valid_until.timestamp() < now:
        return _reviewed("stale")
    if rule.state in _WHY_CLOSED:
        return _reviewed(_WHY_CLOSED[rule.state])
    threshold = policy.thresholds.get(top.label) if top else None
    if threshold is None or top is None or top.probability <= threshold:
        return _reviewed("uncertain", threshold)
    return _above(rule, policy.open_share, threshold, case.coins)


def _reviewed(reason: Reason, threshold: float | None = None) -> _Outcome:
    return _Outcome(reason, "review", 1.0, threshold)


def _above(rule: Policy | LabelRule, open_share: float, threshold: float, coins: Coins) -> _Outcome:
    """Above the threshold people see the share that is closed, and of the open one the audits."""
    propensity = (1.0 - open_share) + open_share * rule.audit_rate
    if open_share < 1.0 and coins.budget >= open_share:
        return _Outcome("uncertain", "review", propensity, threshold)
    chosen = look(coins.audit, rule.audit_rate, rule.ledger_rate)
    return _Outcome("confident" if chosen == "none" else "audit", chosen, propensity, threshold)

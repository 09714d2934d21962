"""What becomes of one record: the machine labels it, or people see it, and with what probability.

A pure function of score, policy and coins: a redelivered record is decided the same again, and a
decision can be recomputed from what stands on it. Without a model or a fresh policy, or with a gate
that is not open, people see the record: no evidence, no auto labels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import NamedTuple

from winnow.core.confidence import confidence
from winnow.core.risk.coin import coin, look
from winnow_schemas.base import NO_MODEL, NO_POLICY, FunctionVotes, Look, MemberVotes, Reason, Scores, State
from winnow_schemas.decisions import Decision
from winnow_schemas.evidence import CastVotes
from winnow_schemas.policies import LabelRule, Policy
from winnow_schemas.task import ConfidenceKind


class Coins(NamedTuple):
    """Tosses of one decision, each in [0, 1]: for the audit, and for the share that is open or within the budget."""

    audit: float
    budget: float


def tossed(salt: str, stream: str, partition: int, offset: int) -> Coins:
    """The coins of one decision."""
    return Coins(coin(salt, stream, partition, offset), coin(salt, stream, partition, offset, "budget"))


@dataclass(frozen=True, slots=True)
class Scored:
    """What the model said; no `scores` when there is no model or it had none for this record.

    `votes` are what the scores were pooled from, where the model is a committee; `function_votes` what labelling
    functions said, whatever the model made of it.
    """

    model_version: int = NO_MODEL
    scores: Scores | None = None
    votes: MemberVotes | None = None
    function_votes: FunctionVotes | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One record to decide about. `chance` is that of being asked about it below the threshold: 1 without a budget,
    0 when nothing is left of it.
    """

    decision_id: str
    scored: Scored
    coins: Coins
    chance: float = 1.0


class Top(NamedTuple):
    """The most probable label."""

    label: str
    probability: float


class Row(IntEnum):
    """The rows of the table by which a record is decided, from the first that applies.

    People see all (`SHUT`), the machine is not sure enough (`UNSURE`), the record is of the share that is
    not open (`CLOSED`), or it is: then the coin takes an `EXTRA` audit, a `LEDGER` audit, or none (`UNSEEN`).
    Under a budget some of the first two are `LEFT`; some of the closed share too, and all of those above the threshold
    when nothing is left to audit them with (`LEFT_ABOVE`).
    """

    SHUT = 0
    UNSURE = 1
    CLOSED = 2
    EXTRA = 3
    LEDGER = 4
    UNSEEN = 5
    LEFT = 6
    LEFT_ABOVE = 7


ASKED_ROWS = frozenset({Row.SHUT, Row.UNSURE, Row.CLOSED, Row.EXTRA, Row.LEDGER})
"""Rows of records that people are asked about."""

ROWS_BELOW = (Row.SHUT, Row.UNSURE, Row.LEFT)
"""Rows of records that only the budget's coin decides about."""

LEFT_ROWS = (Row.LEFT, Row.LEFT_ABOVE)
"""Rows of records that nobody is asked about and that get no label."""


class Ruling(NamedTuple):
    """What a row of the table says."""

    reason: Reason
    look: Look
    propensity: float
    threshold: float | None


_WHY_SHUT: Mapping[State, Reason] = {
    "cold": "cold",
    "building": "uncertain",
    "suspended": "suspended",
    "halted": "suspended",
}


@dataclass(frozen=True, slots=True)
class Gate:
    """What governs records of which `label` is the most probable (None: that have no score).

    `rule` is that label's own where the policy has one per label, else the policy. `shut` is why people see
    all of them, if they do. Without a `threshold` the machine is never sure enough.
    """

    label: str | None
    rule: Policy | LabelRule | None
    shut: Reason | None
    threshold: float | None
    open_share: float

    def ruling(self, row: Row, chance: float = 1.0) -> Ruling:
        """What that row of the table says here; `chance` is that of being asked about below the threshold."""
        if row is Row.SHUT and self.shut:
            return Ruling(self.shut, "review", chance, None)
        if row is Row.LEFT:
            return Ruling("budget", "none", chance, None if self.shut else self.threshold)
        if row is Row.UNSURE or self.rule is None:
            return Ruling("uncertain", "review", chance, self.threshold)
        return self._ruling_above(row, self.propensity_above(self.rule.audit_rate, chance))

    def propensity_above(self, audit_rate: float, chance: float) -> float:
        """Above the threshold: of the closed share and the open one; none when nothing is left to audit with."""
        return (1.0 - self.open_share) * chance + self.open_share * audit_rate if chance > 0.0 else 0.0

    def _ruling_above(self, row: Row, propensity: float) -> Ruling:
        if row is Row.CLOSED:
            return Ruling("uncertain", "review", propensity, self.threshold)
        if row is Row.UNSEEN:
            return Ruling("confident", "none", propensity, self.threshold)
        if row is Row.LEFT_ABOVE:
            return Ruling("budget", "none", propensity, self.threshold)
        return Ruling("audit", "extra" if row is Row.EXTRA else "ledger", propensity, self.threshold)


def gate_of(policy: Policy | None, model_version: int, label: str | None, now: float) -> Gate:
    """The gate of one label at a time in seconds since the epoch."""
    rule: Policy | LabelRule | None = policy
    if policy is not None and policy.per_label is not None and label is not None:
        rule = policy.per_label.get(label, policy)
    if model_version == NO_MODEL or policy is None or rule is None:
        return Gate(label, rule, "cold", None, 1.0)
    shut = "stale" if policy.valid_until.timestamp() < now else _WHY_SHUT.get(rule.state)
    threshold = None if label is None else policy.thresholds.get(label)
    return Gate(label, rule, shut, threshold, policy.open_share)


def policy_for(policy: Policy | None, model_since: int) -> Policy | None:
    """The policy as it holds for a model that decides since that version.

    Thresholds that another model has earned say nothing about this one: until the monitor has heard of it, all
    its records go to people.
    """
    if policy is None or policy.model_since >= model_since:
        return policy
    rules = policy.per_label and {
        label: rule.model_copy(update={"state": _shut(rule.state)}) for label, rule in policy.per_label.items()
    }
    return policy.model_copy(update={"state": _shut(policy.state), "thresholds": {}, "per_label": rules})


def _shut(state: State) -> State:
    return state if state in {"suspended", "halted"} else "cold"


def decide(case: Case, policy: Policy | None, kind: ConfidenceKind, now: float) -> Decision:
    """The decision made `now` (seconds since the epoch) about one record; scores cover two labels or more."""
    scores = case.scored.scores
    gate, top, before = placed(case, policy, now)
    row = within_budget(before, case.chance, case.coins.budget, gate.open_share)
    ruling = gate.ruling(row, case.chance)
    return Decision(
        decision_id=case.decision_id,
        scores=scores,
        votes=case.scored.votes,
        function_votes=case.scored.function_votes,
        top_probability=top.probability if top else None,
        confidence=confidence(kind, scores) if scores else None,
        decided_at=datetime.fromtimestamp(now, UTC),
        model_version=case.scored.model_version,
        policy_version=policy.version if policy else NO_POLICY,
        label=gate.label,
        audit_rate=gate.rule.audit_rate if gate.rule else None,
        ledger_rate=gate.rule.ledger_rate if gate.rule else None,
        epoch=gate.rule.epoch if gate.rule else None,
        **ruling._asdict(),
    )


class Placed(NamedTuple):
    """What governs a record, its most probable label, and its row where people answer whatever they are asked."""

    gate: Gate
    top: Top | None
    row: Row


def placed(case: Case, policy: Policy | None, now: float) -> Placed:
    """Where a record stands before any budget."""
    scores = case.scored.scores
    top = top_of(scores) if scores else None
    gate = gate_of(policy, case.scored.model_version, top.label if top else None, now)
    return Placed(gate, top, _row(gate, top, case.coins))


def within_budget(row: Row, chance: float, toss: float, open_share: float) -> Row:
    """The row where only so much may be asked: the coin of the budget tosses again for the share that is closed."""
    if chance >= 1.0:
        return row
    if row in (Row.SHUT, Row.UNSURE):
        return row if toss < chance else Row.LEFT
    if row is Row.CLOSED:
        return row if toss - open_share < chance * (1.0 - open_share) else Row.LEFT_ABOVE
    return row if chance > 0.0 else Row.LEFT_ABOVE


def top_of(scores: Scores) -> Top:
    """The most probable label; among equals the one that stands first."""
    label = max(scores, key=scores.__getitem__)
    return Top(label, scores[label])


def votes_cast(decision: Decision) -> CastVotes | None:
    """The votes of a decision as its closing tells them; None where its scores were not pooled."""
    if decision.votes is None or decision.scores is None:
        return None
    return CastVotes(labels=list(decision.scores), members=decision.votes)


_CHOSEN: Mapping[Look, Row] = {"extra": Row.EXTRA, "ledger": Row.LEDGER, "none": Row.UNSEEN}


def _row(gate: Gate, top: Top | None, coins: Coins) -> Row:
    """Above the threshold people see the share that is closed, and of the open one the audits."""
    if gate.shut or gate.rule is None:
        return Row.SHUT
    if top is None or gate.threshold is None or top.probability <= gate.threshold:
        return Row.UNSURE
    if gate.open_share < 1.0 and coins.budget >= gate.open_share:
        return Row.CLOSED
    return _CHOSEN[look(coins.audit, gate.rule.audit_rate, gate.rule.ledger_rate)]

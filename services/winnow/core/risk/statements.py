"""What the monitor says to others: policies and certificates, made from the state of its scopes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

from winnow.core.risk.review_budget import ReviewBudget
from winnow.core.risk.risk_scope import RiskScope
from winnow.core.risk.withdrawals import Withdrawals
from winnow_schemas.base import State
from winnow_schemas.certificates import Certificate
from winnow_schemas.policies import LabelRule, Policy

_MOST_OPEN_FIRST: tuple[State, ...] = ("auto", "probation", "building", "cold", "suspended", "halted")


def moment(seconds: float) -> datetime:
    """Seconds since the epoch as a time of a contract."""
    return datetime.fromtimestamp(seconds, UTC)


@dataclass(frozen=True, slots=True)
class Rules:
    """The substance of a policy: when this changes, a new version is due."""

    epoch: int
    chapter: int
    state: State
    thresholds: dict[str, float]
    audit_rate: float
    ledger_rate: float
    open_share: float
    per_label: dict[str, tuple[State, int, float, float]] | None
    review_share: float | None = None
    model_since: int = 0

    @classmethod
    def of_snapshot(cls, state: Mapping[str, Any]) -> Self:
        per_label = state["per_label"]
        tuples = per_label and {label: tuple(rule) for label, rule in per_label.items()}
        return cls(**{**state, "per_label": tuples})

    def policy(self, version: int, now: float, valid_s: float, fixed: dict[str, Any]) -> Policy:
        """The message; `fixed` are the fields that never change."""
        rules = self.per_label or {}
        per_label = {
            label: LabelRule(state=state, epoch=epoch, audit_rate=audit, ledger_rate=ledger)
            for label, (state, epoch, audit, ledger) in rules.items()
        }
        return Policy(
            version=version,
            epoch=self.epoch,
            chapter=self.chapter,
            state=self.state,
            thresholds=self.thresholds,
            audit_rate=self.audit_rate,
            ledger_rate=self.ledger_rate,
            open_share=self.open_share,
            review_share=self.review_share,
            model_since=self.model_since,
            per_label=per_label or None,
            at=moment(now),
            valid_until=moment(now) + timedelta(seconds=valid_s),
            **fixed,
        )


class Turn(NamedTuple):
    """The evidence offset at work, the time, and what holds for all scopes."""

    offset: int
    now: float
    epoch: int
    halted: bool
    model_since: int


def rules_of(scopes: Sequence[RiskScope], budget: ReviewBudget, turn: Turn) -> Rules:
    """What the scopes want to be in force, within the budget; nothing is open while halted."""
    now, halted = turn.now, turn.halted
    states: list[State] = ["halted" if halted else scope.state for scope in scopes]
    audits = [scope.audit_rate(now) for scope in scopes]
    return Rules(
        epoch=turn.epoch,
        chapter=1 + sum(scope.ledger.current.number - 1 for scope in scopes),
        state=next(state for state in _MOST_OPEN_FIRST if state in states),
        thresholds={} if halted else {label: t for scope in scopes for label, t in scope.thresholds.items()},
        audit_rate=max(audits),
        ledger_rate=max(scope.ledger_rate for scope in scopes),
        open_share=min(scope.open_share(now, budget.audits_per_hour(now)) for scope in scopes),
        per_label=_per_label(scopes, states, audits),
        review_share=budget.share,
        model_since=turn.model_since,
    )


def _per_label(
    scopes: Sequence[RiskScope], states: Sequence[State], audits: Sequence[float]
) -> dict[str, tuple[State, int, float, float]] | None:
    if len(scopes) == 1:
        return None
    return {
        scope.labels[0]: (state, scope.ledger.current.epoch, audit, scope.ledger_rate)
        for scope, state, audit in zip(scopes, states, audits, strict=True)
    }


@dataclass(frozen=True, slots=True)
class Claim:
    """The substance of a certificate."""

    epoch: int
    released: int
    withdrawn: tuple[tuple[int, int], ...]
    labels: int
    wrong_at_most: float
    state: State

    @property
    def error_at_most(self) -> float | None:
        """None while nothing is released."""
        return min(self.wrong_at_most / self.labels, 1.0) if self.labels else None

    def differs_from(self, other: "Claim | None") -> bool:
        """Whether it says something new; that empty versions were passed says nothing."""
        if other is None:
            return True
        return (self.epoch, self.withdrawn, self.labels, self.wrong_at_most, self.state) != (
            other.epoch,
            other.withdrawn,
            other.labels,
            other.wrong_at_most,
            other.state,
        )

    @classmethod
    def of_snapshot(cls, state: Mapping[str, Any]) -> Self:
        return cls(**{**state, "withdrawn": tuple((first, last) for first, last in state["withdrawn"])})

    def certificate(self, version: int, now: float, target: float, confidence: float) -> Certificate:
        """The message."""
        error = self.error_at_most
        return Certificate(
            version=version,
            epoch=self.epoch,
            released=self.released,
            withdrawn=list(self.withdrawn),
            labels=self.labels,
            wrong_at_most=self.wrong_at_most,
            error_at_most=error,
            target=target,
            met=error is not None and error <= target,
            confidence=confidence,
            state=self.state,
            at=moment(now),
        )


def claim_of(scopes: Sequence[RiskScope], withdrawals: Withdrawals, epoch: int, state: State) -> Claim:
    """What the ledgers of all scopes can prove together."""
    return Claim(
        epoch=epoch,
        released=withdrawals.released,
        withdrawn=withdrawals.ranges,
        labels=sum(scope.ledger.released for scope in scopes),
        wrong_at_most=sum(scope.ledger.bound for scope in scopes),
        state=state,
    )

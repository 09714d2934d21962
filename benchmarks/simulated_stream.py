"""Streams of millions of records in seconds: counts by the thousand, closings one by one, through the real monitor.

All records have the same score, so the gate is either open for all or for none, and what is simulated is
the ledger, its chapters, the drift alarm and the certificates.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from winnow.core.risk import RiskMonitor, RiskSettings
from winnow.core.risk.coin import extra_share
from winnow_schemas.base import Look
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.evidence import Closed, Counts, LabelCounts
from winnow_schemas.policies import Policy
from winnow_schemas.task import Task

if TYPE_CHECKING:
    from winnow_schemas.certificates import Certificate

RECORDS_PER_SECOND = 100.0
ANSWERED_AFTER_S = 2.0
MET_FROM = 50_000
"""From so many released labels on the certificate is expected to be met."""

_STREAM = "simulate"
_START = 1_700_000_000.0
_LABEL = "a"
_TOP = 0.95
_CLOSED_BATCH = 5
_LEAST_BATCH = 50
_LARGEST_BATCH = 20_000
_LABELS_PER_BATCH = 400


class Batch(NamedTuple):
    """Unseen labels decided together, and how many of them are wrong."""

    version: int
    unseen: int
    wrong: int


Error = Callable[["SimulatedStream"], float]
"""The share of wrong labels in the next batch: whoever chooses it sees all but the coins to come."""


def simulated_task(target: float) -> Task:
    """A task for streams whose records nobody reads."""
    return Task.model_validate(
        {"task": "simulated", "labels": [_LABEL, "b"], "input": {"text": True}, "target": {"error": target}}
    )


class SimulatedStream:
    """One stream and what became of it. `settings` are those of `RiskSettings`.

    `rarest_rate` is the lowest ledger coin so far.
    `not_met` counts certificates that were not met although enough was released, `broken_bounds` those
    that were wrong, `broken_promises` those with more wrong labels than target and allowances concede.
    """

    def __init__(self, seed: int, error: Error, target: float = 0.05, **settings: Any) -> None:
        task = simulated_task(target)
        base = replace(RiskSettings.of_task(task), hold_min_s=1.0, audits_per_hour=0.0)
        self.monitor = RiskMonitor(task, "salt-id", 1, replace(base, **settings))
        self.target = target
        self.records = self.audits = self.reviews = 0
        self.released = self.released_wrong = 0
        self.rarest_rate = 1.0
        self.not_met = self.broken_bounds = self.broken_promises = 0
        self.alarms: list[DriftAlarm] = []
        self.audits_at_alarm: list[int] = []
        self.policy: Policy
        self.certificate: Certificate
        self._error = error
        self._rng = np.random.default_rng(seed)
        self._seconds = 0.0
        self._offset = -1
        self._held: deque[Batch] = deque()
        self._waiting: deque[tuple[float, Closed]] = deque()
        self._count(0)

    @property
    def ledger_rate(self) -> float:
        """The coin of the chapter that runs."""
        return self.policy.ledger_rate

    @property
    def heard(self) -> int:
        """Audits that were answered."""
        return self.monitor.parts.scopes[0].audits

    @property
    def wrong(self) -> int:
        """Unseen wrong labels, released or held."""
        return self.released_wrong + sum(batch.wrong for batch in self._held)

    @property
    def since_chapter(self) -> int:
        """Labels released in the chapter that runs."""
        return self.monitor.parts.scopes[0].ledger.current.released

    def run(self, records: int) -> "SimulatedStream":
        """Go on until so many records were decided in all."""
        while self.records < records:
            self.step()
        return self

    def step(self) -> None:
        """Hear the answers that are due, then decide one batch."""
        self._answer()
        if self.policy.thresholds:
            batch = int(min(max(_LEAST_BATCH, self.certificate.labels / _LABELS_PER_BATCH), _LARGEST_BATCH))
            self._decide(batch)
        else:
            self._review(_CLOSED_BATCH)

    def _review(self, size: int) -> None:
        wrong = int(self._rng.binomial(size, self._error(self)))
        self._ask("review", wrong, size - wrong, 1.0)
        self.reviews += size
        self._count(size, reviews=size)

    def _decide(self, size: int) -> None:
        policy = self.policy
        extra = extra_share(policy.audit_rate, policy.ledger_rate)
        shares = [extra, policy.audit_rate - extra, 1.0 - policy.audit_rate]
        wrong = self._rng.multinomial(self._rng.binomial(size, self._error(self)), shares)
        right = self._rng.multinomial(size - wrong.sum(), shares)
        self._ask("extra", int(wrong[0]), int(right[0]), policy.audit_rate)
        self._ask("ledger", int(wrong[1]), int(right[1]), policy.audit_rate)
        extras, ledger, unseen = (wrong + right).tolist()
        self.audits += extras + ledger
        self._held.append(Batch(policy.version, unseen, int(wrong[2])))
        self._count(size, extra_audits=extras, ledger_audits=ledger, unseen=unseen)

    def _count(self, size: int, **counts: int) -> None:
        first, self.records = self.records, self.records + size
        self._seconds += size / RECORDS_PER_SECOND
        self._hear(
            Counts(
                stream=_STREAM,
                partition=0,
                first=first,
                end=first + size,
                policy_version=self.policy.version if size else -1,
                model_version=0,
                labels={_LABEL: LabelCounts(**counts)} if counts else {},
                at=self._now,
            )
        )

    def _ask(self, look: Look, wrong: int, right: int, propensity: float) -> None:
        closings = np.array(["wrong"] * wrong + ["right"] * right)
        self._rng.shuffle(closings)
        for number, closing in enumerate(closings.tolist()):
            closed = Closed(
                request_id=f"{self.records}-{look}-{number}",
                closing=closing,
                revision=1,
                reason="uncertain" if look == "review" else "audit",
                look=look,
                predicted=_LABEL,
                top_probability=_TOP,
                propensity=propensity,
                policy_version=self.policy.version,
                model_version=0,
                epoch=self.policy.epoch,
                decided_at=self._now,
                at=datetime.fromtimestamp(_START + self._seconds + ANSWERED_AFTER_S, UTC),
            )
            self._waiting.append((self._seconds + ANSWERED_AFTER_S, closed))

    def _answer(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._seconds:
            self._hear(self._waiting.popleft()[1])

    @property
    def _now(self) -> datetime:
        return datetime.fromtimestamp(_START + self._seconds, UTC)

    def _hear(self, evidence: Counts | Closed) -> None:
        self._offset += 1
        for said in self.monitor.on_evidence(self._offset, evidence):
            if isinstance(said, Policy):
                self.policy = said
                self.rarest_rate = min(self.rarest_rate, said.ledger_rate)
            elif isinstance(said, DriftAlarm):
                self.alarms.append(said)
                self.audits_at_alarm.append(self.heard)
            else:
                self._settle(said)

    def _settle(self, certificate: "Certificate") -> None:
        self.certificate = certificate
        while self._held and self._held[0].version <= certificate.released:
            batch = self._held.popleft()
            if certificate.covers(batch.version):
                self.released += batch.unseen
                self.released_wrong += batch.wrong
        assert self.released == certificate.labels
        self.not_met += self.released > MET_FROM and not certificate.met
        self.broken_bounds += self.released_wrong > certificate.wrong_at_most
        conceded = self.target * self.released + self.monitor.figures()["allowances"]
        self.broken_promises += self.released_wrong > conceded

"""The figures of one replay, gathered as it goes on. Memory: nine bytes a record, for the best fixed threshold."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from winnow.core.risk import RiskMonitor
from winnow.replay.fixed_threshold import FixedThresholds
from winnow.replay.watching import Decided
from winnow.replay.worst_window import WorstWindow
from winnow_schemas.certificates import Certificate
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.policies import Policy

_LEAST_PROBABILITY = 1e-6
_AUDITS = frozenset({"ledger", "extra"})


@dataclass
class Alarm:
    """`at`: the record at work; `back`: records from there to the next auto label, if there was one."""

    at: int
    kind: str
    message: str
    back: int | None = None


@dataclass
class LabelFigures:
    """What became of the records of one label: `records` by the file, the rest by the machine's label."""

    records: int = 0
    predicted: int = 0
    right: int = 0
    auto: int = 0
    auto_errors: int = 0

    def as_values(self) -> dict[str, float | int | None]:
        """For programs."""
        return {**vars(self), "auto_error": ratio(self.auto_errors, self.auto)}


@dataclass
class Figures:
    """A watcher that counts; `as_values` is what `--json` writes. A share of nothing is None."""

    target: float
    model: str
    records: int = 0
    dead: int = 0
    auto: int = 0
    auto_errors: int = 0
    reviews: Counter[str] = field(default_factory=Counter)
    audits: int = 0
    above_threshold: int = 0
    unlabelled: int = 0
    left_by_budget: int = 0
    taken_back: int = 0
    held: int = 0
    first_auto: int | None = None
    alarms: list[Alarm] = field(default_factory=list)
    certificate: Certificate | None = None
    checkpoints: int = 0
    violations: int = 0
    scored: int = 0
    right: int = 0
    loss: float = 0.0
    labels: dict[str, LabelFigures] = field(default_factory=dict)
    worst: WorstWindow = field(default_factory=WorstWindow)
    fixed: FixedThresholds = field(default_factory=FixedThresholds)

    def decided(self, decided: Decided) -> None:
        """Count one decision, and judge its score."""
        decision = decided.decision
        self.records += 1
        self._of(decided.truth).records += 1
        if decision.scores is not None and decision.top_probability is not None:
            self._judge(decided, decision.scores, decision.top_probability)
        if decision.outcome == "auto":
            self._auto(decided.offset)
        elif decision.outcome == "review":
            self.reviews[decision.reason] += 1
        else:
            self.unlabelled += 1
            self.left_by_budget += 1
        self.audits += decision.look in _AUDITS
        self.above_threshold += decision.look in _AUDITS or decision.outcome == "auto"

    def _judge(self, decided: Decided, scores: dict[str, float], top: float) -> None:
        self.scored += 1
        self.right += not decided.wrong
        self.loss -= math.log(max(scores.get(decided.truth, 0.0), _LEAST_PROBABILITY))
        self.fixed.add(top, wrong=decided.wrong)
        of_label = self._of(decided.decision.label)
        of_label.predicted += 1
        of_label.right += not decided.wrong

    def _auto(self, offset: int) -> None:
        self.held += 1
        if self.first_auto is None:
            self.first_auto = offset
        for alarm in reversed(self.alarms):
            if alarm.back is not None:
                break
            alarm.back = offset - alarm.at

    def _of(self, label: str | None) -> LabelFigures:
        return self.labels.setdefault(label or "", LabelFigures())

    def died(self, offset: int) -> None:  # noqa: ARG002
        """Count a line that is no record."""
        self.dead += 1

    def released(self, decided: Decided) -> None:
        """Count a released label."""
        self.held -= 1
        self.auto += 1
        self.auto_errors += decided.wrong
        self.worst.add(wrong=decided.wrong)
        of_label = self._of(decided.decision.label)
        of_label.auto += 1
        of_label.auto_errors += decided.wrong

    def recalled(self, decided: Decided, *, put_back: bool) -> None:  # noqa: ARG002
        """Count a recalled label."""
        self.held -= 1
        self.taken_back += 1
        if put_back:
            self.reviews["recalled"] += 1
        else:
            self.unlabelled += 1

    def unanswered(self, decided: Decided) -> None:  # noqa: ARG002
        """Count a request that nobody answered."""
        self.unlabelled += 1

    def issued(self, policy: Policy, offset: int) -> None:
        """Policies are not counted."""

    def alarmed(self, alarm: DriftAlarm, offset: int) -> None:
        """Remember an alarm."""
        self.alarms.append(Alarm(offset, alarm.kind, alarm.message))

    def certified(self, certificate: Certificate, offset: int) -> None:  # noqa: ARG002
        """A checkpoint: are there more wrong labels than the certificate allows?"""
        self.certificate = certificate
        self.checkpoints += 1
        self.violations += self.auto_errors > certificate.wrong_at_most

    def as_values(self, monitor: RiskMonitor, seconds: float) -> dict[str, Any]:
        """For programs; `seconds` is how long the replay took."""
        certificate = self.certificate
        return {
            "target": self.target,
            "records": self.records,
            "dead": self.dead,
            "auto": self.auto,
            "coverage": ratio(self.auto, self.records),
            "auto_errors": self.auto_errors,
            "auto_error": ratio(self.auto_errors, self.auto),
            "worst_window": self.worst.worst,
            "reviews": {"total": self.reviews.total(), "by_reason": dict(sorted(self.reviews.items()))},
            "audits": self.audits,
            "audit_share": ratio(self.audits, self.above_threshold),
            "unlabelled": self.unlabelled,
            "left_by_budget": self.left_by_budget,
            "recalled": self.taken_back,
            "held": self.held,
            "first_auto": self.first_auto,
            "alarms": [vars(alarm) for alarm in self.alarms],
            "certificate": certificate.model_dump(mode="json", exclude_none=True) if certificate else None,
            "allowances": monitor.figures()["allowances"],
            "checkpoints": self.checkpoints,
            "violations": self.violations,
            "model": self._model(),
            "best_fixed_threshold": self.fixed.best(self.target, max(self.records, 1)),
            "labels": {label: figures.as_values() for label, figures in sorted(self.labels.items())},
            "seconds": round(seconds, 3),
            "records_per_second": round(self.records / seconds, 1) if seconds > 0 else None,
        }

    def _model(self) -> dict[str, Any]:
        return {
            "name": self.model,
            "scored": self.scored,
            "accuracy": ratio(self.right, self.scored),
            "log_loss": ratio(self.loss, self.scored),
        }


def ratio(part: float, whole: float) -> float | None:
    """None when there is no whole."""
    return part / whole if whole else None

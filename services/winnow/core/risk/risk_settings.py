"""The numbers by which the error is held; the defaults are the measured ones."""

from dataclasses import dataclass, field, replace
from math import ceil
from typing import Self

from winnow.core.risk.cadence import Cadence, LiveCadence, RecordCadence
from winnow_schemas.task import Task

_LONGEST_WINDOW = 80_000


@dataclass(frozen=True, slots=True)
class RiskSettings:
    """`target` is α, `risk` is δ = 1 - confidence. Rates are shares, times are seconds.

    A gate is on probation until `probation_until` wrong labels are allowed, and while the margin is below
    `probation_margin`.
    """

    target: float
    risk: float
    audit_rate: float = 0.08
    probation_rate: float = 0.16
    probation_until: float = 50.0
    probation_margin: float = 0.7
    min_answers: int = 60
    limit_risk: float = 0.25
    kick: float = 1.35
    margin_floor: float = 0.25
    margin_base: float = 5.0
    allowance_factor: float = 3.0
    alarm_run: float = 3_000.0
    chapter_evidence: float = 230.0
    chapter_thinning: float = 3.0
    audits_per_hour: float = 60.0
    audits_per_hour_max: float | None = None
    hold_min_s: float = 60.0
    hold_max_s: float = 86_400.0
    max_epochs: int = 20
    valid_s: float = 60.0
    renew_s: float = 5.0
    silence_s: float = 60.0
    answers_remembered_s: float = 40 * 86_400.0
    cadence: Cadence = field(default_factory=LiveCadence)

    @classmethod
    def of_task(cls, task: Task) -> Self:
        """The settings that a task file asks for."""
        spec = task.risk
        return cls(
            target=task.target.error,
            risk=1.0 - task.target.confidence,
            audit_rate=spec.audit_rate,
            probation_rate=spec.probation_rate,
            audits_per_hour=spec.audits_per_hour,
            audits_per_hour_max=spec.audits_per_hour_max,
            hold_min_s=spec.hold_min.total_seconds(),
            hold_max_s=spec.hold_max.total_seconds(),
            max_epochs=spec.max_epochs,
            answers_remembered_s=task.review.audit_expires.total_seconds() + 31 * 86_400.0,
        )

    @classmethod
    def of_replay(cls, task: Task) -> Self:
        """The same for a replay of a file, where one record is one second: policies come by records only."""
        live = cls.of_task(task)
        return replace(live, cadence=RecordCadence(), renew_s=live.valid_s / 2.0)

    @property
    def window(self) -> int:
        """Answers the gate looks back on: 80/α, and no more than 80,000."""
        if self.target <= 0.0:
            return 1_600
        return min(ceil(80.0 / self.target), _LONGEST_WINDOW)

    @property
    def min_zone(self) -> float:
        """Answers that a zone needs before it can be judged: 1.5/α."""
        return 1.5 / self.target if self.target > 0.0 else float("inf")

"""What one monitor consists of, and the few numbers that belong to none of its parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from winnow.core.risk.answer_times import AnswerTimes
from winnow.core.risk.audit_register import AuditRegister
from winnow.core.risk.command_memory import CommandMemory
from winnow.core.risk.evidence_clock import EvidenceClock
from winnow.core.risk.gold_checks import GoldChecks
from winnow.core.risk.issuer import Issuer, Standing, Terms
from winnow.core.risk.partition_progress import PartitionProgress
from winnow.core.risk.pool_in_force import PoolInForce
from winnow.core.risk.releases import Releases
from winnow.core.risk.review_budget import ReviewBudget
from winnow.core.risk.risk_scope import RiskScope
from winnow.core.risk.risk_settings import RiskSettings
from winnow_schemas.base import NO_MODEL
from winnow_schemas.task import Task


@dataclass
class Parts:
    """`offset` is that of the evidence at work, `model_since` the first version of the model that decides,
    `model_withheld` the version from which newer ones were withheld last.

    `unknown_versions` counts decisions under policies that nobody knows, `repeated` what came before.
    """

    settings: RiskSettings
    labels: Sequence[str]
    scopes: Sequence[RiskScope]
    releases: Releases
    progress: PartitionProgress
    register: AuditRegister
    times: AnswerTimes
    gold: GoldChecks
    commands: CommandMemory
    issuer: Issuer
    pool: PoolInForce
    clock: EvidenceClock
    budget: ReviewBudget
    offset: int = -1
    model_since: int = NO_MODEL
    model_withheld: int = NO_MODEL
    unknown_versions: int = 0
    repeated: int = 0

    @property
    def now(self) -> float:
        """The time of the evidence, in seconds since the epoch; 0 before the first."""
        return self.clock.now or 0.0

    def scope_of(self, label: str | None) -> int | None:
        """The number of the scope that decides about a label; None when there is none."""
        if label is None or len(self.scopes) == 1:
            return None if label is None else 0
        return self.labels.index(label) if label in self.labels else None


def parts_of(task: Task, salt_id: str, partitions: int, settings: RiskSettings) -> Parts:
    """All parts as they are before the first evidence."""
    groups = [[label] for label in task.labels] if task.target.per_label else [list(task.labels)]
    scopes = [RiskScope(settings, labels, settings.risk / len(groups)) for labels in groups]
    releases = Releases(scopes)
    pool = PoolInForce()
    budget = ReviewBudget(task.budget)
    terms = Terms(settings.target, task.target.confidence, salt_id)
    return Parts(
        settings=settings,
        labels=task.labels,
        scopes=scopes,
        releases=releases,
        progress=PartitionProgress(partitions, settings.silence_s),
        register=AuditRegister(settings.answers_remembered_s),
        times=AnswerTimes(settings.hold_min_s, settings.hold_max_s),
        gold=GoldChecks(),
        commands=CommandMemory(),
        issuer=Issuer(settings, terms, scopes, releases, Standing(pool, budget)),
        pool=pool,
        clock=EvidenceClock(),
        budget=budget,
    )

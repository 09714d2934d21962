"""The fold of evidence into policies, certificates and alarms.

Pure: the same evidence at the same offsets gives the same statements, bit for bit, also across
`restore(snapshot())`. The time is the largest one seen in evidence. A new policy's version is the offset
of the evidence that caused it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from winnow.core.risk import risk_state
from winnow.core.risk.answer_times import AnswerTimes
from winnow.core.risk.answer_window import Mark
from winnow.core.risk.answers import answer_of, is_answered, request_and_mark, was_chosen_by_coin
from winnow.core.risk.audit_register import Audit, AuditRegister, AuditState
from winnow.core.risk.command_memory import CommandMemory, told
from winnow.core.risk.evidence_clock import EvidenceClock
from winnow.core.risk.gold_checks import GoldChecks
from winnow.core.risk.issuer import Issuer, Terms, Turn
from winnow.core.risk.partition_progress import PartitionProgress
from winnow.core.risk.releases import Releases
from winnow.core.risk.risk_figures import gate_figures
from winnow.core.risk.risk_scope import RiskScope
from winnow.core.risk.risk_settings import RiskSettings
from winnow.core.risk.statements import moment
from winnow_schemas.certificates import Certificate
from winnow_schemas.drift_alarms import AlarmKind, DriftAlarm
from winnow_schemas.evidence import Closed, Command, Counts, Evidence
from winnow_schemas.policies import Policy
from winnow_schemas.task import Task

Statement = Policy | Certificate | DriftAlarm


class RiskMonitor:
    """Holds the error of one task: one scope for all its labels, or one for each.

    Its state is a head (plain JSON, small) and slots (plain JSON, smaller still): `changed_slots()`
    names those that the last event changed. Write slots before the head: slots may be ahead of the
    head by up to a window of answers, never behind it.
    """

    def __init__(self, task: Task, salt_id: str, partitions: int, settings: RiskSettings | None = None) -> None:
        self.task = task
        self.settings = settings or RiskSettings.of_task(task)
        groups = [[label] for label in task.labels] if task.target.per_label else [list(task.labels)]
        share = self.settings.risk / len(groups)
        self.scopes = [RiskScope(self.settings, labels, share) for labels in groups]
        self.releases = Releases(self.scopes)
        self.progress = PartitionProgress(partitions, self.settings.silence_s)
        self.register = AuditRegister(self.settings.answers_remembered_s)
        self.times = AnswerTimes(self.settings.hold_min_s, self.settings.hold_max_s)
        self.gold = GoldChecks()
        self.commands = CommandMemory()
        terms = Terms(self.settings.target, task.target.confidence, salt_id)
        self.issuer = Issuer(self.settings, terms, self.scopes, self.releases)
        self.clock = EvidenceClock()
        self.offset = -1
        self.epoch = 1
        self.unattended = 0
        self.alarms = 0
        self.halted = False
        self.unknown_versions = 0
        self.repeated = 0
        self._alarms: list[DriftAlarm] = []
        self._changed: set[int] = set()
        self._slots = risk_state.Slots(self)

    @property
    def now(self) -> float:
        """The time of the evidence, in seconds since the epoch; 0 before the first."""
        return self.clock.now or 0.0

    def on_evidence(self, offset: int, evidence: Evidence) -> list[Statement]:
        """Take in one message; gives what there is to say. Offsets already seen are passed over."""
        if offset <= self.offset:
            return []
        self._open_turn(offset, self._time_of(evidence))
        if isinstance(evidence, Counts):
            self._hear_counts(evidence)
        elif isinstance(evidence, Closed):
            self._hear_closing(evidence)
        else:
            self._obey(evidence)
        self._ask_for_silent_partitions()
        self._release()
        return self._close_turn()

    def evidence_lost(self, offset: int, message: str) -> list[Statement]:
        """Evidence before `offset` is gone: take back what is not released, begin a new epoch."""
        self._open_turn(offset, self.now)
        self._raise("gap", message, self.scopes)
        return self._close_turn()

    def model_replaced(self, offset: int) -> list[Statement]:
        """Another model decides from now on: the gates start afresh, the ledgers go on."""
        self._open_turn(offset, self.now)
        for scope in self.scopes:
            scope.forget_answers()
        self.issuer.demand_version()
        return self._close_turn()

    def _time_of(self, evidence: Evidence) -> float:
        """Operators' clocks do not count, unless nothing was heard before."""
        if isinstance(evidence, Command) and self.clock.now is not None:
            return self.clock.now
        return evidence.at.timestamp()

    def _open_turn(self, offset: int, at: float) -> None:
        if offset <= self.offset:
            raise ValueError(f"offset {offset} is not after {self.offset}")
        self.offset = offset
        self._alarms, self._changed = [], set()
        before = self.clock.now
        now = self.clock.hear(at)
        if before is None:
            self._begin(offset, now)
        elif now < before:
            self.issuer.no_later_than(now)
            self.progress.no_later_than(now)
            self.releases.cohorts.no_later_than(now)

    def _begin(self, offset: int, now: float) -> None:
        """The first evidence known here: nothing is claimed of policies from before it."""
        self.releases.withdrawals.withdraw_to(offset - 1)
        self.progress.begin(now)
        self.issuer.begin(now)
        for scope in self.scopes:
            scope.begin_epoch(offset, overlooked=0.0)

    def _hear_counts(self, counts: Counts) -> None:
        decided = counts.end - counts.first
        self.issuer.hear_records(decided)
        missing = self.progress.hear(counts, self.now)
        if missing:
            self._raise("gap", missing, self.scopes)
        if not self.issuer.knows(counts.policy_version):
            self.unknown_versions += decided
            return
        if not self.progress.reach(counts.partition, counts.policy_version):
            self._raise("gap", f"partition {counts.partition}: policy versions went back", self.scopes)
        open_share = self.issuer.rules.open_share if self.issuer.rules else 1.0
        for label, of_label in counts.labels.items():
            number = self._scope_of(label)
            if number is None:
                continue
            self.releases.count(counts.policy_version, number, of_label, self.now)
            above = of_label.unseen + of_label.ledger_audits + of_label.extra_audits
            if above:
                self.scopes[number].label_rate.hear(above / open_share, self.now)

    def _scope_of(self, label: str | None) -> int | None:
        if label is None or len(self.scopes) == 1:
            return None if label is None else 0
        return self.task.labels.index(label) if label in self.task.labels else None

    def _hear_closing(self, closed: Closed) -> None:
        if closed.reason == "gold" and closed.known_wrong and is_answered(closed):
            self.gold.hear(missed=closed.closing == "right")
        number = self._scope_of(closed.predicted)
        if number is None or not was_chosen_by_coin(closed):
            return
        if self._knows(closed):
            self._hear_known(closed, number)
        else:
            self.unknown_versions += 1

    def _knows(self, closed: Closed) -> bool:
        return self.issuer.knows(closed.policy_version) and (closed.epoch is None or closed.epoch <= self.epoch)

    def _hear_known(self, closed: Closed, number: int) -> None:
        request, mark = request_and_mark(closed)
        audit = self.register.find(request, self.now) if closed.look == "ledger" else None
        marks = (audit.newest.mark if audit else None, self.scopes[number].window.mark_of(request))
        if any(known is not None and mark <= known for known in marks):
            self.repeated += 1
            return
        if is_answered(closed):
            self._hear_answer(closed, number, request, mark, audit)
        if closed.look == "ledger":
            settled = self.releases.settle(closed.policy_version, number, audit, closed.closing)
            state = AuditState(self.offset, mark, closed.closing, settled)
            bucket = self.register.note(request, closed.policy_version, state, self.now)
            self._changed.add(self._slots.of_audits(bucket))

    def _hear_answer(self, closed: Closed, number: int, request: str, mark: Mark, audit: Audit | None) -> None:
        scope = self.scopes[number]
        answer = answer_of(closed, request, mark, audit)
        scope.learn(answer)
        self.issuer.hear_answer()
        if answer.first:
            slot = self.times.add((closed.at - closed.decided_at).total_seconds())
            self._changed.add(self._slots.of_time(slot))
        if not scope.ledger.is_current_epoch(closed.policy_version):
            return
        row = scope.keep(self.offset, answer)
        if row is not None:
            self._changed.add(self._slots.of_answer(number, row))
        if answer.audit and answer.first and scope.watch(answer):
            values = {"level": scope.statistic.level, "audits": float(scope.audits)}
            self._raise("errors", "audits are wrong more often than the target allows", [scope], values)

    def _obey(self, command: Command) -> None:
        """Do what an operator asks for, once."""
        if not self.commands.add(command.command_id):
            self.repeated += 1
        elif command.action == "recall":
            self._recall(command)
        elif command.action == "resume":
            self._resume()
        elif command.action == "alarm" or not self.halted:
            self._raise("operator", told(command), self.scopes)
            self.halted = self.halted or command.action == "halt"

    def _recall(self, command: Command) -> None:
        """Take labels back, also those still held; the ledger counts them when their time comes, as all others.

        What is decided from now on is not meant: it gets another version.
        """
        assert command.first is not None
        assert command.last is not None
        self.releases.withdrawals.recall(command.first, min(command.last, self.issuer.current))
        if command.first <= self.issuer.current <= command.last:
            self.issuer.demand_version()

    def _resume(self) -> None:
        self.unattended = 0
        if self.halted:
            self.halted = False
            self.issuer.demand_version()

    def _ask_for_silent_partitions(self) -> None:
        silent = self.progress.fall_silent(self.now)
        if silent:
            names = ", ".join(map(str, silent))
            message = f"no evidence for {self.settings.silence_s:g} s from partition {names}; nothing is released"
            self._say("incomplete", message, {"partitions": float(len(silent))})

    def _release(self) -> None:
        before = self.releases.withdrawals.released
        refused = self.releases.release(self.progress.passed, self.now, self.issuer.hold_s)
        if refused:
            scopes = [self.scopes[number] for number in refused]
            values = {"found": float(sum(scope.ledger.current.found for scope in scopes))}
            self._raise("ledger", "the ledger does not allow the release: too many audits were wrong", scopes, values)
        elif self.releases.withdrawals.released > before:
            overlooked = self.gold.overlooked_at_most
            for scope in self.scopes:
                if scope.turn_chapter(self.offset, self.now, overlooked):
                    self.issuer.demand_version()

    def _raise(
        self, kind: AlarmKind, message: str, scopes: Iterable[RiskScope], values: Mapping[str, float] | None = None
    ) -> None:
        """An alarm that ends the epoch: take back what is not released, close the gates of `scopes`."""
        self._say(kind, message, values or {})
        self.releases.withdraw(self.issuer.current)
        for scope in scopes:
            scope.begin_epoch(self.offset, self.gold.overlooked_at_most)
        self.epoch += 1
        self.unattended = 0 if kind == "operator" else self.unattended + 1
        self.halted = self.halted or self.unattended > self.settings.max_epochs
        self.issuer.demand_version()

    def _say(self, kind: AlarmKind, message: str, values: Mapping[str, float]) -> None:
        self.alarms += 1
        self._alarms.append(
            DriftAlarm(
                kind=kind,
                version=self.offset,
                epoch=self.epoch,
                message=message,
                values=dict(values),
                at=moment(self.now),
            )
        )

    def _close_turn(self) -> list[Statement]:
        turn = Turn(self.offset, self.now, self.epoch, self.halted)
        said = (self.issuer.policy(turn, self.times.hold_s), self.issuer.certificate(turn))
        return [*self._alarms, *(statement for statement in said if statement is not None)]

    def figures(self) -> dict[str, Any]:
        """Numbers for the metric family `gate`, and how much was no evidence."""
        return gate_figures(self)

    def changed_slots(self) -> list[int]:
        """Slots that the last event changed."""
        return sorted(self._changed)

    def slot(self, number: int) -> Any:
        """One slot as plain JSON."""
        return self._slots.read(number)

    def slot_name(self, number: int) -> str:
        """Where a slot stands in a snapshot: `section/row`."""
        return self._slots.name(number)

    def snapshot_head(self) -> dict[str, Any]:
        """Everything but the slots, as plain JSON."""
        return risk_state.head(self)

    def snapshot(self) -> dict[str, Any]:
        """The head, and all slots in use by section and row."""
        return {"head": self.snapshot_head(), "slots": self._slots.snapshot()}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from a snapshot of the same task; its slots may be ahead of its head.

        Raises ValueError when slots that the head needs were overwritten.
        """
        risk_state.restore(self, snapshot["head"], snapshot["slots"])

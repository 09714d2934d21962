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
from winnow.core.risk.audit_register import Audit, AuditRegister, AuditState
from winnow.core.risk.cadence import SinceLook
from winnow.core.risk.evidence_clock import EvidenceClock
from winnow.core.risk.flow_sums import NOT_BY_COIN, FlowSums
from winnow.core.risk.partition_progress import PartitionProgress
from winnow.core.risk.policy_versions import PolicyVersions
from winnow.core.risk.releases import Releases
from winnow.core.risk.risk_figures import gate_figures
from winnow.core.risk.risk_scope import Answer, RiskScope
from winnow.core.risk.risk_settings import RiskSettings
from winnow.core.risk.statements import Claim, moment, rules
from winnow_schemas.certificates import Certificate
from winnow_schemas.drift_alarms import AlarmKind, DriftAlarm
from winnow_schemas.evidence import Closed, Counts
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
        self.salt_id = salt_id
        self.settings = settings or RiskSettings.of_task(task)
        groups = [[label] for label in task.labels] if task.target.per_label else [list(task.labels)]
        share = self.settings.risk / len(groups)
        self.scopes = [RiskScope(self.settings, labels, share) for labels in groups]
        self.releases = Releases(self.scopes)
        self.progress = PartitionProgress(partitions, self.settings.silence_s)
        self.register = AuditRegister(self.settings.answers_remembered_s)
        self.times = AnswerTimes(self.settings.hold_min_s, self.settings.hold_max_s)
        self.flow = FlowSums()
        self.versions = PolicyVersions()
        self.clock = EvidenceClock()
        self.claim: Claim | None = None
        self.offset = -1
        self.epoch = 1
        self.unattended = 0
        self.alarms = 0
        self.halted = False
        self.hold_s = self.settings.hold_min_s
        self.answers_since_look = 0
        self.records_since_look = 0
        self.looked_at = 0.0
        self._version_is_due = False
        self._alarms: list[DriftAlarm] = []
        self._changed: set[int] = set()

    @property
    def now(self) -> float:
        """The time of the evidence, in seconds since the epoch; 0 before the first."""
        return self.clock.now or 0.0

    def on_evidence(self, offset: int, evidence: Counts | Closed) -> list[Statement]:
        """Take in one message; gives what there is to say. Offsets already seen are passed over."""
        if offset <= self.offset:
            return []
        self._open_turn(offset, evidence.at.timestamp())
        if isinstance(evidence, Counts):
            self._hear_counts(evidence)
        else:
            self._hear_closing(evidence)
        self._ask_for_silent_partitions()
        self._release()
        return self._close_turn()

    def operator_alarm(self, offset: int, message: str) -> list[Statement]:
        """An operator takes back what is not released and starts a new epoch; also ends a halt."""
        self._open_turn(offset, self.now)
        self._raise("operator", message, self.scopes)
        self.unattended = 0
        self.halted = False
        return self._close_turn()

    def operator_halt(self, offset: int, message: str) -> list[Statement]:
        """As an operator's alarm, and nothing is labelled until the next one."""
        self._open_turn(offset, self.now)
        self._raise("operator", message, self.scopes)
        self.halted = True
        return self._close_turn()

    def model_replaced(self, offset: int) -> list[Statement]:
        """Another model decides from now on: the gates start afresh, the ledgers go on."""
        self._open_turn(offset, self.now)
        for scope in self.scopes:
            scope.forget_answers()
        self._version_is_due = True
        return self._close_turn()

    def _open_turn(self, offset: int, at: float) -> None:
        first = self.versions.first is None and not self.scopes[0].ledger.chapters
        self.offset = offset
        self._alarms, self._changed = [], set()
        now = self.clock.hear(at)
        if first:
            self.progress.begin(now)
            self.looked_at = now
            for scope in self.scopes:
                scope.begin_epoch(offset)
            self._version_is_due = True

    def _hear_counts(self, counts: Counts) -> None:
        self.flow.count(counts)
        decided = counts.end - counts.first
        self.records_since_look += decided
        missing = self.progress.hear(counts, self.now)
        if missing:
            self._raise("gap", missing, self.scopes)
        if not self.versions.knows(counts.policy_version):
            self.flow.unknown(decided)
            return
        if not self.progress.reach(counts.partition, counts.policy_version):
            self._raise("gap", f"partition {counts.partition}: policy versions went back", self.scopes)
        open_share = self.versions.rules.open_share if self.versions.rules else 1.0
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
        number = self._scope_of(closed.predicted)
        if closed.reason in NOT_BY_COIN or number is None or closed.top_probability is None or closed.look == "none":
            self.flow.close(closed)
        elif not self._knows(closed):
            self.flow.close(closed)
            self.flow.unknown(1)
        else:
            self._hear_known(closed, number)

    def _knows(self, closed: Closed) -> bool:
        return self.versions.knows(closed.policy_version) and (closed.epoch is None or closed.epoch <= self.epoch)

    def _hear_known(self, closed: Closed, number: int) -> None:
        request, mark = _request_and_mark(closed)
        audit = self.register.find(request, self.now) if closed.look == "ledger" else None
        marks = (audit.newest.mark if audit else None, self.scopes[number].window.mark_of(request))
        if any(known is not None and mark <= known for known in marks):
            self.flow.repeat()
            return
        self.flow.close(closed)
        if closed.closing in {"right", "wrong"}:
            self._hear_answer(closed, number, request, mark, audit)
        if closed.look == "ledger":
            settled = self.releases.settle(closed.policy_version, number, audit, closed.closing)
            state = AuditState(self.offset, mark, closed.closing, settled)
            bucket = self.register.note(request, closed.policy_version, state, self.now)
            self._changed.add(risk_state.bucket_slot(self, bucket))

    def _hear_answer(self, closed: Closed, number: int, request: str, mark: Mark, audit: Audit | None) -> None:
        scope = self.scopes[number]
        answer = _answer(closed, request, mark, audit)
        scope.learn(answer)
        self.answers_since_look += 1
        if answer.first:
            slot = self.times.add(self.now - closed.decided_at.timestamp())
            self._changed.add(risk_state.time_slot(self, slot))
        if not scope.ledger.is_current_epoch(closed.policy_version):
            return
        row = scope.keep(self.offset, answer)
        if row is not None:
            self._changed.add(risk_state.answer_slot(self, number, row))
        if answer.audit and answer.first and scope.watch(answer):
            values = {"level": scope.statistic.level, "audits": float(scope.audits)}
            self._raise("errors", "audits are wrong more often than the target allows", [scope], values)

    def _ask_for_silent_partitions(self) -> None:
        silent = self.progress.fall_silent(self.now)
        if silent:
            names = ", ".join(map(str, silent))
            message = f"no evidence for {self.settings.silence_s:g} s from partition {names}; nothing is released"
            self._say("incomplete", message, {"partitions": float(len(silent))})

    def _release(self) -> None:
        before = self.releases.withdrawals.released
        refused = self.releases.release(self.progress.passed, self.now, self.hold_s)
        if refused:
            scopes = [self.scopes[number] for number in refused]
            values = {"found": float(sum(scope.ledger.current.found for scope in scopes))}
            self._raise("ledger", "the ledger does not allow the release: too many audits were wrong", scopes, values)
        elif self.releases.withdrawals.released > before:
            turned = [scope.turn_chapter(self.offset, self.now) for scope in self.scopes]
            self._version_is_due = self._version_is_due or any(turned)

    def _raise(
        self, kind: AlarmKind, message: str, scopes: Iterable[RiskScope], values: Mapping[str, float] | None = None
    ) -> None:
        """An alarm that ends the epoch: take back what is not released, close the gates of `scopes`."""
        self._say(kind, message, values or {})
        self.releases.withdraw(self.versions.current)
        for scope in scopes:
            scope.begin_epoch(self.offset)
        self.epoch += 1
        self.unattended += 1
        self.halted = self.halted or self.unattended > self.settings.max_epochs
        self._version_is_due = True

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
        policy = self._policy()
        certificate = self._certificate()
        return [*self._alarms, *(said for said in (policy, certificate) if said is not None)]

    def _policy(self) -> Policy | None:
        since = SinceLook(
            answers=self.answers_since_look,
            records=self.records_since_look,
            seconds=self.now - self.looked_at,
            version_age_s=self.now - self.versions.since,
            hold_s=self.hold_s,
        )
        looks = self.settings.cadence.look_is_due(since)
        if looks:
            self._look()
        if looks or self._version_is_due:
            wanted = rules(self.scopes, self.epoch, self.now, halted=self.halted)
            changed = self._version_is_due or wanted != self.versions.rules
            if changed or self.settings.cadence.version_is_due(since, changed=changed):
                self._version_is_due = False
                self.versions.issue(self.offset, wanted, self.now)
                self.releases.open(self.offset, self.now)
                return self.policy()
        if abs(self.now - self.versions.said_at) >= self.settings.renew_s:
            self.versions.said_at = self.now
            return self.policy()
        return None

    def _look(self) -> None:
        self.answers_since_look = self.records_since_look = 0
        self.looked_at = self.now
        self.hold_s = self.times.hold_s()
        for scope in self.scopes:
            scope.look_again()

    def policy(self) -> Policy | None:
        """The policy in force, as said last; None before any evidence."""
        if self.versions.rules is None:
            return None
        fixed = {
            "target": self.settings.target,
            "confidence": self.task.target.confidence,
            "salt_id": self.salt_id,
        }
        said_at, valid_s = self.versions.said_at, self.settings.valid_s
        return self.versions.rules.policy(self.versions.current, said_at, valid_s, fixed)

    def _certificate(self) -> Certificate | None:
        in_force = self.versions.rules
        claim = Claim(
            epoch=self.epoch,
            released=self.releases.withdrawals.released,
            withdrawn=self.releases.withdrawals.ranges,
            labels=sum(scope.ledger.released for scope in self.scopes),
            wrong_at_most=sum(scope.ledger.bound for scope in self.scopes),
            state=in_force.state if in_force else "cold",
        )
        if not claim.differs_from(self.claim):
            return None
        self.claim = claim
        return claim.certificate(self.offset, self.now, self.settings.target, self.task.target.confidence)

    def figures(self) -> dict[str, dict[str, Any]]:
        """Numbers for the metric families `flow` and `gate`."""
        return {"flow": {**self.flow.figures(), "offset": self.offset}, "gate": gate_figures(self)}

    def changed_slots(self) -> list[int]:
        """Slots that the last event changed."""
        return sorted(self._changed)

    def slot(self, number: int) -> Any:
        """One slot as plain JSON."""
        return risk_state.slot(self, number)

    def snapshot_head(self) -> dict[str, Any]:
        """Everything but the slots, as plain JSON."""
        return risk_state.head(self)

    def snapshot(self) -> dict[str, Any]:
        """Head and all slots in use."""
        return {"head": self.snapshot_head(), "slots": {str(n): self.slot(n) for n in risk_state.used_slots(self)}}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from a snapshot of the same task; its slots may be ahead of its head.

        Raises ValueError when slots that the head needs were overwritten.
        """
        risk_state.restore(self, snapshot["head"], {int(n): value for n, value in snapshot["slots"].items()})


def _request_and_mark(closed: Closed) -> tuple[str, Mark]:
    request, _, reopened = closed.request_id.partition("#")
    return request, Mark(int(reopened) if reopened.isdigit() else 0, closed.revision)


def _answer(closed: Closed, request: str, mark: Mark, audit: Audit | None) -> Answer:
    assert closed.predicted is not None
    assert closed.top_probability is not None
    unanswered = audit is not None and not any(state.closing in {"right", "wrong"} for state in audit.states)
    return Answer(
        request=request,
        mark=mark,
        label=closed.predicted,
        top_probability=closed.top_probability,
        propensity=closed.propensity,
        wrong=closed.closing == "wrong",
        audit=closed.look in {"extra", "ledger"},
        first=mark == Mark(0, 1) or unanswered,
    )

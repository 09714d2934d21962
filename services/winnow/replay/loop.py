"""The closed loop over a file: score, decide, let people answer, learn, and hold the error.

The same core as the services, in lock-step: one record is one transaction of a scorer, and the model
and the policy that are due are adopted before the next record.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from winnow.core.decision import Case, decide, tossed, votes_cast
from winnow.core.models import ModelInput, by_coin
from winnow.core.risk import RecordCadence, RiskMonitor, RiskSettings, Statement
from winnow.core.sampling import PartitionBudget, TaskBudget, decide_within
from winnow.replay.conditions import Conditions
from winnow.replay.held_labels import Held, HeldLabels
from winnow.replay.machine import Machine
from winnow.replay.people import People, Request
from winnow.replay.search_beside import SearchBeside
from winnow.replay.stream import Line, TrueRecord, clock
from winnow.replay.watching import Decided, Watcher
from winnow.scorer.tally import DecidedBy, Tally
from winnow_schemas.base import NO_POLICY, Reason
from winnow_schemas.certificates import Certificate
from winnow_schemas.decisions import Decision
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.evidence import Closed, Closing, Counts
from winnow_schemas.policies import Policy
from winnow_schemas.records import Record
from winnow_schemas.task import Task

STREAM = "replay00"
PARTITION = 0
SALT_ID = "replay"
_CENTURY_S = 100 * 365.0 * 86_400.0
_TURNS_TO_END = 8
_LOOK_EVERY = RecordCadence().records


def replay_settings(task: Task) -> RiskSettings:
    """Policies come by records; nobody is away, so none grows stale and no partition falls silent."""
    return replace(RiskSettings.of_replay(task), valid_s=_CENTURY_S, renew_s=_CENTURY_S, silence_s=_CENTURY_S)


class Replay:
    """One run over one file. Deterministic: the same lines, task and conditions, the same events."""

    def __init__(self, task: Task, conditions: Conditions, watchers: Sequence[Watcher]) -> None:
        self.task = task
        self.machine = Machine(task)
        self.search = SearchBeside(task) if task.model.search else None
        self.settings = replay_settings(task)
        self.monitor = RiskMonitor(task, SALT_ID, 1, self.settings)
        self.held = HeldLabels()
        self._salt = conditions.salt
        self._seeded = conditions.seeded
        self._watchers = watchers
        self._people = People(conditions, task.labels)
        self._clock = clock(conditions.clock)
        self._budget = PartitionBudget(TaskBudget(task)) if task.budget else None
        self._tally = Tally(STREAM, heartbeat_s=_CENTURY_S)
        self._tally.start({PARTITION: 0})
        self._policy: Policy | None = None
        self._evidence = -1
        self._recalled_open = 0
        self._offset = 0
        self._now = 0.0

    def run(self, lines: Iterable[Line]) -> None:
        """From the first line until the last answer is in and the last label is settled."""
        for line in self._stream(lines):
            now = self._clock(line)
            if self._policy is None:
                self._say(now)
            self._answers(now)
            self._offset, self._now = line.offset, now
            if isinstance(line, TrueRecord):
                self._decide(line)
            else:
                self._tally.died(PARTITION, line.offset)
                for watcher in self._watchers:
                    watcher.died(line.offset)
            self._say(now)
        self._end()

    def _stream(self, lines: Iterable[Line]) -> Iterator[Line]:
        """All but those that only teach."""
        left = self._seeded
        for line in lines:
            if left and isinstance(line, TrueRecord):
                left -= 1
                self._teach(self.machine.read(line.record, line.function_votes), line.label, "seed", None)
            else:
                yield line

    def _decide(self, line: TrueRecord) -> None:
        values = self.machine.read(line.record, line.function_votes)
        case = Case(
            decision_id=f"{STREAM}/{PARTITION}/{line.offset}",
            scored=self.machine.score(values),
            coins=tossed(self._salt, STREAM, PARTITION, line.offset),
        )
        decision = self._decision(case, line.record)
        decided = Decided(line.offset, line.record.get("id"), decision, line.label)
        self._tally.decided(PARTITION, line.offset, decision)
        for watcher in self._watchers:
            watcher.decided(decided)
        if decision.outcome == "auto":
            self.held.hold(Held(decided, values))
        elif decision.outcome == "review":
            self._people.ask(decided, decision.reason, values, self._now)

    def _decision(self, case: Case, record: Record) -> Decision:
        if self._budget is None:
            return decide(case, self._policy, self.task.confidence, self._now)
        return decide_within(self._budget, case, record, self._policy, self._now).decision

    def _answers(self, now: float) -> None:
        while due := self._people.due(now):
            self._now, request = due
            self._close(request)

    def _close(self, request: Request) -> None:
        self._recalled_open -= request.reason == "recalled"
        if request.answer is None:
            for watcher in self._watchers:
                watcher.unanswered(request.decided)
        else:
            self._teach(request.values, request.answer, request.reason, request.decided.decision)
        self._hear(closed(request, self._now))

    def _teach(self, values: ModelInput, label: str, reason: Reason, decision: Decision | None) -> None:
        self.machine.learn(values, label, by_coin(decision, reason))
        if self.search:
            self.search.learn(values, label, reason, decision)

    def _say(self, now: float) -> None:
        self._now = now
        version = self._policy.version if self._policy else NO_POLICY
        for counts in self._tally.say(DecidedBy(version, self.machine.version, 0), now, self.machine.pooling):
            self._hear(counts)

    def _hear(self, evidence: Counts | Closed) -> None:
        self._evidence += 1
        for statement in self.monitor.on_evidence(self._evidence, evidence):
            self._adopt(statement)

    def _adopt(self, statement: Statement) -> None:
        if isinstance(statement, Policy):
            self._policy = statement
            for watcher in self._watchers:
                watcher.issued(statement, self._offset)
        elif isinstance(statement, DriftAlarm):
            for watcher in self._watchers:
                watcher.alarmed(statement, self._offset)
        else:
            self._settle(statement)

    def _settle(self, certificate: Certificate) -> None:
        for held, released in self.held.settle(certificate):
            if released:
                for watcher in self._watchers:
                    watcher.released(held.decided)
            else:
                self._recall(held)
        for watcher in self._watchers:
            watcher.certified(certificate, self._offset)

    def _recall(self, held: Held) -> None:
        put_back = self._recalled_open < self.task.review.recall_max_open
        if put_back:
            self._recalled_open += 1
            self._people.ask(held.decided, "recalled", held.values, self._now)
        for watcher in self._watchers:
            watcher.recalled(held.decided, put_back=put_back)

    def _end(self) -> None:
        """After the last record only time passes: empty offsets end the cohorts that still wait."""
        after = self._offset
        for _ in range(_TURNS_TO_END):
            while (last := self._people.last_due) is not None:
                self._answers(last)
            if not self.held:
                return
            after += _LOOK_EVERY
            self._tally.died(PARTITION, after)
            self._say(self._now + self.settings.hold_max_s)


def closed(request: Request, now: float) -> Closed:
    """The evidence of a request that ends now."""
    decision = request.decided.decision
    return Closed(
        request_id=decision.decision_id,
        closing=_closing(request),
        revision=1,
        reason=request.reason,
        look=decision.look,
        predicted=decision.label,
        top_probability=decision.top_probability,
        propensity=decision.propensity,
        audit_rate=decision.audit_rate,
        ledger_rate=decision.ledger_rate,
        policy_version=decision.policy_version,
        model_version=decision.model_version,
        epoch=decision.epoch,
        votes=votes_cast(decision),
        decided_at=decision.decided_at,
        at=datetime.fromtimestamp(now, UTC),
    )


def _closing(request: Request) -> Closing:
    if request.answer is None:
        return "expired"
    return "right" if request.decided.decision.label == request.answer else "wrong"

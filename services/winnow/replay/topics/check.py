"""Reads a whole run from its topics and makes everything again: the one door to this package.

What is read later was written later: tellings before records, records before verdicts, what the monitor
said before the evidence for it. So a run that still goes on may be checked too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from winnow.core.risk import RiskMonitor
from winnow.replay.topics.budget_chain import BudgetChain
from winnow.replay.topics.dead_letter_check import DeadLetterCheck
from winnow.replay.topics.decision_check import DecisionCheck, Grounds
from winnow.replay.topics.findings import Findings
from winnow.replay.topics.gathered import Gathered
from winnow.replay.topics.models import Models, VerdictFold
from winnow.replay.topics.policy_book import PolicyBook
from winnow.replay.topics.recorded import TELLING, position_of, recorded
from winnow.replay.topics.reigns import Reigns
from winnow.replay.topics.remake import Remaker
from winnow.replay.topics.standing_versions import StandingVersions, read_standing
from winnow.replay.topics.statement_check import STATEMENTS, StatementCheck, Statements
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming
from winnow.runtime.model_keys import ModelKeys
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.task import Task
from winnow_schemas.topics import TopicName, Topics

OTHER_STREAM = "it is about a records topic that was made anew since"


class Source(Protocol):
    """The topics of one deployment, as they are now."""

    def read(self, topic: TopicName) -> Iterator[Incoming]:
        """All of it, from the oldest message kept to the end as it is now; in order per partition."""
        ...

    def first_offset(self, topic: TopicName) -> int:
        """The oldest offset that its first partition still has."""
        ...


class Watch(Protocol):
    """Hears how far things are."""

    def __call__(self, done: int, of: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Run:
    """Whose decisions: the task as it was, the salt, the keys of its models (None: they are not read),
    which incarnation of `records`, and how many partitions that has.
    """

    task: Task
    topics: Topics
    stream: str
    partitions: int
    salt: str
    salt_id: str
    keys: ModelKeys | None


class TopicsCheck:
    """One check. `kept` differences of each kind are kept to be shown."""

    def __init__(self, run: Run, source: Source, kept: int) -> None:
        self._run = run
        self._source = source
        self._findings = Findings.keeping(kept)
        self._book = PolicyBook()

    def check(self, watch: Watch) -> Findings:
        """Everything; raises `UsageError` when salt, keys or task cannot be those of the run."""
        with Gathered() as gathered:
            erased = self._gather(gathered)
            statements = self._read_statements(gathered)
            gathered.sort()
            self._check_statements(gathered, statements)
            DeadLetterCheck(gathered, self._findings).run()
            self._check_decisions(gathered, watch, verdicts_were_erased=erased)
            self._findings.records = gathered.records()
            self._findings.without_decision = gathered.records_without_decision()
        return self._findings

    def _gather(self, gathered: Gathered) -> bool:
        """Lay down tellings and records; whether verdicts were erased."""
        erased = False
        for topic in TELLING:
            for message in self._source.read(topic):
                erased |= topic == "verdicts" and message.value is None
                self._hear(gathered, topic, message)
        for message in self._source.read("dead-letters"):
            self._hear_of_death(gathered, message)
        for message in self._source.read("records"):
            gathered.record(message.partition, message.offset, message.value)
        return erased

    def _hear(self, gathered: Gathered, topic: TopicName, message: Incoming) -> None:
        if message.value is None:
            return
        try:
            said = recorded(topic, message.value)
        except InvalidMessage:
            self._findings.unreadable += topic != "verdicts"  # there they become dead letters of the learner
            return
        position = position_of(said.decision_id) if said else None
        if said is None or position is None:
            return
        if position.stream == self._run.stream:
            gathered.tell(position, said, topic, message.value)
        elif said.is_first:
            self._findings.not_recomputable[OTHER_STREAM] += 1

    def _hear_of_death(self, gathered: Gathered, message: Incoming) -> None:
        if message.value is None:
            return
        try:
            source = decode(DeadLetter, message.value).source
        except InvalidMessage:
            self._findings.unreadable += 1
            return
        if source.topic == self._run.topics["records"]:
            gathered.die(source.partition, source.offset, message.value)

    def _read_statements(self, gathered: Gathered) -> Statements:
        statements = Statements(gathered, self._book)
        for topic in STATEMENTS:
            for message in self._source.read(topic):
                try:
                    statements.hear(topic, message)
                except InvalidMessage:
                    self._findings.unreadable += 1
        if foreign := self._book.salt_ids() - {self._run.salt_id}:
            raise UsageError(
                f"the policies were made for the salt {', '.join(sorted(foreign))}, the one given is "
                f"{self._run.salt_id}: give the run's own salt (WINNOW_SECRETS__SALT_FILE)"
            )
        return statements

    def _check_statements(self, gathered: Gathered, statements: Statements) -> None:
        first = self._source.first_offset("evidence")
        if not statements.is_a_monitors:
            self._findings.statements_left_out = "no monitor has issued a policy"
        elif first:
            self._findings.statements_left_out = f"evidence begins at {first}: retention has eaten its beginning"
        else:
            risk = RiskMonitor(self._run.task, self._run.salt_id, self._run.partitions)
            evidence = self._source.read("evidence")
            StatementCheck(gathered, statements, self._book, self._findings).run(risk, evidence)
            self._book.is_complete = True

    def _check_decisions(self, gathered: Gathered, watch: Watch, *, verdicts_were_erased: bool) -> None:
        task, stream = self._run.task, self._run.stream
        chain, reigns = BudgetChain(task, stream, gathered) if task.budget else None, Reigns()
        for evidence in self._source.read("evidence"):
            for listener in (reigns, chain) if chain else (reigns,):
                listener.hear(evidence)
        fold = VerdictFold(self._run.task, self._source.read("verdicts"))
        grounds = Grounds(
            records=self._run.topics["records"],
            stream=self._run.stream,
            gathered=gathered,
            book=self._book,
            models=Models(self._standing(), fold),
            verdicts_were_erased=verdicts_were_erased,
            chain=chain,
            reigns=reigns,
        )
        decisions = gathered.decisions()
        check = DecisionCheck(grounds, Remaker(self._run.task, self._run.salt), self._findings)
        for done, _ in enumerate(check.run(), start=1):
            watch(done, decisions)
        self._findings.verdicts = fold.read

    def _standing(self) -> StandingVersions | None:
        task, keys = self._run.task, self._run.keys
        return StandingVersions(task, read_standing(task, keys, self._source.read("models"))) if keys else None

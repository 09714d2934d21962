"""Whether the evidence makes everything again that the monitor said: policies, certificates and alarms.

The monitor is a pure fold of `evidence`, and each of its messages names the evidence that caused it. So the
evidence is folded once more: what stands on the topics must come out again, word for word, and each version
of a policy that comes out must stand, because decisions name it. Other messages may be compacted away.
"""

from collections.abc import Iterable
from datetime import timedelta

from winnow.core.risk import RiskMonitor
from winnow.core.risk import Statement as Said
from winnow.replay.topics.comparison import Deviation, compare
from winnow.replay.topics.findings import Difference, Findings
from winnow.replay.topics.gathered import Gathered, Statement
from winnow.replay.topics.policy_book import PolicyBook
from winnow.runtime.messages import Incoming
from winnow_schemas.certificates import Certificate
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.evidence import Evidence
from winnow_schemas.policies import Policy
from winnow_schemas.topics import TopicName

STATEMENTS: tuple[TopicName, ...] = ("policies", "certificates", "drift-alarms")
UNKNOWN_CAUSE = -1
_CAUSE = "evidence-offset"
_CURRENT = "current"
_VERSIONS_KEPT = timedelta(days=80)
"""The monitor keeps them for 90 days of evidence; those close to the end are not missed."""


class Statements:
    """What stands on the topics of the monitor. `last` is the newest cause on each."""

    def __init__(self, gathered: Gathered, book: PolicyBook) -> None:
        self._gathered = gathered
        self._book = book
        self._next_policy = 0
        self.last: dict[TopicName, int] = dict.fromkeys(STATEMENTS, UNKNOWN_CAUSE)
        self.newest: Policy | None = None

    @property
    def is_a_monitors(self) -> bool:
        """Whether any policy names its cause, as a monitor's do."""
        return self.last["policies"] != UNKNOWN_CAUSE

    def hear(self, topic: TopicName, message: Incoming) -> None:
        """One message of such a topic; raises `InvalidMessage`."""
        if topic == "policies":
            self._book.has_gaps |= message.offset != self._next_policy
            self._next_policy = message.offset + 1
        if message.value is None:
            return
        cause = _cause(message)
        self._gathered.say(Statement(topic, self._name(topic, message), cause), message.value)
        self.last[topic] = max(self.last[topic], cause)

    def _name(self, topic: TopicName, message: Incoming) -> str:
        assert message.value is not None
        if topic == "policies":
            self.newest = decode(Policy, message.value)
            self._book.add(self.newest)
            return (message.key or b"").decode(errors="replace")
        return decode(DriftAlarm, message.value).kind if topic == "drift-alarms" else "certificate"


def _cause(message: Incoming) -> int:
    value = dict(message.headers).get(_CAUSE) or b""
    return int(value) if value.isdigit() else UNKNOWN_CAUSE


class StatementCheck:
    """Folds evidence from its very beginning, and compares. What comes out fills the gaps in the book."""

    def __init__(self, gathered: Gathered, statements: Statements, book: PolicyBook, findings: Findings) -> None:
        self._gathered = gathered
        self._statements = statements
        self._book = book
        self._findings = findings

    def run(self, risk: RiskMonitor, evidence: Iterable[Incoming]) -> None:
        """All of it. What is newer than the newest message on a topic, the monitor has not said yet."""
        for message in evidence:
            try:
                heard: Evidence = decode(Evidence, message.value or b"")  # type: ignore[arg-type]
            except InvalidMessage:
                continue
            for said in risk.on_evidence(message.offset, heard):
                self._check(message.offset, said)
        for left in self._gathered.left_said():
            self._findings.told[left.topic] += 1
            deviation = Deviation("all of it", "stands on the topic", "the evidence does not make it")
            self._findings.statements.differs(Difference(_words(left), left.topic, (deviation,)))

    def _check(self, cause: int, said: Said) -> None:
        if isinstance(said, Policy):
            self._check_policy(cause, said)
        elif isinstance(said, Certificate):
            self._compare(Statement("certificates", "certificate", cause), said)
        else:
            self._compare(Statement("drift-alarms", said.kind, cause), said)

    def _check_policy(self, cause: int, policy: Policy) -> None:
        if cause > self._statements.last["policies"]:
            return
        self._book.add(policy)
        self._compare(Statement("policies", _CURRENT, cause), policy)
        if policy.version != cause:
            return
        version = Statement("policies", f"version/{cause}", cause)
        if not self._compare(version, policy) and self._is_kept(policy):
            deviation = Deviation("all of it", "does not stand on the topic", "the evidence makes it")
            self._findings.statements.differs(Difference(_words(version), "policies", (deviation,)))

    def _is_kept(self, policy: Policy) -> bool:
        newest = self._statements.newest
        return newest is None or newest.at - policy.at < _VERSIONS_KEPT

    def _compare(self, statement: Statement, said: Said) -> bool:
        """Whether it stands on its topic at all."""
        standing = self._gathered.take_said(statement)
        for value in standing:
            self._findings.told[statement.topic] += 1
            recorded = decode(type(said), value).model_dump()
            comparison = compare(recorded, said.model_dump())
            if comparison.deviations:
                self._findings.statements.differs(Difference(_words(statement), statement.topic, comparison.deviations))
            else:
                self._findings.statements.is_equal(exact=comparison.exact)
        return bool(standing)


def _words(statement: Statement) -> str:
    cause = "without a cause" if statement.cause == UNKNOWN_CAUSE else f"caused by evidence {statement.cause}"
    return f"{statement.name}, {cause}"

"""What the monitor has published already, so that a restart does not publish it again.

After a kill the evidence since the last writing of the state is folded once more and brings about the
same policies, certificates and alarms. Each message carries the evidence offset that caused it (a
renewed policy keeps its version, but has an offset of its own); what is at or below the last one
published in its topic is passed over.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import Self

from winnow.runtime.messages import Incoming, Outgoing
from winnow_schemas.certificates import Certificate
from winnow_schemas.codec import decode, encode
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.policies import Policy
from winnow_schemas.topics import TopicName, Topics

CAUSE = "evidence-offset"
"""Header of everything the monitor issues."""

CURRENT = b"current"
VERSIONS_KEPT = timedelta(days=90)
_VERSION = b"version/"

Issued = Policy | Certificate | DriftAlarm
TOPICS: tuple[TopicName, ...] = ("policies", "certificates", "drift-alarms")


class Published:
    """How far each topic has come, and which versions of policies are kept in theirs."""

    def __init__(self, task: str, topics: Topics) -> None:
        self._task = task.encode()
        self._topics = topics
        self._causes = dict.fromkeys(TOPICS, -1)
        self._alarm_kinds: frozenset[str] = frozenset()
        self._versions: dict[int, datetime] = {}

    def copy(self) -> Self:
        """One that goes on by itself."""
        other = copy(self)
        other._causes, other._versions = dict(self._causes), dict(self._versions)  # noqa: SLF001 - its own kind
        return other

    def read(self, messages: Iterable[Incoming]) -> None:
        """Take in what stands in the three topics, in their order; raises `InvalidMessage`."""
        for message in messages:
            if message.topic == self._topics["policies"]:
                self._read_policy(message)
            elif message.value is not None and message.topic == self._topics["certificates"]:
                certificate = decode(Certificate, message.value)
                self._causes["certificates"] = _cause(message, certificate.version)
            elif message.value is not None:
                alarm = decode(DriftAlarm, message.value)
                self._note_alarm(_cause(message, alarm.version), alarm.kind)

    def news(self, cause: int, issued: Sequence[Issued]) -> Iterator[Outgoing]:
        """Messages for what the evidence at `cause` brought about, without what is out already.

        Of several policies or certificates of one cause the last one counts.
        """
        for alarm in (each for each in issued if isinstance(each, DriftAlarm)):
            yield from self._alarm(cause, alarm)
        for policy in [each for each in issued if isinstance(each, Policy)][-1:]:
            yield from self._policy(cause, policy)
        for certificate in [each for each in issued if isinstance(each, Certificate)][-1:]:
            yield from self._certificate(cause, certificate)

    def _read_policy(self, message: Incoming) -> None:
        key = message.key or b""
        if message.value is None:
            if key.startswith(_VERSION):
                self._versions.pop(int(key.removeprefix(_VERSION)), None)
            return
        policy = decode(Policy, message.value)
        if key == CURRENT:
            self._causes["policies"] = _cause(message, policy.version)
        else:
            self._versions[policy.version] = policy.at

    def _policy(self, cause: int, policy: Policy) -> Iterator[Outgoing]:
        if cause <= self._causes["policies"]:
            return
        self._causes["policies"] = cause
        value = encode(policy)
        if policy.version not in self._versions:
            self._versions[policy.version] = policy.at
            yield self._message("policies", cause, _version_key(policy.version), value)
            yield from self._outlived(cause, policy.at)
        yield self._message("policies", cause, CURRENT, value)

    def _outlived(self, cause: int, now: datetime) -> Iterator[Outgoing]:
        for version in [number for number, at in self._versions.items() if now - at > VERSIONS_KEPT]:
            del self._versions[version]
            yield self._message("policies", cause, _version_key(version), None)

    def _certificate(self, cause: int, certificate: Certificate) -> Iterator[Outgoing]:
        if cause > self._causes["certificates"]:
            self._causes["certificates"] = cause
            yield self._message("certificates", cause, self._task, encode(certificate))

    def _alarm(self, cause: int, alarm: DriftAlarm) -> Iterator[Outgoing]:
        last = self._causes["drift-alarms"]
        if cause > last or (cause == last and alarm.kind not in self._alarm_kinds):
            self._note_alarm(cause, alarm.kind)
            yield self._message("drift-alarms", cause, self._task, encode(alarm))

    def _note_alarm(self, cause: int, kind: str) -> None:
        same = cause == self._causes["drift-alarms"]
        self._alarm_kinds = self._alarm_kinds | {kind} if same else frozenset({kind})
        self._causes["drift-alarms"] = cause

    def _message(self, topic: TopicName, cause: int, key: bytes, value: bytes | None) -> Outgoing:
        return Outgoing(self._topics[topic], value, key, headers=((CAUSE, b"%d" % cause),))


def _cause(message: Incoming, otherwise: int) -> int:
    value = dict(message.headers).get(CAUSE)
    return int(value) if value else otherwise


def _version_key(version: int) -> bytes:
    return _VERSION + b"%d" % version

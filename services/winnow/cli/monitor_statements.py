"""What the monitor has said: policies, certificates and alarms, read from their topics as they come."""

import time
from collections.abc import Callable, Iterable
from typing import Self

from winnow.cli.topic_reader import TopicReader
from winnow.runtime.messages import Incoming
from winnow.runtime.settings import Settings
from winnow_schemas.certificates import Certificate
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.policies import Policy
from winnow_schemas.topics import Topics

CURRENT = b"current"
LOOK_S = 0.2


class Statements:
    """Pure fold of the three topics: newest policy and certificate, all alarms, the epoch of each policy version.

    `openings` are the policies with which the machine began to label, as far as they were not compacted away.
    """

    def __init__(self, topics: Topics) -> None:
        self._policies, self._certificates = topics["policies"], topics["certificates"]
        self.policy: Policy | None = None
        self.certificate: Certificate | None = None
        self.alarms: list[DriftAlarm] = []
        self.openings: list[Policy] = []
        self.epochs: dict[int, int] = {}

    def take(self, messages: Iterable[Incoming]) -> None:
        """Fold in what was read; what breaks its contract is passed over."""
        for message in messages:
            if message.value is not None:
                try:
                    self._take(message, message.value)
                except InvalidMessage:
                    continue

    def _take(self, message: Incoming, value: bytes) -> None:
        if message.topic == self._policies:
            policy = decode(Policy, value)
            self.epochs[policy.version] = policy.epoch
            if message.key == CURRENT:
                if policy.thresholds and not (self.policy and self.policy.thresholds):
                    self.openings.append(policy)
                self.policy = policy
        elif message.topic == self._certificates:
            self.certificate = decode(Certificate, value)
        else:
            self.alarms.append(decode(DriftAlarm, value))


class StatementsFeed:
    """The fold of everything from the beginning; a context manager."""

    def __init__(self, settings: Settings) -> None:
        topics = settings.topics
        names = (topics["policies"], topics["certificates"], topics["drift-alarms"])
        self._reader = TopicReader(settings, names, "beginning")
        self.said = Statements(topics)

    def __enter__(self) -> Self:
        self.said.take(self._reader.read_to_end())
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.__exit__()

    def poll(self, timeout_s: float = 0.0) -> None:
        """Take in what comes within the time."""
        self.said.take(self._reader.poll(timeout_s))

    def wait_until(self, holds: Callable[[Statements], bool], within_s: float) -> bool:
        """Follow the topics until this holds; False when the time is over before."""
        deadline = time.monotonic() + within_s
        while not holds(self.said):
            if time.monotonic() > deadline:
                return False
            self.poll(LOOK_S)
        return True

"""The monitor: its handler between committed evidence and what it publishes; Faust is tested elsewhere."""

from collections import Counter
from collections.abc import Callable

from confluent_kafka import Producer
from tests.lockstep.waiting import promptly

from winnow.core.risk import RiskMonitor
from winnow.monitor.handler import EvidenceHandler
from winnow.monitor.published import CURRENT, Published
from winnow.replay.loop import replay_settings
from winnow.runtime.follower import Follower
from winnow.runtime.messages import Incoming, Outgoing
from winnow.runtime.settings import Settings
from winnow_schemas.base import NO_POLICY
from winnow_schemas.codec import decode
from winnow_schemas.evidence import Closed, Counts, Evidence
from winnow_schemas.policies import Policy

_MOST_AHEAD = 250


class Monitoring:
    """`policy` is the version in force, `published` counts messages by topic (of policies, the versions).

    `heard` counts the evidence, `closed` the closings in it; `decided` is the next offset of `records`.
    """

    def __init__(self, settings: Settings) -> None:
        self._topics = settings.topics
        self._producer = Producer(settings.producer_config(None) | {"linger.ms": 0})
        self._follower = Follower(settings, [settings.topics["evidence"]])
        risk = RiskMonitor(settings.task, settings.salt_id, 1, replay_settings(settings.task))
        published = Published(settings.task.task, settings.topics)
        self._handler = EvidenceHandler(risk, published, settings.topics, _MOST_AHEAD)
        self.policy = NO_POLICY
        self.published: Counter[str] = Counter()
        self.heard = 0
        self.decided = 0
        self.closed = 0

    def fold_until(self, condition: Callable[[], bool], what: str) -> None:
        """Fold evidence as it comes."""

        def folded() -> bool:
            self.fold()
            return condition()

        promptly(folded, what)

    def fold(self) -> None:
        """Fold what evidence has come."""
        for message in self._follower.poll():
            self._fold(message)

    def _fold(self, message: Incoming) -> None:
        for outgoing in self._handler.handle(message, message.offset + 1):
            self._publish(outgoing)
        evidence: Counts | Closed = decode(Evidence, message.value or b"")
        self.heard += 1
        if isinstance(evidence, Counts):
            self.decided = evidence.end
        else:
            self.closed += 1

    def _publish(self, outgoing: Outgoing) -> None:
        self._producer.produce(outgoing.topic, outgoing.value, outgoing.key, headers=list(outgoing.headers))
        self._producer.poll(0)
        if outgoing.key == CURRENT:
            self.policy = decode(Policy, outgoing.value or b"").version
        else:
            self.published[outgoing.topic] += 1

    def close(self) -> None:
        """Close the connections."""
        self._follower.close()

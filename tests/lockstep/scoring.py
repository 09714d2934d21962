"""The scorer: its handler and its knowledge, in the real loop, one record a transaction."""

import time
from collections.abc import Callable

from confluent_kafka import Producer
from tests.lockstep.streams import message_of
from tests.lockstep.waiting import promptly
from tests.lockstep.worker import NEVER_S, Clock, Worker

from winnow.replay import Line
from winnow.replay.loop import STREAM
from winnow.runtime.follower import Follower
from winnow.runtime.metrics import MetricsWindow
from winnow.runtime.policy import LoopPolicy
from winnow.runtime.settings import Settings
from winnow.scorer.app import _knowledge
from winnow.scorer.figures import Figures
from winnow.scorer.handler import ScorerHandler
from winnow.scorer.knowledge import Versions
from winnow.scorer.settings import ScorerSettings

_POLICY = LoopPolicy(batch_size=1, max_wait_s=0.05, tick_s=0.5)


class Scoring:
    """Decides a record only when it is told to, by the versions it was told to wait for."""

    def __init__(self, settings: Settings, salt: str, clock: Clock) -> None:
        self._clock = clock
        self._topic = settings.topics["records"]
        self._producer = Producer(settings.producer_config(None) | {"linger.ms": 0})
        self._follower = Follower(settings, [settings.topics["models"], settings.topics["policies"]])
        self._knowledge = _knowledge(settings, self._follower)
        window = MetricsWindow("scorer", "scorer.0", settings.topics["metrics"], clock(), rates=("records",))
        about = ScorerSettings(settings.task, settings.topics, STREAM, salt, settings.salt_id, heartbeat_s=NEVER_S)
        handler = ScorerHandler(about, self._knowledge, Figures(window, time.perf_counter), lambda: None)
        self._worker = Worker(settings, [self._topic], "scorer", handler, _POLICY, clock)

    def begin(self, is_heard: Callable[[], bool]) -> None:
        """Join, and say that the partition is served: the first evidence."""
        self._worker.turn_until(is_heard, "the first evidence")

    def adopt(self, wanted: Versions) -> None:
        """Wait until these decide."""

        def adopted() -> bool:
            self._knowledge.follow(self._clock())
            return self._knowledge.versions == wanted

        promptly(adopted, f"the scorer knowing {wanted}")

    def decide(self, line: Line) -> None:
        """Send a record and have it decided."""
        key, value = message_of(line)
        self._producer.produce(self._topic, value, key, partition=0)
        self._producer.poll(0)
        self._worker.turn_until(lambda: self._worker.committed(self._topic) == line.offset + 1, f"record {line.offset}")

    def close(self) -> None:
        """Leave the group and close the connections."""
        self._worker.close()
        self._follower.close()

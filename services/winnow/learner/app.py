"""Wires the learner: verdicts to read, snapshots to resume from, transactions to publish in, health."""

import time

from winnow.learner.classroom import Room, classroom
from winnow.learner.figures import Figures
from winnow.learner.handler import LearnerHandler
from winnow.learner.lessons import Lessons
from winnow.learner.settings import LearnerSettings, learner_settings
from winnow.learner.verdict_reader import VerdictReader
from winnow.runtime.admin import require_topics
from winnow.runtime.follower import Follower
from winnow.runtime.health import HealthServer
from winnow.runtime.loop import LoopPolicy
from winnow.runtime.metrics import MetricsWindow
from winnow.runtime.process import stop_event
from winnow.runtime.settings import Settings
from winnow.runtime.transactions import Transactions

_POLICY = LoopPolicy()
_BROKER_WITHIN_S = 30.0
_MODELS_WITHIN_S = 60.0


def main(settings: Settings) -> int:
    """Run the learner until asked to stop. There is one: a second one fences the first."""
    about = learner_settings(settings)
    with HealthServer("learner", settings.http.host, settings.http_port("learner")) as health:
        require_topics(settings, _BROKER_WITHIN_S)
        transactions = Transactions(settings.producer_config(f"{settings.prefix}.learner"), _POLICY)
        transactions.open(stop_event())
        room = _room(settings, about)
        window = MetricsWindow("learner", "learner", settings.topics["metrics"], time.time())
        handler = LearnerHandler(about, room, Figures(window), time.perf_counter)
        with VerdictReader(settings, room.first_offset) as reader:
            Lessons(reader, handler, transactions, _POLICY, lambda: health.ready(True)).run(stop_event())
    return 0


def _room(settings: Settings, about: LearnerSettings) -> Room:
    """Read only once transactions are open: by then a predecessor can no longer publish."""
    with Follower(settings, [settings.topics["models"]]) as follower:
        return classroom(about, follower.read_to_end(_MODELS_WITHIN_S))

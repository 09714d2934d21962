"""Wires a scorer: topics to follow, the transactional loop, health."""

import time

from winnow.runtime.admin import require_topics
from winnow.runtime.errors import UsageError
from winnow.runtime.follower import Follower
from winnow.runtime.health import HealthServer
from winnow.runtime.loop import LoopPolicy, TransactionalLoop
from winnow.runtime.metrics import MetricsWindow
from winnow.runtime.model_keys import load_model_keys
from winnow.runtime.process import stop_event
from winnow.runtime.settings import Settings
from winnow.runtime.snapshot_slots import is_of_champion
from winnow.runtime.snapshots import SnapshotReader
from winnow.runtime.task_functions import task_functions
from winnow.scorer.champion import Champion
from winnow.scorer.figures import Figures
from winnow.scorer.functions import counted, no_functions
from winnow.scorer.handler import ScorerHandler
from winnow.scorer.knowledge import Knowledge
from winnow.scorer.settings import scorer_settings

_POLICY = LoopPolicy(batch_size=2000, max_wait_s=0.03, tick_s=0.2)
_BROKER_WITHIN_S = 30.0


def main(settings: Settings) -> int:
    """Run one scorer until asked to stop."""
    with HealthServer("scorer", settings.http.host, settings.http_port("scorer")) as health:
        require_topics(settings, _BROKER_WITHIN_S)
        topics = settings.topics
        with (
            Follower(settings, [topics["models"], topics["policies"]]) as follower,
            task_functions(settings, batches=True) as functions,
        ):
            knowledge = _knowledge(settings, follower)
            knowledge.catch_up()
            knowledge.follow(time.time())
            figures = Figures(_window(settings), time.perf_counter)
            asked = counted(functions, figures) if functions else no_functions
            handler = ScorerHandler(scorer_settings(settings), knowledge, figures, lambda: health.ready(True), asked)
            loop = TransactionalLoop(settings, [topics["records"]], "scorer", settings.slot, handler, _POLICY)
            loop.run(stop_event())
    return 0


def _knowledge(settings: Settings, follower: Follower) -> Knowledge:
    try:
        champion = Champion(settings.task)
    except ValueError as error:
        raise UsageError(f"{settings.task_file}: {error}") from None
    snapshots = SnapshotReader(settings.task.task, load_model_keys(settings), is_of_champion, champion.knows)
    return Knowledge(follower, snapshots, champion, settings.topics["policies"], settings.salt_id)


def _window(settings: Settings) -> MetricsWindow:
    source = f"scorer.{settings.slot}"
    return MetricsWindow("scorer", source, settings.topics["metrics"], time.time(), rates=("records",))

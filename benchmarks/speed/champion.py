"""A champion by the real way: verdicts seeded with `winnow seed`, learned and published by the learner.

What stands on `models` then is kept as it is and laid onto the topic of whoever is measured.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.waiting import eventually

from benchmarks.speed.broker import Cluster
from benchmarks.speed.clients import running
from benchmarks.speed.measuring import ClientFailed
from winnow.cli.settings_options import as_environment
from winnow.cli.topic_reader import TopicReader
from winnow.demo.free_port import free_port
from winnow.runtime import admin
from winnow.runtime.settings import Settings

Messages = list[tuple[bytes | None, bytes | None]]
LEARNER = ("-m", "winnow", "run", "learner")
_LEARNED_WITHIN_S = 300.0


def educated(cluster: Cluster, settings: Settings, labelled: Path, learner: Sequence[str]) -> Messages:
    """Keys and values of `models` once the learner has learned and published the whole file of labelled records.

    Raises `ClientFailed`.
    """
    admin.create_topics(settings)
    environment = {**as_environment(settings), "WINNOW_HTTP__PORT": str(free_port())}
    folder = cluster.folder / settings.prefix
    folder.mkdir()
    seed = [sys.executable, "-m", "winnow", "seed", str(labelled), "--test-share", "0", "--models", "none"]
    with running(seed, environment, folder, None) as seeding:
        if seeding.process.wait(_LEARNED_WITHIN_S):
            raise ClientFailed(f"winnow seed: {seeding.last_words()}")
    wanted = len(labelled.read_text(encoding="utf-8").splitlines())
    with running([sys.executable, *learner], environment, folder, None) as learning:

        def is_done() -> bool:
            if learning.has_ended():
                raise ClientFailed(f"the learner ended: {learning.last_words()}")
            return _learned(_models(settings)) >= wanted

        try:
            eventually(is_done, within_s=_LEARNED_WITHIN_S, what="the learner's having learned all verdicts")
        except AssertionError as late:
            raise ClientFailed(f"{late}; {learning.last_words()}") from None
    messages = _compacted(_models(settings))
    cluster.forget_topics(cluster.topics(f"{settings.prefix}."))
    return messages


def _models(settings: Settings) -> Messages:
    with TopicReader(settings, [settings.topics["models"]], "beginning") as reader:
        return [(message.key, message.value) for message in reader.read_to_end()]


def _compacted(messages: Messages) -> Messages:
    """The last of each key, in their order: whatever was replaced need not be read at each start."""
    newest = {key: place for place, (key, _) in enumerate(messages)}
    return [(key, value) for place, (key, value) in enumerate(messages) if newest[key] == place and value is not None]


def _learned(models: Messages) -> int:
    """Up to which verdict the newest published champion has learned."""
    return max((_learned_by(value) for key, value in models if value and _is_of_the_champion(key)), default=0)


def _is_of_the_champion(key: bytes | None) -> bool:
    return key == b"champion" or (key or b"").startswith(b"delta/")


def _learned_by(value: bytes) -> int:
    try:
        return int(json.loads(value)["verdict_offset"])
    except (ValueError, KeyError, TypeError):
        return 0

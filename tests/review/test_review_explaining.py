"""Review asks the newest whole champion, and unpickles nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.core.compiled.compiled_cases import task_of, taught, usual_records

from winnow.core.compiled import compile_model
from winnow.review.explaining import ChampionFollower, Explainer
from winnow.runtime.messages import Incoming
from winnow.runtime.model_keys import parse_model_keys
from winnow.runtime.model_state import ModelState
from winnow.runtime.snapshot_slots import CHAMPION
from winnow.runtime.snapshots import SnapshotReader, publish, seal_snapshot

TASK = task_of(input={"text": True})
KEYS = parse_model_keys("k1:" + "ab" * 32)


class Topic:
    """`models`, in memory."""

    def __init__(self) -> None:
        self.unread: list[Incoming] = []

    def write(self, model: Any, version: int, name: str = "text_logistic") -> None:
        compiled = compile_model(TASK, name, model, version)
        state = ModelState(CHAMPION, name, TASK.task, version, 1, 1, datetime(2026, 1, 1, tzinfo=UTC), compiled)
        self.publish(state.as_compiled(compiled.digest if compiled else ""))

    def publish(self, state: ModelState, keys: Any = KEYS) -> None:
        for message in publish("models", seal_snapshot(state, keys), None):
            self.unread.append(Incoming("models", 0, len(self.unread), message.key, message.value, 0.0))

    def poll(self) -> list[Incoming]:
        taken, self.unread = self.unread, []
        return taken

    def read_to_end(self, _timeout_s: float) -> list[Incoming]:
        return self.poll()


@pytest.fixture
def topic() -> Topic:
    return Topic()


def following(topic: Topic) -> tuple[Explainer, ChampionFollower]:
    explainer = Explainer(TASK)
    snapshots = SnapshotReader(TASK.task, KEYS, lambda slot: slot == CHAMPION)
    return explainer, ChampionFollower(topic, snapshots, explainer.take)


def test_the_newest_champion_is_asked(topic: Topic) -> None:
    explainer, follower = following(topic)
    assert explainer.why({"text": "prize ham"}, "ham") == []
    stream = list(usual_records(TASK, 60, seed=1))
    topic.write(taught(TASK, "text_logistic", stream), 5)
    follower.look()
    said = explainer.why({"text": "an election ham"}, "ham")
    assert {"word": "ham"}.items() <= said[0].items()
    assert said[0]["weight"] > 0

    swapped = [(record, "spam" if label == "ham" else "ham") for record, label in stream]
    topic.write(taught(TASK, "text_logistic", swapped), 6)
    follower.look()
    assert explainer.why({"text": "an election ham"}, "ham") == [], "it would not say so any more"


def test_a_pickled_champion_and_a_foreign_one_are_not_asked(topic: Topic) -> None:
    explainer, follower = following(topic)
    model = taught(TASK, "text_logistic", usual_records(TASK, 60, seed=1))
    topic.write(model, 5)
    follower.look()
    pickled = ModelState(CHAMPION, "mine", TASK.task, 6, 1, 1, datetime(2026, 1, 1, tzinfo=UTC), {"no": "model"})
    topic.publish(pickled, parse_model_keys("k2:" + "cd" * 32))
    follower.look()
    assert explainer.why({"text": "an election ham"}, "ham") != []
    topic.publish(pickled)
    follower.look()
    assert explainer.why({"text": "an election ham"}, "ham") == []

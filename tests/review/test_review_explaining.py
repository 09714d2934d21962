"""Review asks the newest whole champion, and unpickles nothing."""

from datetime import UTC, datetime
from math import log
from typing import Any

import pytest
from tests.core.compiled.compiled_cases import task_of, taught, usual_records

from winnow.core.compiled import compile_model
from winnow.core.models import RecordReader, build, learn, scores_of
from winnow.review.explaining import ChampionFollower, Explainer
from winnow.runtime.messages import Incoming
from winnow.runtime.model_keys import parse_model_keys
from winnow.runtime.model_state import ModelState
from winnow.runtime.snapshot_slots import CHAMPION
from winnow.runtime.snapshots import SnapshotReader, publish, seal_snapshot
from winnow_schemas.task import Task

TASK = task_of(input={"text": True})
LABELS = TASK.labels
KEYS = parse_model_keys("k1:" + "ab" * 32)


class Topic:
    """`models`, in memory."""

    def __init__(self) -> None:
        self.unread: list[Incoming] = []

    def write(self, model: Any, version: int, name: str = "text_logistic", task: Task = TASK) -> None:
        compiled = compile_model(task, name, model, version)
        state = ModelState(CHAMPION, name, task.task, version, 1, 1, datetime(2026, 1, 1, tzinfo=UTC), compiled)
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


def following(topic: Topic, task: Task = TASK) -> tuple[Explainer, ChampionFollower]:
    explainer = Explainer(task)
    snapshots = SnapshotReader(task.task, KEYS, lambda slot: slot == CHAMPION)
    return explainer, ChampionFollower(topic, snapshots, explainer.take)


def test_the_newest_champion_is_asked(topic: Topic) -> None:
    explainer, follower = following(topic)
    assert explainer.why({"text": "prize ham"}, "ham", None) == []
    stream = list(usual_records(TASK, 60, seed=1))
    topic.write(taught(TASK, "text_logistic", stream), 5)
    follower.look()
    said = explainer.why({"text": "an election ham"}, "ham", None)
    assert {"word": "ham"}.items() <= said[0].items()
    assert said[0]["weight"] > 0

    swapped = [(record, "spam" if label == "ham" else "ham") for record, label in stream]
    topic.write(taught(TASK, "text_logistic", swapped), 6)
    follower.look()
    assert explainer.why({"text": "an election ham"}, "ham", None) == [], "it would not say so any more"


def test_a_pickled_champion_and_a_foreign_one_are_not_asked(topic: Topic) -> None:
    explainer, follower = following(topic)
    model = taught(TASK, "text_logistic", usual_records(TASK, 60, seed=1))
    topic.write(model, 5)
    follower.look()
    pickled = ModelState(CHAMPION, "mine", TASK.task, 6, 1, 1, datetime(2026, 1, 1, tzinfo=UTC), {"no": "model"})
    topic.publish(pickled, parse_model_keys("k2:" + "cd" * 32))
    follower.look()
    assert explainer.why({"text": "an election ham"}, "ham", None) != []
    topic.publish(pickled)
    follower.look()
    assert explainer.why({"text": "an election ham"}, "ham", None) == []


def test_labelling_functions_say_what_they_said_to_the_scorer_whatever_is_taken_away(topic: Topic) -> None:
    task = task_of(input={"text": True}, labelling_functions={"file": "rules.py", "names": ["rule"]})
    explainer, follower = following(topic, task)
    model, reader = build(task, "committee"), RecordReader(task)
    for record, label in usual_records(task, 200, seed=1):
        learn(model, reader.read(record, {"rule": label}).values, label, None)
    topic.write(model, 5, "committee", task)
    follower.look()
    record = {"text": "win notes"}
    said = {label: scores_of(model, reader.read(record, {"rule": label}).values) for label in task.labels}
    assert all(said[label][label] > 0.5 for label in task.labels), "the function decides"
    for label in task.labels:
        votes = {"rule": label}
        without = scores_of(model, reader.read({"text": "win"}, votes).values)
        expected = log(said[label][label] / (1 - said[label][label])) - log(without[label] / (1 - without[label]))
        told = {each.get("word"): each["weight"] for each in explainer.why(record, label, votes)}
        assert told.get("notes", 0.0) == pytest.approx(expected, abs=0.051)
    assert [bool(explainer.why(record, label, {"rule": other})) for label, other in (LABELS, LABELS[::-1])] == [
        False
    ] * 2

"""A learner without a broker: verdicts go in, and what it would write comes out."""

import random
from datetime import UTC, datetime, timedelta

from winnow.core.models import build, river_input
from winnow.learner.classroom import classroom
from winnow.learner.figures import Figures
from winnow.learner.handler import LearnerHandler
from winnow.learner.settings import LearnerSettings
from winnow.runtime.messages import Incoming
from winnow.runtime.metrics import MetricsWindow
from winnow.runtime.model_keys import parse_model_keys
from winnow.runtime.snapshot_slots import ROOM_STATE, is_manifest
from winnow.runtime.snapshots import SnapshotReader
from winnow_schemas.codec import decode, encode
from winnow_schemas.task import Task
from winnow_schemas.topics import Topics
from winnow_schemas.verdicts import Verdict

NOW = 1_800_000_000.0
AT = datetime.fromtimestamp(NOW, UTC)
TOPICS = Topics("w")
KEYS = parse_model_keys("one:" + "11" * 32)


def task_of(champion="logistic", challengers=("hoeffding_tree",), **more):
    given_ = {
        "task": "sizes",
        "labels": ["small", "large"],
        "input": {"features": {"size": "number", "colour": "category"}},
        "model": {"champion": champion, "challengers": challengers},
    }
    return Task.model_validate({**given_, **more})


TASK = task_of()


def verdict(offset, **changes):
    chance = random.Random(offset)
    size = chance.gauss(0, 1)
    values = {
        "request_id": f"s/0/{offset}",
        "revision": 1,
        "record": {"id": f"r{offset}", "features": {"size": size, "colour": chance.choice(["red", "blue"])}},
        "label": "large" if size > 0 else "small",
        "reason": "uncertain",
        "propensity": 1.0,
        "answers": {"ann": "large"},
        "agreement": 1.0,
        "answered_at": AT - timedelta(seconds=1),
        "at": AT,
    }
    return Incoming(TOPICS["verdicts"], 0, offset, b"k", encode(Verdict(**{**values, **changes})), NOW)


class School:
    """A learner and the topic `models` it writes."""

    def __init__(self, task=TASK, models=()):
        self.task = task
        self.models = list(models)
        self.others = []
        self.start()

    def start(self):
        """As after a restart: nothing but what is in the topic is known."""
        about = LearnerSettings(self.task, TOPICS, KEYS)
        self.room = classroom(about, self.models)
        window = MetricsWindow("learner", "learner", TOPICS["metrics"], NOW)
        self.handler = LearnerHandler(about, self.room, Figures(window), lambda: 0.0)

    def learn(self, *messages, now=NOW):
        self.handler.learn(messages, now)
        return self

    def publish(self, now=NOW):
        """What is due, as one committed transaction after the other."""
        slots = []
        while issue := self.handler.due(now):
            outgoing = issue.messages()
            for message in outgoing:
                place = self.models if message.topic == TOPICS["models"] else self.others
                place.append(Incoming(message.topic, 0, len(place), message.key, message.value, now))
            self.handler.committed()
            written = [m for m in outgoing if m.topic == TOPICS["models"] and m.value is not None]
            slots += [m.key.decode() for m in written if is_manifest(m.key.decode())]
        return [slot for slot in slots if slot != ROOM_STATE]

    def snapshots(self, wanted=lambda slot: True):
        """All models that were published, one after the other."""
        reader = SnapshotReader("sizes", KEYS, lambda slot: slot != ROOM_STATE and wanted(slot))
        return [snapshot for message in self.models if (snapshot := reader.feed(message))]

    def newest(self, slot):
        """What was published last there."""
        return self.snapshots(lambda one: one == slot)[-1]

    def written(self, topic, contract):
        return [decode(contract, message.value) for message in self.others if message.topic == TOPICS[topic]]


def scores(model, task=TASK):
    return [
        model.predict_proba_one(river_input(task, decode(Verdict, verdict(o).value).record)) for o in range(1000, 1040)
    ]


def replayed(task, name, offsets):
    model = build(task, name)
    for offset in offsets:
        one = decode(Verdict, verdict(offset).value)
        model.learn_one(river_input(task, one.record), one.label)
    return model

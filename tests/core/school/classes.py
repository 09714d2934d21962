"""Classrooms of models that are easy to see through, and what to teach them."""

import random
from datetime import UTC, datetime

from winnow.core.models import TaskClassifier, build
from winnow.core.school import Classroom, KeptVersions, Reign, Student, TrialSet
from winnow_schemas.task import Task
from winnow_schemas.verdicts import ModelCommand, Verdict

AT = datetime(2026, 1, 1, tzinfo=UTC)
TASK = Task.model_validate(
    {
        "task": "sizes",
        "labels": ["small", "large"],
        "input": {"features": {"size": "number"}},
        "model": {"champion": "logistic", "challengers": ["gaussian_naive_bayes"]},
    }
)


class Repeats:
    """Says what stands in one field of its input, with a probability of 0.9, until it is spoiled."""

    def __init__(self, field):
        self.field = field

    def learn_one(self, x, y):
        """Learns only where to look, when it is told."""
        self.field = x.get("look at", self.field)

    def predict_proba_one(self, x):
        said = x.get(self.field, "small")
        return {label: 0.9 if label == said else 0.1 for label in TASK.labels}


def room_of(*fields, champion=None):
    """Models that repeat these fields; the first one is the champion."""
    students = [Student(field, TaskClassifier(Repeats(field), TASK.labels)) for field in fields]
    named = champion or fields[0]
    return Classroom(students, Reign(named, named, fields), KeptVersions(), TrialSet())


def rivers():
    """The models of the task."""
    names = (TASK.champion, *TASK.model.challengers)
    students = [Student(name, build(TASK, name)) for name in names]
    return Classroom(students, Reign(names[0], names[0], names), KeptVersions(), TrialSet())


def verdict(label, propensity=1.0, **more):
    fields = {"request_id": "s/0/1", "revision": 1, "record": {"text": "x"}, "label": label, "reason": "uncertain"}
    fields |= {"answers": {"ann": label}, "agreement": 1.0, "answered_at": AT, "at": AT, "propensity": propensity}
    return Verdict(**fields | more)


def command(action, **more):
    return ModelCommand(command_id="c", action=action, operator="duty-desk", at=AT, **more)


class Lesson:
    """Verdicts on which each field is right with a probability of its own."""

    def __init__(self, room, seed=0):
        self.room = room
        self.offset = room.offset
        self.chance = random.Random(seed)

    def teach(self, count, use=None, look_at=None, **right):
        """So many verdicts; `right` is the probability of each field to say the label."""
        for _ in range(count):
            label, other = self.chance.sample(TASK.labels, 2)
            values = {field: label if self.chance.random() < share else other for field, share in right.items()}
            if look_at:
                values["look at"] = look_at
            self.room.teach(self.offset, verdict(label, use=use), values)
            self.offset += 1
        return self

    def sizes(self, count):
        """Verdicts about a number."""
        for _ in range(count):
            size = random.Random(self.offset).gauss(0, 1)
            self.room.teach(self.offset, verdict("large" if size > 0 else "small"), {"size": size})
            self.offset += 1
        return self

    def command(self, action, **more):
        self.room.obey(self.offset, command(action, **more))
        self.offset += 1
        return self

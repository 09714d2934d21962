"""Small streams with a scripted model, and everything that a replay of them tells."""

import io
import json
from typing import NamedTuple

from winnow.replay import Conditions, DeadLine, Figures, Replay, TrueRecord
from winnow.replay.course import Course
from winnow.replay.decision_log import DecisionLog
from winnow_schemas.task import Task


class Said(NamedTuple):
    """What the model says of one record, how sure it is, and what is true."""

    says: str
    sure: float
    truth: str


RIGHT = Said("a", 0.95, "a")
WRONG = Said("a", 0.95, "b")
BROKEN = None


def task(
    target=0.1, *, model="python: tests.replay.scripted_model:build", per_label=False, target_confidence=0.95, **more
):
    return Task.model_validate(
        {
            "task": "story",
            "labels": ["a", "b"],
            "input": {"features": {"says": "category", "sure": "number"}},
            "target": {"error": target, "confidence": target_confidence, "per_label": per_label},
            "model": {"champion": model},
            **more,
        }
    )


def lines(story, first=0):
    """One line each; None is a line that is no record."""
    for offset, said in enumerate(story, start=first):
        if said is None:
            yield DeadLine(offset)
        else:
            features = {"says": said.says, "sure": said.sure}
            yield TrueRecord(offset, {"id": f"r{offset}", "features": features}, said.truth)


class Told:
    """One replay from beginning to end."""

    def __init__(self, story, of=None, conditions=None):
        self.story = list(story)
        self.task = of or task()
        self.figures = Figures(self.task.target.error, self.task.champion)
        self.course = Course(most=16)
        out = io.StringIO()
        log = DecisionLog(out)
        self.replay = Replay(self.task, conditions or Conditions(delay_s=20), [self.figures, self.course, log])
        self.replay.run(lines(self.story))
        log.close()
        self.decisions = [json.loads(line) for line in out.getvalue().splitlines()]
        self.values = self.figures.as_values(self.replay.monitor, seconds=1.0)

    @property
    def alarms(self):
        return [alarm["kind"] for alarm in self.values["alarms"]]

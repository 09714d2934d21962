"""What the learner needs to know, frozen at the start."""

from dataclasses import dataclass

from winnow.learner.publication import Pace
from winnow.runtime.model_keys import ModelKeys, load_model_keys
from winnow.runtime.settings import Settings
from winnow_schemas.task import Task
from winnow_schemas.topics import Topics


@dataclass(frozen=True, slots=True)
class LearnerSettings:
    """`champion_s` and `challenger_s`: the least time between two snapshots of a slot."""

    task: Task
    topics: Topics
    keys: ModelKeys
    champion_s: float = 0.4
    challenger_s: float = 10.0

    @property
    def champion_pace(self) -> Pace:
        """As the task says; what is left of a group goes out after the challengers' time."""
        return Pace(self.task.learn.every, self.champion_s, self.challenger_s)

    @property
    def challenger_pace(self) -> Pace:
        """Now and then: nobody waits for them."""
        return Pace(1, self.challenger_s, self.challenger_s)


def learner_settings(settings: Settings) -> LearnerSettings:
    """From the deployment's settings; raises `UsageError` when there is no key to sign with."""
    return LearnerSettings(settings.task, settings.topics, load_model_keys(settings))

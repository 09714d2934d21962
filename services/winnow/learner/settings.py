"""What the learner needs to know, frozen at the start."""

from dataclasses import dataclass

from winnow.learner.publication import Pace
from winnow.runtime.model_keys import ModelKeys, load_model_keys
from winnow.runtime.settings import Settings
from winnow.runtime.task_functions import task_with_functions
from winnow_schemas.task import Task
from winnow_schemas.topics import Topics


@dataclass(frozen=True, slots=True)
class LearnerSettings:
    """Times between publications: `champion_s` at least, of the champion; `whole_s` at most, of all of it;
    `state_s` of what a learner resumes from. `leftover_s` is how long an incomplete group of answers waits,
    `report_s` the least time between two reports on the models.
    """

    task: Task
    topics: Topics
    keys: ModelKeys
    champion_s: float = 0.4
    whole_s: float = 60.0
    state_s: float = 60.0
    leftover_s: float = 10.0
    report_s: float = 30.0

    @property
    def champion_pace(self) -> Pace:
        """As the task says."""
        every = self.task.learn.every
        return Pace(None if every == "by_hand" else every, self.champion_s, self.leftover_s)

    @property
    def state_pace(self) -> Pace:
        """Now and then: nobody waits for them."""
        return Pace(1, self.state_s, 0.0)


def learner_settings(settings: Settings) -> LearnerSettings:
    """From the deployment's settings; raises `UsageError` when there is no key to sign with."""
    return LearnerSettings(task_with_functions(settings), settings.topics, load_model_keys(settings))

"""The budget of a task, as scorers and replays go by it."""

from winnow.core.sampling.spending import START_SHARE, Terms
from winnow.core.sampling.teaching import Teaching
from winnow.core.sketch import Sketcher
from winnow_schemas.policies import Policy
from winnow_schemas.task import Task


class TaskBudget:
    """What is the same for all partitions. `sketcher` is None where no strategy compares records."""

    def __init__(self, task: Task) -> None:
        assert task.budget is not None
        self.input = task.input
        self.confidence = task.confidence
        self.teaching = Teaching(task)
        self.sketcher = Sketcher(task.input) if self.teaching.novelty or self.teaching.density else None
        self._share = task.budget.share or START_SHARE

    def terms(self, policy: Policy | None) -> Terms:
        """Those of a policy, or without one those of the task."""
        share = self._share if policy is None or policy.review_share is None else policy.review_share
        return Terms.of(share)

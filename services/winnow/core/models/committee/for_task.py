"""The committee of a task: all members that its records have something for."""

from typing import Any

from winnow.core.models.committee.committee import Committee
from winnow.core.models.committee.seats import EMBEDDING_MEMBERS, TABLE_MEMBERS, TEXT_MEMBERS, function_member
from winnow.core.models.committee.seeded_choice import seed_of
from winnow.core.models.task_classifier import TaskClassifier
from winnow.core.voting import PoolWeights, Votes
from winnow_schemas.task import Task

_USUAL_PER_HOUR = 0.1
"""Of a budget per hour nobody knows beforehand what share that is."""


class TaskCommittee(TaskClassifier):
    """A committee that speaks a task's labels, and passes on what its members say.

    `usual_chance` is that of being asked about below the threshold. The pool's steps are made for verdicts of weight 1:
    where only a tenth is asked about, one that stands for ten records is a usual one.
    """

    model: Committee
    usual_chance: float = 1.0

    @property
    def brings_knowledge(self) -> bool:  # type: ignore[override]  # of others it is always the same
        """Labelling functions say something before any verdict."""
        return bool(self.model.functions)

    @property
    def weights(self) -> PoolWeights:
        """What the votes are pooled with today."""
        return self.model.weights

    @property
    def full(self) -> bool:
        """Whether something is left out because a member's memory is full."""
        return self.model.full

    def pooled(self, votes: Votes) -> dict[Any, float]:
        """The scores that votes make today."""
        return self.model.pooled(votes)

    def votes_one(self, x: dict[str, Any]) -> Votes:
        """What each member says of a record."""
        return self.model.votes_one(x)

    def predict_proba_one(self, x: dict[Any, Any], **_: Any) -> dict[Any, float]:
        """What the votes make, bit by bit."""
        return self.pooled(self.votes_one(x))

    def learn_verdict(self, x: dict[str, Any], y: Any, votes: Votes | None, weight: float) -> None:
        """One verdict, with the votes of its decision and the inverse propensity of its look."""
        self.known[y] = None
        self.learned += 1
        self.model.learn_verdict(x, y, votes, weight * self.usual_chance)


def committee_of(task: Task, outside: tuple[str, ...] = ()) -> TaskCommittee:
    """A fresh committee, with the task's labelling functions; `outside` are foreign models (`model_member`)."""
    members = (
        *(TEXT_MEMBERS if task.input.text else ()),
        *(TABLE_MEMBERS if task.input.features else ()),
        *(EMBEDDING_MEMBERS if task.input.embedding else ()),
        *map(function_member, task.functions),
        *outside,
    )
    committee = Committee(
        task.labels,
        members,
        embedding=task.input.embedding or 0,
        seed=seed_of(task.task),
        replays=2 if task.input.text else 1,
    )
    classifier = TaskCommittee(committee, task.labels)
    if task.budget is not None:
        classifier.usual_chance = task.budget.share or _USUAL_PER_HOUR
    return classifier

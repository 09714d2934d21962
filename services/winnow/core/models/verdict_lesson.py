"""How a model learns one verdict: the same for the learner and for whoever folds its topic again.

Both must do it alike, verdict by verdict, or a replay's model would not be the one that decided.
"""

from typing import NamedTuple

from winnow.core.models.record_input import ModelInput
from winnow.core.models.task_classifier import WHAT_MODELS_RAISE, TaskClassifier
from winnow.core.voting import Votes, is_voting
from winnow_schemas.base import Reason
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.decisions import Decision
from winnow_schemas.task import Task
from winnow_schemas.verdicts import Lesson, ModelCommand, Verdict

_NOT_BY_COIN: frozenset[Reason] = frozenset({"disputed", "recalled", "gold", "seed"})


class LeftOut(NamedTuple):
    """A verdict on a label that the task had once and has no more."""

    label: str


def lesson(task: Task, message: bytes | None) -> Verdict | ModelCommand | LeftOut:
    """What a message asks; raises `InvalidMessage` for what is none, and for verdicts on none of the task's labels.

    A verdict on a former label is one on what became of it.
    """
    said: Verdict | ModelCommand = decode(Lesson, message or b"")  # type: ignore[arg-type]
    if not isinstance(said, Verdict) or said.label in task.labels:
        return said
    if said.label in task.former_labels:
        now = task.former_labels[said.label]
        return LeftOut(said.label) if now is None else said.model_copy(update={"label": now})
    if not task.open_labels:
        known = ", ".join(task.labels)
        raise InvalidMessage("unknown_label", f"label: {said.label!r} is none of the task's ({known})")
    return said


def by_coin(decision: Decision | None, reason: Reason) -> Decision | None:
    """The decision behind a verdict, when it was one that sent the record to people by chance."""
    return None if reason in _NOT_BY_COIN else decision


def learn(model: TaskClassifier, values: ModelInput, label: str, decision: Decision | None) -> bool:
    """Teach one label; whether the model could take it.

    What the votes of a committee are worth is learned from the votes of the decision, weighed by its
    propensity; without a decision that a coin made the weights stay.
    """
    try:
        if is_voting(model):
            model.learn_verdict(values, label, _votes(decision), 1.0 / decision.propensity if decision else 1.0)
        else:
            model.learn_one(values, label)
    except WHAT_MODELS_RAISE:
        return False
    return True


def _votes(decision: Decision | None) -> Votes | None:
    if decision is None or decision.votes is None:
        return None
    return Votes.from_wire(decision.votes, tuple(decision.scores or ()))

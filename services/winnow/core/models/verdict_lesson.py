"""How a model learns one verdict: the same for the learner and for whoever folds its topic again.

Both must do it alike, verdict by verdict, or a replay's model would not be the one that decided.
"""

from winnow.core.models.record_input import ModelInput
from winnow.core.models.task_classifier import TaskClassifier
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.task import Task
from winnow_schemas.verdicts import Verdict

_WHAT_MODELS_RAISE = (ArithmeticError, LookupError, TypeError, ValueError)


def learnable(task: Task, message: bytes | None) -> Verdict:
    """The verdict in a message; raises `InvalidMessage` when it is none, or none of this task's labels."""
    verdict = decode(Verdict, message or b"")
    if verdict.label not in task.labels and not task.open_labels:
        known = ", ".join(task.labels)
        raise InvalidMessage("unknown_label", f"label: {verdict.label!r} is none of the task's ({known})")
    return verdict


def learn(model: TaskClassifier, values: ModelInput, label: str) -> bool:
    """Teach one label; whether the model could take it."""
    try:
        model.learn_one(values, label)
    except _WHAT_MODELS_RAISE:
        return False
    return True

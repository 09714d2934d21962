"""The models a task can name, all River classifiers over `river_input` that score the task's labels.

Deterministic: the same verdicts in the same order give the same scores, also across a pickle.
"""

from collections.abc import Callable, Mapping

from river import base

from winnow.core.models.record_input import ModelInput, Reading, RecordReader, river_input
from winnow.core.models.table_models import (
    adaptive_random_forest,
    binary_logistic,
    gaussian_naive_bayes,
    hoeffding_tree,
    softmax,
)
from winnow.core.models.task_classifier import TaskClassifier, YesNo, scores_of
from winnow.core.models.text_logistic import TextLogistic, TextSoftmax
from winnow.core.models.text_naive_bayes import TextNaiveBayes
from winnow.core.models.user_models import build_user_model, is_user_model
from winnow_schemas.task import MODEL_NAMES, Task

__all__ = ["ModelInput", "Reading", "RecordReader", "TaskClassifier", "build", "river_input", "scores_of"]

_BUILDERS: Mapping[str, Callable[[], base.Classifier]] = {
    "gaussian_naive_bayes": gaussian_naive_bayes,
    "hoeffding_tree": hoeffding_tree,
    "adaptive_random_forest": adaptive_random_forest,
    "text_naive_bayes": TextNaiveBayes,
}

_LINEAR: Mapping[str, tuple[Callable[[], base.Classifier], Callable[[tuple[str, ...]], base.Classifier]]] = {
    "logistic": (binary_logistic, softmax),
    "text_logistic": (TextLogistic, TextSoftmax),
}


def build(task: Task, name: str) -> TaskClassifier:
    """A fresh model of that name for this task; raises `ValueError` when it cannot be made."""
    RecordReader(task)
    if name in _LINEAR:
        yes_no, several = _LINEAR[name]
        model = several(task.labels) if _may_be_several(task) else YesNo(yes_no(), task.labels)
    elif is_user_model(name):
        model = build_user_model(name)
    elif name in _BUILDERS:
        model = _BUILDERS[name]()
    elif name in MODEL_NAMES:
        raise ValueError(f"model {name}: not yet available; name one of the others")
    else:
        raise ValueError(f"model {name}: there is no such model")
    return TaskClassifier(model, task.labels)


def _may_be_several(task: Task) -> bool:
    return len(task.labels) > 2 or task.open_labels

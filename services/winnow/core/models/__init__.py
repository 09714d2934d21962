"""The models a task can name, all River classifiers over `river_input` that score the task's labels.

Deterministic: the same verdicts in the same order give the same scores, also across a pickle.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from river import base

from winnow.core.models.categories import Categories
from winnow.core.models.opinions import Opinion, opinion
from winnow.core.models.record_input import FUNCTION_VOTES, ModelInput, Reading, RecordReader, river_input
from winnow.core.models.task_classifier import ForeignClassifier, TaskClassifier, YesNo, scores_of
from winnow.core.models.user_models import build_user_model, is_user_model
from winnow.core.models.verdict_lesson import LeftOut, by_coin, learn, lesson
from winnow_schemas.model_names import TABLE_MODELS, kind_of, settings_of
from winnow_schemas.task import Task

__all__ = [
    "FUNCTION_VOTES",
    "LeftOut",
    "ModelInput",
    "Opinion",
    "Reading",
    "RecordReader",
    "TaskClassifier",
    "build",
    "by_coin",
    "learn",
    "lesson",
    "opinion",
    "river_input",
    "scores_of",
]

_BUILDERS: Mapping[str, str] = {
    "gaussian_naive_bayes": "table_models:gaussian_naive_bayes",
    "hoeffding_tree": "table_models:hoeffding_tree",
    "adaptive_random_forest": "table_models:adaptive_random_forest",
    "text_naive_bayes": "text_naive_bayes:TextNaiveBayes",
}

_LINEAR: Mapping[str, tuple[str, str]] = {
    "logistic": ("table_models:binary_logistic", "table_models:softmax"),
    "text_logistic": ("text_logistic:binary_text_logistic", "text_logistic:text_softmax"),
}


def build(task: Task, name: str) -> TaskClassifier:
    """A fresh model of that name (and the settings in it) for this task; raises `ValueError` when it cannot be made."""
    RecordReader(task)
    kind, settings = kind_of(name), settings_of(name)
    if name == "committee":
        return _builder("committee:committee_of")(task)  # type: ignore[no-any-return]
    if kind in _LINEAR:
        model = _linear(task, *_LINEAR[kind], settings)
    elif is_user_model(name):
        return ForeignClassifier(build_user_model(name), task.labels)
    elif kind in _BUILDERS:
        model = _builder(_BUILDERS[kind])(**settings)
    else:
        raise ValueError(f"model {name}: there is no such model")
    return TaskClassifier(model, task.labels, Categories() if kind in TABLE_MODELS else None)


def _linear(task: Task, yes_no: str, several: str, settings: Mapping[str, float]) -> base.Classifier:
    if _may_be_several(task):
        return _builder(several)(task.labels, **settings)
    return YesNo(_builder(yes_no)(**settings), task.labels)


def _may_be_several(task: Task) -> bool:
    return len(task.labels) > 2 or task.open_labels


def _builder(place: str) -> Callable[..., Any]:
    """Imported when a task names it: most of River costs a second to import, and no task needs all of it."""
    module, _, function = place.partition(":")
    return getattr(import_module(f"{__name__}.{module}"), function)  # type: ignore[no-any-return]

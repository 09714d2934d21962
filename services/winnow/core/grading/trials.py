"""A trial: how a model does on labelled records that it never learns."""

from collections.abc import Iterable

from winnow.core.grading.gradebook import Gradebook
from winnow.core.models import ModelInput, TaskClassifier, build, learn, scores_of
from winnow_schemas.model_names import MODEL_NAMES, TABLE_MODELS, TEXT_MODELS
from winnow_schemas.model_reports import Grades
from winnow_schemas.task import Task

Labelled = tuple[ModelInput, str]
"""What a model reads of a record, and its label."""


def architectures(task: Task) -> list[str]:
    """Every kind of model that can read the task's records, those that the task names first."""
    has_table = bool(task.input.features or task.input.embedding)
    fitting = [
        name
        for name in MODEL_NAMES
        if (task.input.text or name not in TEXT_MODELS) and (has_table or name not in TABLE_MODELS)
    ]
    return list(dict.fromkeys((task.champion, *task.model.challengers, *fitting)))


def trial_of(task: Task, name: str, taught: Iterable[Labelled], kept: Iterable[Labelled]) -> Grades:
    """How a fresh model of that name does on `kept` when it has learned `taught`; raises `ValueError`."""
    model = build(task, name)
    for values, label in taught:
        learn(model, values, label, None)
    return graded(task, model, kept)


def graded(task: Task, model: TaskClassifier, kept: Iterable[Labelled]) -> Grades:
    """How a model does on records that it has not learned."""
    book = Gradebook()
    for values, label in kept:
        book.note(scores_of(model, values), label)
    return book.grades(task.labels, task.target.error)

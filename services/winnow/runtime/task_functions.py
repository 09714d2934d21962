"""The labelling functions that a task file names, beside it."""

from collections.abc import Iterator
from contextlib import contextmanager

from winnow.runtime.labelling_functions import FunctionLimits, LabellingFunctions
from winnow.runtime.settings import Settings
from winnow_schemas.task import FunctionsSpec, Task


@contextmanager
def task_functions(settings: Settings, *, batches: bool) -> Iterator[LabellingFunctions | None]:
    """Those of the deployment's task, ready to be asked; None when it has none. Raises `UsageError`.

    Where records come in `batches` that must not wait, functions that take too long rest.
    """
    spec = settings.task.labelling_functions
    if spec is None:
        yield None
        return
    with functions_of(settings, spec, batches=batches) as functions:
        yield functions


def functions_of(settings: Settings, spec: FunctionsSpec, *, batches: bool) -> LabellingFunctions:
    """The functions of one file; raises `UsageError`."""
    limits = FunctionLimits.of(spec)
    if not batches:
        limits = FunctionLimits(limits.seconds, limits.memory)
    return LabellingFunctions(settings.task_file.parent / spec.file, settings.task.labels, limits, spec.names)


def task_with_functions(settings: Settings) -> Task:
    """The deployment's task, which now says the names of its functions, as they stand in their file."""
    with task_functions(settings, batches=False) as functions:
        return named(settings.task, functions)


def named(task: Task, functions: LabellingFunctions | None) -> Task:
    """The task with the names of these functions."""
    if functions is None or task.labelling_functions is None:
        return task
    spec = task.labelling_functions.model_copy(update={"names": functions.names})
    return task.model_copy(update={"labelling_functions": spec})

"""Is this labelled data fit to learn from? What a person should look at before a model does."""

from collections.abc import Iterator, Sequence

from winnow.core.checks.drift import check_drift
from winnow.core.checks.inputs import check_inputs
from winnow.core.checks.label_balance import check_balance
from winnow.core.checks.label_noise import FOLDS, check_label_noise
from winnow.core.checks.labelled_record import Finding, LabelledRecord, Level
from winnow.core.checks.near_duplicates import check_duplicates
from winnow_schemas.task import Task

__all__ = ["FOLDS", "Finding", "LabelledRecord", "Level", "all_findings"]


def all_findings(records: Sequence[LabelledRecord], task: Task, model: str) -> Iterator[Finding]:
    """What all checks find, check by check; `records` in the order of time, `model` doubts labels."""
    yield from check_inputs(records, task)
    yield from check_balance(records, task.labels)
    yield from check_duplicates(records)
    yield from check_drift(records)
    yield from check_label_noise(records, task, model)

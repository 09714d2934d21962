"""Are the inputs there that the task declares, are they of their kind, and do they say anything?"""

from collections.abc import Iterator, Sequence

from winnow.core.checks.labelled_record import Finding, LabelledRecord
from winnow_schemas.task import Task

_OFTEN_MISSING = 0.2


def check_inputs(records: Sequence[LabelledRecord], task: Task) -> list[Finding]:
    """One finding for each input that is often missing, never varies or has values of another kind."""
    findings = list(_of_each_input(records, task))
    misfits = [record.line for record in records if record.misfits]
    if misfits:
        says = f"{len(misfits):,} records have values of another kind than the task says; models leave those out"
        findings.append(Finding("inputs", "look", says, misfits, {"misfits": float(len(misfits))}))
    return findings or [Finding("inputs", "fine", "all inputs are there and of their kind")]


def _of_each_input(records: Sequence[LabelledRecord], task: Task) -> Iterator[Finding]:
    for name in _inputs(task):
        missing = [record.line for record in records if record.values.get(name) in {None, ""}]
        share = len(missing) / len(records)
        figures = {"missing": share}
        if share >= _OFTEN_MISSING:
            yield Finding("inputs", "look", f"{name} is missing in {share:.0%} of the records", missing, figures)
        elif len(records) > 1 and len({record.values.get(name) for record in records}) == 1:
            yield Finding("inputs", "look", f"{name} is the same in all records: it tells nothing", (), figures)


def _inputs(task: Task) -> list[str]:
    """The text, every feature, and the first number for the whole embedding."""
    names = ["text"] if task.input.text else []
    names += task.input.features
    return names + (["e0"] if task.input.embedding else [])

"""A file of labelled records, read for a task: what can be learned from, and what breaks the contract."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from winnow.cli.record_lines import BadLine, RecordLine, read_records
from winnow.core.checks import LabelledRecord
from winnow.core.models import RecordReader
from winnow_schemas.task import Task

_LAST = datetime.max.replace(tzinfo=UTC)


def labelled_lines(file: Path, task: Task) -> Iterator[RecordLine | BadLine]:
    """All lines; a record without a label that the task knows is a bad one."""
    return (_labelled(line, task) for line in read_records(file))


def in_order_of_time(lines: list[RecordLine]) -> list[RecordLine]:
    """By `at` where all records have one, else as they stand in the file."""
    if any("at" not in line.record for line in lines):
        return lines
    return sorted(lines, key=lambda line: line.record.get("at", _LAST))


def to_check(lines: list[RecordLine], task: Task) -> list[LabelledRecord]:
    """As models read them."""
    reader = RecordReader(task)
    readings = [(line, reader.read(line.record)) for line in lines]
    return [LabelledRecord(line.number, line.label or "", values, misfits) for line, (values, misfits) in readings]


def _labelled(line: RecordLine | BadLine, task: Task) -> RecordLine | BadLine:
    if isinstance(line, BadLine) or (task.open_labels and line.label):
        return line
    if line.label is None:
        return BadLine(line.number, "label: it is missing")
    if line.label not in task.labels:
        return BadLine(line.number, f"label: one of {', '.join(task.labels)} is wanted (found: {line.label[:100]})")
    return line

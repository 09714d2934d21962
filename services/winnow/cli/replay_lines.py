"""The lines of a labelled file as a replay reads them."""

from collections.abc import Iterator
from pathlib import Path

from winnow.cli.asked_lines import AskedLines
from winnow.cli.record_lines import BadLine, RecordLine, read_records
from winnow.cli.terminal import Step, complain
from winnow.replay import DeadLine, Line, TrueRecord
from winnow.runtime.errors import UsageError
from winnow_schemas.task import Task

_TOLD = 5
_STEP_EVERY = 100


class ReplayLines:
    """Reads the file as often as it is asked; `progress` hears how far all runs together are."""

    def __init__(
        self, file: Path, task: Task, limit: int | None, progress: Step, functions: AskedLines | None = None
    ) -> None:
        self._file = file
        self._task = task
        self._limit = limit
        self._progress = progress
        self._functions = functions
        self._read = 0
        self._dead = 0
        self._first_run = True

    def __call__(self) -> Iterator[Line]:
        """All lines up to the limit; raises `UsageError` when one has no label that the task knows."""
        return self._lines() if self._functions is None else self._functions.of(self._lines())

    def _lines(self) -> Iterator[Line]:
        found = 0
        for line in read_records(self._file):
            if self._limit is not None and found >= self._limit:
                break
            found += 1
            self._step()
            yield self._line(line)
        if not found:
            raise UsageError(f"{self._file}: there is no line in it")
        self._progress(self._read, "")
        self._tell_dead()
        self._first_run = False

    def _step(self) -> None:
        self._read += 1
        if self._read % _STEP_EVERY == 0:
            self._progress(self._read, "")

    def _line(self, line: RecordLine | BadLine) -> Line:
        where = f"{self._file}:{line.number}"
        if isinstance(line, BadLine):
            if line.problem.startswith("label:"):
                raise UsageError(f"{where}: {line.problem}; a replay needs the true label of each record")
            self._died(f"{where}: {line.problem}")
            return DeadLine(line.number - 1)
        if line.label is None:
            raise UsageError(f"{where}: label: it is missing; a replay needs the true label of each record")
        if line.label not in self._task.labels and not self._task.open_labels:
            known = ", ".join(self._task.labels)
            raise UsageError(f"{where}: label: the task does not know {line.label[:100]!r}; it knows {known[:300]}")
        return TrueRecord(line.number - 1, line.record, line.label)

    def _died(self, text: str) -> None:
        if self._first_run:
            self._dead += 1
            if self._dead <= _TOLD:
                complain(f"{text} (left out)")

    def _tell_dead(self) -> None:
        if self._first_run and self._dead > _TOLD:
            complain(f"{self._dead - _TOLD} more lines were no records and left out")

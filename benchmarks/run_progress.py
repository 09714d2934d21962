"""Shows how runs go: a bar on a terminal, else a line now and then; with an estimate of what is left."""

import sys
import time
from collections.abc import Sequence
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from benchmarks.forecast import Forecast, in_words
from benchmarks.run_jobs import Failure, Job

_LINE_EVERY_S = 20.0


class RunProgress:
    """An observer of runs; `known` were done before."""

    def __init__(self, known: int, pending: Sequence[Job], at_a_time: int) -> None:
        self._left = list(pending)
        self._total = known + len(pending)
        self._at_a_time = at_a_time
        self._forecast = Forecast()
        self._began: dict[Job, float] = {}
        self._reached: dict[Job, int] = {}
        self._told_at = 0.0
        parts = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"))
        self._bar = Progress(*parts, console=Console(stderr=True), disable=not sys.stderr.isatty())
        self._line = self._bar.add_task("runs", total=None, note="")

    def __enter__(self) -> Self:
        self._bar.start()
        self._tell(always=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._tell(always=True)
        self._bar.stop()

    def began(self, job: Job) -> None:
        """One process more."""
        self._began[job] = time.monotonic()
        self._reached[job] = 0
        self._tell()

    def reached(self, job: Job, records: int) -> None:
        """It is that far."""
        self._reached[job] = records
        self._tell()

    def ended(self, job: Job, failure: Failure | None) -> None:
        """One process less."""
        self._left.remove(job)
        took = time.monotonic() - self._began.pop(job)
        self._reached.pop(job)
        if failure:
            self._say(f"failed: {job.row} {job.seed}: {failure.message}")
        else:
            self._forecast.learn(job, took)
        self._tell(always=True)

    def _tell(self, *, always: bool = False) -> None:
        now = time.monotonic()
        if not always and now - self._told_at < (1.0 if not self._bar.disable else _LINE_EVERY_S):
            return
        self._told_at = now
        done = self._total - len(self._left)
        running = ", ".join(f"{job.row} {job.seed}" for job in self._began)
        note = f"{done} of {self._total}, about {in_words(self._seconds_left())} left  {running}"
        if self._bar.disable:
            print(note, file=sys.stderr, flush=True)
        else:
            parts = sum(records / job.records for job, records in self._reached.items())
            self._bar.update(self._line, total=self._total, completed=done + parts, note=note)

    def _seconds_left(self) -> float:
        left = sum(self._forecast.of(job, self._reached.get(job, 0)) for job in self._left)
        return left / self._at_a_time

    def _say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

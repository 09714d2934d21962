"""Does many runs, a process each, so many at a time; what the cache knows is not done again."""

import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from benchmarks.run_cache import REPOSITORY, RunCache
from benchmarks.run_process import CODE_HAS_CHANGED


@dataclass(frozen=True)
class Job:
    """One run: which module does it, its row and seed, and how long it probably takes.

    Jobs of one `kind` run at one speed, so that the first tells how long the others take.
    """

    module: str
    row: str
    seed: str
    kind: str
    records: int
    records_per_second: float
    cache: RunCache

    @property
    def seconds(self) -> float:
        """What it takes by the rough figure."""
        return self.records / self.records_per_second

    @property
    def is_done(self) -> bool:
        """Whether the cache knows it."""
        return self.cache.get(self.row, self.seed) is not None


@dataclass(frozen=True)
class Failure:
    """A run that did not end well, and its last line."""

    job: Job
    message: str


class Observer(Protocol):
    """Is told how the runs go; calls come from several threads, one at a time."""

    def began(self, job: Job) -> None: ...

    def reached(self, job: Job, records: int) -> None: ...

    def ended(self, job: Job, failure: Failure | None) -> None: ...


def cheapest_first(jobs: Iterable[Job]) -> list[Job]:
    """In the order in which they are done: a run that is stopped early has most of the table."""
    return sorted(jobs, key=lambda job: (job.seconds, job.row, job.seed))


class Runner:
    """Runs jobs in processes; an interrupted one leaves no process behind."""

    def __init__(self, at_a_time: int, observer: Observer) -> None:
        self._at_a_time = at_a_time
        self._observer = observer
        self._lock = threading.RLock()
        self._processes: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def run(self, jobs: Sequence[Job]) -> list[Failure]:
        """Do them in this order; when the code changes meanwhile, no further ones."""
        with ThreadPoolExecutor(self._at_a_time) as threads:
            try:
                return [failure for failure in threads.map(self._one, jobs) if failure]
            finally:
                self.stop()

    def stop(self) -> None:
        """End what runs, begin nothing more; may be called from another thread."""
        with self._lock:
            self._stopped = True
            for process in self._processes:
                process.terminate()

    def _one(self, job: Job) -> Failure | None:
        process = self._start(job)
        if process is None:
            return None
        assert process.stdout
        assert process.stderr
        for line in process.stdout:
            with self._lock:
                self._observer.reached(job, int(line))
        said = process.stderr.read().strip()
        failure = Failure(job, said.splitlines()[-1] if said else "it was stopped") if process.wait() else None
        with self._lock:
            self._stopped |= process.returncode == CODE_HAS_CHANGED
            self._processes.discard(process)
            self._observer.ended(job, failure)
        return failure

    def _start(self, job: Job) -> subprocess.Popen[str] | None:
        command = [sys.executable, "-m", job.module, job.row, job.seed, job.cache.code]
        with self._lock:
            if self._stopped:
                return None
            process = subprocess.Popen(
                command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            self._processes.add(process)
            self._observer.began(job)
        return process

"""How long runs that are still to be done will take, by those that were done."""

from collections import defaultdict
from collections.abc import Iterable

from benchmarks.run_jobs import Job


class Forecast:
    """Learns the speed of each kind of run; until then the rough figure counts."""

    def __init__(self) -> None:
        self._records: defaultdict[str, float] = defaultdict(float)
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def learn(self, job: Job, seconds: float) -> None:
        """One run took so long."""
        self._records[job.kind] += job.records
        self._seconds[job.kind] += seconds

    def of(self, job: Job, done: int = 0) -> float:
        """Seconds that a run takes from here, when so many records are done."""
        left = max(job.records - done, 0)
        if self._seconds[job.kind] > 0:
            return left * self._seconds[job.kind] / self._records[job.kind]
        return left / job.records_per_second

    def all(self, jobs: Iterable[Job], at_a_time: int) -> float:
        """Seconds that runs take together."""
        return sum(map(self.of, jobs)) / at_a_time


def in_words(seconds: float) -> str:
    """A duration as people say it."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"

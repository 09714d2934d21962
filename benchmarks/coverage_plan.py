"""Which runs make up the coverage benchmark, and what is known of them."""

import platform
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from benchmarks import replay_run
from benchmarks.coverage_rows import COVERAGE_ROWS, CoverageRow
from benchmarks.run_cache import CACHE_FOLDER, RunCache, Values, versions
from benchmarks.run_jobs import Job

SALTS = ("s", "t", "u")
QUICK_SECONDS = 540
QUICK_RECORDS = 6_000

_RECORDS_PER_SECOND = 1_200.0
_PACKAGES = ("winnow", "river", "numpy", "scipy")


@dataclass(frozen=True)
class CoveragePlan:
    """So many salts a row, at most so many records of each file."""

    rows: tuple[CoverageRow, ...]
    salts: tuple[str, ...]
    records: int | None
    cache: RunCache

    @property
    def is_full(self) -> bool:
        """Whether this is all that is ever run: only then are the committed results written anew."""
        return self.rows == COVERAGE_ROWS and self.salts == SALTS and self.records is None

    @property
    def jobs(self) -> list[Job]:
        """All of them, done or not."""
        return [self.job(row, salt) for row in self.rows for salt in self.salts]

    def job(self, row: CoverageRow, salt: str) -> Job:
        """One replay."""
        records = min(row.data.length, self.records or row.data.length)
        name = f"{row.name}/{records}"
        return Job("benchmarks.replay_run", name, salt, row.data.name, records, _RECORDS_PER_SECOND, self.cache)

    def gathered(self) -> "CoverageResults":
        """All that the cache knows; a run that is not done is left out."""
        runs = {row.name: [self.job(row, salt) for salt in self.salts] for row in self.rows}
        known = {
            name: [values for job in jobs if (values := self.cache.get(job.row, job.seed))]
            for name, jobs in runs.items()
        }
        about = {
            "salts": list(self.salts),
            "records_at_most": self.records,
            "delay_records": replay_run.DELAY_RECORDS,
            "code": self.cache.code,
            "versions": {"python": platform.python_version(), **versions(_PACKAGES)},
        }
        return CoverageResults(self, known, about)


@dataclass(frozen=True)
class CoverageResults:
    """`runs` by row name, a salt each."""

    plan: CoveragePlan
    runs: Mapping[str, Sequence[Values]]
    about: Mapping[str, Any]

    @property
    def complete(self) -> list[tuple[CoverageRow, Sequence[Values]]]:
        """Rows that can be judged: all salts are there, on whole files."""
        wanted = len(self.plan.salts)
        done = [(row, self.runs[row.name]) for row in self.plan.rows if len(self.runs[row.name]) == wanted]
        return done if self.plan.records is None else []

    def as_values(self) -> Values:
        """For programs."""
        return {"about": dict(self.about), "runs": {row: list(runs) for row, runs in self.runs.items()}}


def coverage_plan(present: Collection[str], patterns: Sequence[str], *, quick: bool) -> CoveragePlan:
    """Rows of data that are there and whose names fit a pattern; quick: one salt and the first records."""
    rows = tuple(
        row
        for row in COVERAGE_ROWS
        if row.data.name in present and any(fnmatch(row.name, pattern) for pattern in patterns)
    )
    salts, records = (SALTS[:1], QUICK_RECORDS) if quick else (SALTS, None)
    return CoveragePlan(rows, salts, records, RunCache(CACHE_FOLDER, replay_run.code()))

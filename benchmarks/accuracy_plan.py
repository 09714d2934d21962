"""Which runs make up the accuracy benchmark, what is asked of them, and what is known."""

import platform
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from benchmarks import accuracy_run
from benchmarks.accuracy_run import SLOW
from benchmarks.data_sets import DATA_SETS, DataSet
from benchmarks.run_cache import CACHE_FOLDER, RunCache, Values, versions
from benchmarks.run_jobs import Job

LEAST = {"elec2": 0.85, "covertype": 0.82, "shuttle": 0.996, "spamassassin": 0.975, "newsgroups": 0.88}
"""Accuracy of the chosen champion that is asked for; of flights the macro-F1 of the logistic regression."""

BELOW_THE_BEST = 0.005
QUICK_SECONDS = 300
QUICK_RECORDS = 4_000
_SEED = "file order"
_FUNCTIONS = "functions/spamassassin"
_PER_SECOND = {"chosen": 300.0, "adaptive_random_forest": 60.0, "functions": 200.0}
_PACKAGES = ("winnow", "river", "numpy")


@dataclass(frozen=True)
class AccuracyPlan:
    """Rows (`chosen/elec2`) with at most so many records of each file."""

    rows: tuple[str, ...]
    records: int | None
    cache: RunCache

    @property
    def is_full(self) -> bool:
        """Whether this is all that is ever run."""
        return self.rows == tuple(all_rows()) and self.records is None

    @property
    def jobs(self) -> list[Job]:
        """All of them, done or not."""
        return [self.job(row) for row in self.rows]

    def job(self, row: str) -> Job:
        """One run."""
        what, name = row.split("/")
        count = min(DATA_SETS[name].length, self.records or DATA_SETS[name].length)
        full = f"{row}/{count}"
        return Job("benchmarks.accuracy_run", full, _SEED, row, count, _PER_SECOND[what], self.cache)

    def gathered(self) -> "AccuracyResults":
        """All that the cache knows."""
        found = {row: self.cache.get(job.row, job.seed) for row, job in zip(self.rows, self.jobs, strict=True)}
        known = {row: values for row, values in found.items() if values is not None}
        about = {
            "records_at_most": self.records,
            "code": self.cache.code,
            "versions": {"python": platform.python_version(), **versions(_PACKAGES)},
        }
        return AccuracyResults(self, known, about)


@dataclass(frozen=True)
class AccuracyResults:
    """`runs` by row."""

    plan: AccuracyPlan
    runs: Mapping[str, Values]
    about: Mapping[str, Any]

    @property
    def functions(self) -> Values | None:
        """Labelling functions beside a committee."""
        return self.runs.get(_FUNCTIONS)

    def chosen(self, data: DataSet) -> Values | None:
        """Champion and challengers on one data set."""
        return self.runs.get(f"chosen/{data.name}")

    def singles(self, data: DataSet) -> dict[str, Values]:
        """Each model by itself, from the beginning to the end; slow ones where they were run."""
        run = self.chosen(data)
        models: dict[str, Values] = dict(run["models"]) if run else {}
        slow = {name: self.runs[f"{name}/{data.name}"]["chosen"] for name in SLOW if f"{name}/{data.name}" in self.runs}
        return models | slow

    def reached(self, data: DataSet) -> bool | None:
        """Whether the chosen champion is as right as is asked for, and hardly less than the best; None: not known."""
        run = self.chosen(data)
        if run is None or self.plan.records is not None:
            return None
        best = max(single["accuracy"] for single in self.singles(data).values())
        accuracy = run["chosen"]["accuracy"]
        if data.name not in LEAST:
            return bool(run["chosen"]["macro_f1"] > run["models"]["logistic"]["macro_f1"])
        return bool(accuracy >= max(LEAST[data.name], best - BELOW_THE_BEST))

    def as_values(self) -> Values:
        """For programs."""
        return {"about": dict(self.about), "runs": dict(self.runs)}


def all_rows() -> list[str]:
    """Each data set with the default champion and its challengers, slow models alone, and labelling functions."""
    tables = [data for data in DATA_SETS.values() if data.numbers]
    slow = [f"{name}/{data.name}" for name in sorted(SLOW) for data in tables]
    return [_FUNCTIONS, *(f"chosen/{name}" for name in DATA_SETS), *slow]


def accuracy_plan(present: Collection[str], patterns: Sequence[str], *, quick: bool) -> AccuracyPlan:
    """Rows of data that are there and whose names fit a pattern; quick: the first records, and nothing slow."""
    rows = tuple(
        row
        for row in all_rows()
        if row.split("/")[1] in present
        and any(fnmatch(row, pattern) for pattern in patterns)
        and not (quick and row.split("/")[0] in SLOW)
    )
    return AccuracyPlan(rows, QUICK_RECORDS if quick else None, RunCache(CACHE_FOLDER, accuracy_run.code()))

"""Which runs make up the budget benchmark, and what is known of them."""

import platform
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from statistics import fmean, stdev
from typing import Any, NamedTuple

from scipy.stats import t  # type: ignore[import-untyped]

from benchmarks import budget_run
from benchmarks.budget_run import BASE, STRATEGIES
from benchmarks.data_sets import DATA_SETS, DataSet
from benchmarks.run_cache import CACHE_FOLDER, RunCache, Values, versions
from benchmarks.run_jobs import Job

OURS = tuple(STRATEGIES)
PACKAGED: Mapping[str, str] = {
    "variable_uncertainty": "VariableUncertainty (scikit-activeml)",
    "split": "Split (scikit-activeml)",
    "probabilistic": "StreamProbabilisticAL (scikit-activeml)",
    "entropy_sampler": "EntropySampler (River), exponent 3",
    "entropy_sampler_10": "EntropySampler, exponent 10",
    "entropy_sampler_30": "EntropySampler, exponent 30",
}
SALTS = tuple(f"salt {number}" for number in range(10))
FEW = 3
"""So many salts for what is only there to be compared with."""

RECORDS = 10_000
QUICK_SECONDS = 540

_RECORDS_PER_SECOND = 2_000.0
_PACKAGES = ("winnow", "river", "numpy", "scipy", "scikit-activeml")


class Gain(NamedTuple):
    """Accuracy above random questions under the same salts, in points: mean and half the width of its 95 % interval."""

    mean: float
    half: float
    salts: int

    @property
    def is_better(self) -> bool:
        """Whether the interval lies above 0."""
        return self.mean - self.half > 0.0


@dataclass(frozen=True)
class BudgetPlan:
    """Each strategy on the first records of each data set."""

    data: tuple[DataSet, ...]
    strategies: tuple[str, ...]
    salts: tuple[str, ...]
    records: int
    cache: RunCache

    @property
    def is_full(self) -> bool:
        """Whether this is all that is ever run: only then are the committed results written anew."""
        everything = (BASE, *OURS, *PACKAGED)
        is_whole = self.salts == SALTS and self.records == RECORDS
        return is_whole and self.strategies == everything and len(self.data) == len(DATA_SETS)

    def salts_of(self, strategy: str) -> tuple[str, ...]:
        """All for random questions and the default, some for the others."""
        return self.salts if strategy in {BASE, OURS[0]} else self.salts[:FEW]

    @property
    def jobs(self) -> list[Job]:
        """All of them, done or not."""
        return [
            self.job(data, strategy, salt)
            for data in self.data
            for strategy in self.strategies
            for salt in self.salts_of(strategy)
        ]

    def job(self, data: DataSet, strategy: str, salt: str) -> Job:
        """One run."""
        records = min(data.length, self.records)
        row = f"{data.name}/{strategy}/{records}"
        kind = strategy if strategy in PACKAGED else "ours"
        return Job("benchmarks.budget_run", row, salt, kind, records, _RECORDS_PER_SECOND, self.cache)

    def gathered(self) -> "BudgetResults":
        """All that the cache knows; a run that is not done is left out."""
        known = {
            (data.name, strategy): {
                salt: values
                for salt in self.salts_of(strategy)
                if (values := self.cache.get((job := self.job(data, strategy, salt)).row, job.seed))
            }
            for data in self.data
            for strategy in self.strategies
        }
        about = {
            "share": budget_run.SHARE,
            "records_at_most": self.records,
            "delay_records": budget_run.DELAY_RECORDS,
            "code": self.cache.code,
            "versions": {"python": platform.python_version(), **versions(_PACKAGES)},
        }
        return BudgetResults(self, known, about)


@dataclass(frozen=True)
class BudgetResults:
    """`runs` by data set and strategy, and by salt."""

    plan: BudgetPlan
    runs: Mapping[tuple[str, str], Mapping[str, Values]]
    about: Mapping[str, Any]

    def accuracy(self, data: DataSet, strategy: str) -> float | None:
        """The mean over salts."""
        runs = self.runs.get((data.name, strategy), {})
        return fmean(run["accuracy"] for run in runs.values()) if runs else None

    def asked(self, strategy: str) -> float | None:
        """The mean share of records that people were asked about."""
        shares = [run["asked"] for (_, name), runs in self.runs.items() if name == strategy for run in runs.values()]
        return fmean(shares) if shares else None

    def asked_of(self, data: DataSet, strategy: str) -> float | None:
        """The same on one data set."""
        shares = [run["asked"] for run in self.runs.get((data.name, strategy), {}).values()]
        return fmean(shares) if shares else None

    def most_in_a_window(self, strategy: str) -> int:
        """Of 1,000 records, over all runs."""
        counts = (runs.values() for (_, name), runs in self.runs.items() if name == strategy)
        return max((run["most_in_a_window"] for runs in counts for run in runs), default=0)

    def gain(self, data: DataSet, strategy: str) -> Gain | None:
        """Above random questions, paired by salt (Student's t); None with fewer than two salts."""
        base, runs = self.runs.get((data.name, BASE), {}), self.runs.get((data.name, strategy), {})
        gains = [100.0 * (runs[salt]["accuracy"] - base[salt]["accuracy"]) for salt in runs.keys() & base.keys()]
        if len(gains) < 2:
            return None
        half = float(t.ppf(0.975, len(gains) - 1)) * stdev(gains) / len(gains) ** 0.5
        return Gain(fmean(gains), half, len(gains))

    def as_values(self) -> Values:
        """For programs."""
        return {"about": dict(self.about), "runs": {"/".join(name): dict(runs) for name, runs in self.runs.items()}}


def budget_plan(present: Collection[str], patterns: Sequence[str], *, quick: bool) -> BudgetPlan:
    """Data that is there and strategies whose `data/strategy` fits a pattern; quick: two salts, the first records."""
    data = tuple(each for each in DATA_SETS.values() if each.name in present)
    wanted = tuple(
        strategy
        for strategy in (BASE, *OURS, *PACKAGED)
        if strategy == BASE or any(fnmatch(strategy, pattern) for pattern in patterns)
    )
    salts, records = (SALTS[:2], 2_000) if quick else (SALTS, RECORDS)
    return BudgetPlan(data, wanted, salts, records, RunCache(CACHE_FOLDER, budget_run.code()))

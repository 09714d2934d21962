"""When a row of the risk benchmark is reached: a rule on the runs of one row under several salts.

- coverage: the mean reaches the published figure less 3 points; less 15 % of it where it is below 20 %;
  below 2 % nothing is asked for; where a range over salts was published, its lower end;
- error: that of all releases together is at most the target, or the published figure and half a point
  (or the upper end of its range); or, where fewer than 10/α labels were released, the wrong ones are
  within the target and the allowances;
- Flights, where no threshold is good enough: at most 1 % is labelled.

The ledger is judged over the runs of all rows together: a promise of 95 % may be broken in one run of twenty.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from benchmarks.data_sets import FLIGHTS
from benchmarks.risk_rows import Row

FLIGHTS_AT_MOST = 1.0
RISK = 0.05
_ROUNDING = 1e-9

Run = Mapping[str, Any]
"""The figures of one replay."""


@dataclass(frozen=True)
class Verdict:
    """What the rule says of one row."""

    coverage: bool
    error: bool

    @property
    def passed(self) -> bool:
        """All of it."""
        return self.coverage and self.error


@dataclass(frozen=True)
class Promise:
    """In how many runs, at any checkpoint, more labels were wrong than the certificate said."""

    broken: int
    runs: int

    @property
    def is_kept(self) -> bool:
        """Whether it was broken no more often than a promise of 95 % may be."""
        return self.broken <= RISK * self.runs

    def __str__(self) -> str:
        kept = "kept" if self.is_kept else "**not kept**"
        return (
            f"More wrong labels than the certificate allowed: at some checkpoint of {self.broken} of {self.runs} runs;"
            f" a promise of 95 % may be broken in one of twenty: {kept}."
        )


def promise(runs: Iterable[Run]) -> Promise:
    """Of all runs that are known."""
    broken = [bool(run["violations"]) for run in runs]
    return Promise(sum(broken), len(broken))


def judge(row: Row, runs: Sequence[Run]) -> Verdict:
    """The verdict on the runs of one row; there has to be one run at least."""
    auto = 100.0 * fmean(run["coverage"] for run in runs)
    within = row.data != FLIGHTS or auto <= FLIGHTS_AT_MOST + _ROUNDING
    return Verdict(
        coverage=within and auto >= least_auto(row) - _ROUNDING,
        error=_error_is_held(row, runs),
    )


def least_auto(row: Row) -> float:
    """The coverage in per cent that is asked for."""
    published = row.published.auto
    if published < 2.0:
        return 0.0
    if row.five_salts:
        return row.five_salts.auto[0]
    return 0.85 * published if published < 20.0 else published - 3.0


def most_error(row: Row) -> float:
    """The error in per cent that is allowed."""
    target = 100.0 * row.target
    if row.five_salts:
        return max(row.five_salts.error[1], target)
    return max(row.published.error + 0.5, target) if row.published.error is not None else target


def pooled_error(runs: Sequence[Run]) -> float | None:
    """Of all labels that any run released, the share that is wrong: a run of five labels weighs little."""
    released = sum(run["auto"] for run in runs)
    return sum(run["auto_errors"] for run in runs) / released if released else None


def _error_is_held(row: Row, runs: Sequence[Run]) -> bool:
    error = pooled_error(runs)
    if error is None or 100.0 * error <= most_error(row) + _ROUNDING:
        return True
    few = fmean(run["auto"] for run in runs) < 10.0 / row.target
    return few and all(_within_allowances(row, run) for run in runs)


def _within_allowances(row: Row, run: Run) -> bool:
    return bool(run["auto_errors"] <= row.target * run["auto"] + run["allowances"])

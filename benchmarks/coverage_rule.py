"""When a row of the coverage benchmark is reached: a rule on the runs of one row under several salts.

- coverage: the mean reaches what was tried less 3 points; less 15 % of it where it is below 20 %;
- error: that of all releases together is at most the target, or what was tried and half a point.

The ledger is judged over the runs of all rows together; see `pass_rule`.
"""

from collections.abc import Sequence
from statistics import fmean

from benchmarks.coverage_rows import CoverageRow
from benchmarks.pass_rule import Run, Verdict, pooled_error

MEAN_COVERAGE = 0.36
"""What all rows together are to label at least."""

_ROUNDING = 1e-9


def judge(row: CoverageRow, runs: Sequence[Run]) -> Verdict:
    """The verdict on the runs of one row; there has to be one run at least."""
    error = pooled_error(runs)
    return Verdict(
        coverage=100.0 * fmean(run["coverage"] for run in runs) >= least_auto(row) - _ROUNDING,
        error=error is None or 100.0 * error <= most_error(row) + _ROUNDING,
    )


def least_auto(row: CoverageRow) -> float:
    """The coverage in per cent that is asked for."""
    tried = row.committee.auto
    return 0.85 * tried if tried < 20.0 else tried - 3.0


def most_error(row: CoverageRow) -> float:
    """The error in per cent that is allowed."""
    target = 100.0 * row.target
    return target if row.committee.error is None else max(row.committee.error + 0.5, target)

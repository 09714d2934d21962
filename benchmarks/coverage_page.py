"""The coverage benchmark as Markdown and as a picture."""

from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from benchmarks.coverage_plan import CoverageResults
from benchmarks.coverage_rows import CoverageRow, Tried
from benchmarks.coverage_rule import MEAN_COVERAGE, judge, least_auto
from benchmarks.pass_rule import Verdict, pooled_error, promise
from benchmarks.run_cache import Values
from benchmarks.svg import FAINT, GOOD, GRID, OTHER, dot, line, picture, text
from benchmarks.words import figure, percent

BEGIN, END = "<!-- results: written by make bench-learning -->", "<!-- end of results -->"

_COLUMNS = ("data", "target", "one model", "committee, tried", "committee, now", "salts", "error in targets", "reached")
_LEFT, _TOP, _STEP, _WIDTH = 200, 62, 20, 820


def page(results: CoverageResults) -> str:
    """The table, and what it rests on."""
    rows = [_row(row, results.runs[row.name], results) for row in results.plan.rows if results.runs[row.name]]
    table = [" | ".join(cells) for cells in (_COLUMNS, ["---"] * len(_COLUMNS), *rows)]
    lines = "\n".join(f"| {cells} |" for cells in table)
    picture_line = "![Coverage by data set and target](learning.svg)"
    return "\n\n".join([_about(results), _summary(results), *_missing(results), lines, picture_line]) + "\n"


def _about(results: CoverageResults) -> str:
    about = results.about
    said = ", ".join(f"{name} {found}" for name, found in about["versions"].items())
    records = results.plan.records
    short = f"**A quick look: the first {records:,} records of each file, not judged.** " if records else ""
    salts = f"{len(results.plan.salts)} salt{'s' if len(results.plan.salts) > 1 else ''}"
    return f"{short}{salts} a row, answers after {about['delay_records']:g} records. Code {about['code']}; {said}."


def _summary(results: CoverageResults) -> str:
    judged = [(row, runs, judge(row, runs)) for row, runs in results.complete]
    if not judged:
        return "No row is complete."
    mean = fmean(run["coverage"] for _, runs, _ in judged for run in runs)
    tried = fmean(row.committee.auto for row, _, _ in judged)
    single = fmean(row.single.auto for row, _, _ in judged)
    reached = sum(verdict.passed for _, _, verdict in judged)
    return (
        f"Rows reached: {reached} of {len(judged)}. Labelled by the machine, mean of these rows: **{percent(mean)} %**"
        f" ({figure(single)} % by the best single models, {figure(tried)} % when the committee was tried;"
        f" over all rows at least {100 * MEAN_COVERAGE:g} % is asked for)."
        f" {promise(run for _, runs, _ in judged for run in runs)}"
    )


def _missing(results: CoverageResults) -> list[str]:
    wanted = len(results.plan.salts)
    waiting = [f"{name} ({len(runs)} of {wanted})" for name, runs in results.runs.items() if len(runs) < wanted]
    return [f"**Not finished:** {', '.join(waiting)}. Start the same command again."] if waiting else []


def _row(row: CoverageRow, runs: Sequence[Values], results: CoverageResults) -> list[str]:
    shares = [run["coverage"] for run in runs]
    error = pooled_error(runs)
    verdict = judge(row, runs) if (row, runs) in results.complete else None
    return [
        row.data.title,
        f"{100 * row.target:g} %",
        _tried(row.single),
        _tried(row.committee),
        f"**{percent(fmean(shares))}** / **{percent(error, 2)}**",
        f"{percent(min(shares))}–{percent(max(shares))}",
        "–" if error is None else f"{error / row.target:.2f}",
        "" if verdict is None else _word(verdict),
    ]


def _tried(tried: Tried) -> str:
    return f"{figure(tried.auto)} / {figure(tried.error, 2)}"


def _word(verdict: Verdict) -> str:
    if verdict.passed:
        return "yes"
    return f"**no: {', '.join(name for name, held in vars(verdict).items() if not held)}**"


def coverage_picture(results: CoverageResults) -> str:
    """Share of records that the machine labels: one model, the committee as it was tried, and now."""
    rows = [(row, runs) for row in results.plan.rows if (runs := results.runs[row.name])]

    def x(share: float) -> float:
        return _LEFT + share / 100.0 * (_WIDTH - _LEFT - 30)

    def parts() -> Iterator[str]:
        said = "grey: best single model; hollow: tried; filled: now, with the range over salts; in % of records"
        yield text((_LEFT, 46), said, 11, FAINT)
        yield from _scale(x, len(rows))
        for place, (row, runs) in enumerate(rows):
            y = _TOP + _STEP * place + 10
            shares = [100.0 * run["coverage"] for run in runs]
            mean = fmean(shares)
            yield text((_LEFT - 10, y + 4), f"{row.data.title}, {100 * row.target:g} %", 11, anchor="end")
            yield line((x(row.single.auto), y), (x(mean), y), GRID, 3)
            yield line((x(min(shares)), y), (x(max(shares)), y), GOOD, 3)
            yield dot((x(row.single.auto), y), 4, OTHER, f"one model {row.single.auto} %")
            yield dot((x(row.committee.auto), y), 5, "#ffffff", f"asked for: {least_auto(row):.1f} %", FAINT)
            yield dot((x(mean), y), 3.5, GOOD, f"now {mean:.1f} %")

    return picture(_WIDTH, _TOP + _STEP * len(rows) + 40, "Labelled by the machine, with a committee", parts())


def _scale(x: Callable[[float], float], rows: int) -> Iterator[str]:
    bottom = _TOP + _STEP * rows
    for mark in range(0, 101, 20):
        yield line((x(mark), _TOP), (x(mark), bottom), GRID)
        yield text((x(mark), bottom + 16), str(mark), 11, FAINT, "middle")

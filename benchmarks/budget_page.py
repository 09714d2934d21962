"""The budget benchmark as Markdown and as a picture."""

from collections.abc import Callable, Iterator
from itertools import product

from benchmarks.budget_plan import OURS, PACKAGED, BudgetResults, Gain
from benchmarks.budget_run import BASE
from benchmarks.data_sets import DataSet
from benchmarks.svg import BAD, FAINT, GOOD, GRID, OTHER, dot, line, picture, text
from benchmarks.words import percent

BEGIN, END = "<!-- budget: written by make bench-learning -->", "<!-- end of budget -->"

_TITLES = {
    BASE: "random, a coin for each record",
    OURS[0]: "**margin (default)**",
    OURS[1]: "uncertainty and novelty",
    OURS[2]: "random, within our windows",
    **PACKAGED,
}
_WORST = 0.5
_NEAR = 0.25
_LEFT, _TOP, _STEP, _WIDTH = 250, 62, 20, 820
_RANGE = 6.0


def page(results: BudgetResults) -> str:
    """The table, and what it rests on."""
    columns = ["asked by", *(data.title for data in results.plan.data), "asked", "most of 1,000"]
    rows = [_row(strategy, results) for strategy in results.plan.strategies if results.asked(strategy) is not None]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in (columns, ["---"] * len(columns), *rows))
    picture_line = "![Accuracy above random questions](learning-budget.svg)"
    return "\n\n".join([_about(results), _summary(results), *_missing(results), table, picture_line]) + "\n"


def _about(results: BudgetResults) -> str:
    about = results.about
    said = ", ".join(f"{name} {found}" for name, found in about["versions"].items())
    return (
        f"The first {about['records_at_most']:,} records of each file, {100 * about['share']:g} % of them asked about, "
        f"answers after {about['delay_records']} records. Code {about['code']}; {said}."
    )


def _summary(results: BudgetResults) -> str:
    gains = {data.title: gain for data in results.plan.data if (gain := results.gain(data, OURS[0]))}
    better = [title for title, gain in gains.items() if gain.is_better]
    worse = [title for title, gain in gains.items() if gain.mean < -_WORST]
    return (
        f"The default beats random questions, interval above 0, on {len(better)} of {len(gains)}: "
        f"{', '.join(better) or 'none'}. Worse by more than {_WORST} points: {', '.join(worse) or 'nowhere'}."
    )


def _missing(results: BudgetResults) -> list[str]:
    left = sum(not job.is_done for job in results.plan.jobs)
    return [f"**Not finished:** {left} runs. Start the same command again."] if left else []


def _row(strategy: str, results: BudgetResults) -> list[str]:
    cells = [
        _cell(results.accuracy(data, strategy), results.gain(data, strategy)) + _far_off(results, data, strategy)
        for data in results.plan.data
    ]
    most = results.most_in_a_window(strategy)
    return [_TITLES.get(strategy, strategy), *cells, f"{percent(results.asked(strategy))} %", f"{most:,}"]


def _cell(accuracy: float | None, gain: Gain | None) -> str:
    if accuracy is None:
        return "–"
    if gain is None or (gain.mean == 0.0 and gain.half == 0.0):
        return percent(accuracy)
    return f"{percent(accuracy)} ({gain.mean:+.1f} ± {gain.half:.1f})"


def _far_off(results: BudgetResults, data: DataSet, strategy: str) -> str:
    """What was asked, where that is not what may be asked."""
    asked, share = results.asked_of(data, strategy), results.about["share"]
    return f", asks {percent(asked)} %" if asked is not None and abs(asked - share) > _NEAR * share else ""


def budget_picture(results: BudgetResults) -> str:
    """Gain over random questions, with its interval; cut at six points."""
    strategies = [name for name in results.plan.strategies if name != BASE]
    rows = [
        (data, strategy, gain)
        for data, strategy in product(results.plan.data, strategies)
        if (gain := results.gain(data, strategy))
    ]

    def x(points: float) -> float:
        middle = (_LEFT + _WIDTH - 30) / 2
        return middle + max(-_RANGE, min(_RANGE, points)) / _RANGE * (_WIDTH - 30 - middle)

    def parts() -> Iterator[str]:
        yield text(
            (_LEFT, 46), "points of accuracy above random questions at the same budget, 95 % interval", 11, FAINT
        )
        yield from _scale(x, len(rows))
        for place, (data, strategy, gain) in enumerate(rows):
            y = _TOP + _STEP * place + 10
            colour = OTHER if strategy in PACKAGED else GOOD if gain.mean >= 0 else BAD
            yield text((_LEFT - 10, y + 4), f"{data.title}, {strategy.replace('_', ' ')}", 11, anchor="end")
            yield line((x(gain.mean - gain.half), y), (x(gain.mean + gain.half), y), colour, 3)
            yield dot((x(gain.mean), y), 4, colour, f"{gain.mean:+.2f} ± {gain.half:.2f}")

    return picture(_WIDTH, _TOP + _STEP * len(rows) + 40, "What asking by worth is good for", parts())


def _scale(x: Callable[[float], float], rows: int) -> Iterator[str]:
    bottom = _TOP + _STEP * rows
    for mark in range(-int(_RANGE), int(_RANGE) + 1, 2):
        yield line((x(mark), _TOP), (x(mark), bottom), FAINT if mark == 0 else GRID)
        yield text((x(mark), bottom + 16), f"{mark:+d}" if mark else "0", 11, FAINT, "middle")

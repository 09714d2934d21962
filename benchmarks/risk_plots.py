"""Pictures of the risk benchmark: coverage row by row, error against its target, and the peers."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks.pass_rule import pooled_error
from benchmarks.peers.choices import NAMES
from benchmarks.risk_plan import PEER_TARGET
from benchmarks.risk_results import RiskResults
from benchmarks.risk_rows import ROWS_BY_NAME, Row
from benchmarks.run_cache import Values
from benchmarks.svg import BAD, FAINT, GOOD, GRID, OTHER, dot, line, picture, text
from benchmarks.words import MODELS, percent, row_title

_LEFT, _TOP, _STEP, _WIDTH = 250, 62, 20, 860
_FULL_ERROR = 50.0


def plots(results: RiskResults) -> Mapping[str, str]:
    """The pictures by their file's name."""
    return {
        "risk-coverage": coverage(results),
        "risk-error": error(results),
        "risk-peers": peers(results),
    }


def _rows(results: RiskResults) -> list[tuple[Row, Sequence[Values]]]:
    return [(ROWS_BY_NAME[name], runs) for name, runs in results.runs.items() if runs]


def coverage(results: RiskResults) -> str:
    """Published and measured share of records that the machine labels."""
    rows = _rows(results)

    def x(share: float) -> float:
        return _LEFT + share / 100.0 * (_WIDTH - _LEFT - 30)

    def parts() -> Iterator[str]:
        yield text(
            (_LEFT, 46),
            "hollow: published (one salt); filled: now, with the range over salts; in % of records",
            11,
            FAINT,
        )
        yield from _scale(x, range(0, 101, 20), len(rows))
        for place, (row, runs) in enumerate(rows):
            y = _TOP + _STEP * place + 10
            shares = [100.0 * run["coverage"] for run in runs]
            mean = sum(shares) / len(shares)
            yield text((_LEFT - 10, y + 4), row_title(row), 11, anchor="end")
            yield line((x(min(shares)), y), (x(max(shares)), y), GOOD, 3)
            yield dot((x(row.published.auto), y), 5, "#ffffff", f"published {row.published.auto} %", FAINT)
            yield dot((x(mean), y), 3.5, GOOD, f"now {mean:.1f} %")

    return picture(_WIDTH, _TOP + _STEP * len(rows) + 40, "Labelled by the machine", parts())


def error(results: RiskResults) -> str:
    """True error of the released labels as a multiple of the target."""
    rows = [(row, runs, pooled) for row, runs in _rows(results) if (pooled := pooled_error(runs)) is not None]

    def x(multiple: float) -> float:
        return _LEFT + min(multiple, 2.0) / 2.0 * (_WIDTH - _LEFT - 30)

    def parts() -> Iterator[str]:
        yield text(
            (_LEFT, 46),
            "1 is the target; hollow: fewer than 10/target released a run, where the allowance counts",
            11,
            FAINT,
        )
        yield from _scale(x, (0, 0.5, 1, 1.5, 2), len(rows))
        yield line((x(1), _TOP), (x(1), _TOP + _STEP * len(rows)), BAD, 1.5, "4 3")
        for place, (row, runs, pooled) in enumerate(rows):
            y = _TOP + _STEP * place + 10
            few = sum(run["auto"] for run in runs) / len(runs) < 10.0 / row.target
            multiple = pooled / row.target
            colour = GOOD if multiple <= 1.0 else BAD
            yield text((_LEFT - 10, y + 4), row_title(row), 11, anchor="end")
            yield dot((x(multiple), y), 4, "#ffffff" if few else colour, f"{percent(pooled)} % wrong", colour)

    return picture(_WIDTH, _TOP + _STEP * len(rows) + 40, "Error of the machine's labels, in targets", parts())


def _scale(x: Callable[[float], float], marks: Sequence[float], rows: int) -> Iterator[str]:
    bottom = _TOP + _STEP * rows
    for mark in marks:
        yield line((x(mark), _TOP), (x(mark), bottom), GRID)
        yield text((x(mark), bottom + 16), f"{mark:g}", 11, FAINT, "middle")


def peers(results: RiskResults) -> str:
    """Coverage and error of everybody whose model learns from its own queries, a panel a data set."""
    panels = [pair for pair in results.extent.pairs if results.own[pair]]

    def parts() -> Iterator[str]:
        yield text((16, 46), "across: labelled by the machine, %; up: of these wrong, %; dashed: the target", 11, FAINT)
        for place, pair in enumerate(panels):
            yield from _panel(results, pair, 16 + place % 3 * 285, 62 + place // 3 * 250)
        bottom = 62 + (len(panels) + 2) // 3 * 250
        yield dot((24, bottom + 4), 6, GOOD, "Winnow")
        yield text((36, bottom + 8), "Winnow", 11)
        for place, name in enumerate(NAMES):
            words = f"{_LETTERS[name]}  {NAMES[name]}"
            yield text((110 + place % 2 * 360, bottom + 8 + place // 2 * 17), words, 11)

    height = 62 + (len(panels) + 2) // 3 * 250 + 110
    return picture(_WIDTH + 20, height, "The same streams: each model learns from what it asked people", parts())


_LETTERS = dict(zip(NAMES, "ABCDEFGHI", strict=True))


def _panel(results: RiskResults, pair: str, left: float, top: float) -> Iterator[str]:
    width, height = 240.0, 190.0
    x0, y0 = left + 28, top + 18

    def at(share: float, wrong: float) -> tuple[float, float]:
        return x0 + share * width, y0 + height * (1.0 - min(100.0 * wrong, _FULL_ERROR) / _FULL_ERROR)

    row = ROWS_BY_NAME[f"{pair}/{PEER_TARGET:g}"]
    yield text((x0, top + 8), f"{row.data.title}, {MODELS[row.model]}", 12)
    for mark in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5):
        yield line(at(0.0, mark), at(1.0, mark), GRID)
        yield text((x0 - 6, at(0.0, mark)[1] + 4), f"{100 * mark:.0f}", 10, FAINT, "end")
    for mark in (0.0, 0.5, 1.0):
        yield text((at(mark, 0.0)[0], y0 + height + 15), f"{100 * mark:.0f}", 10, FAINT, "middle")
    yield line(at(0.0, PEER_TARGET), at(1.0, PEER_TARGET), BAD, 1.5, "4 3")
    for name, values in results.own[pair].items():
        if values["auto_error"] is not None:
            x, y = at(values["coverage"], values["auto_error"])
            yield dot((x, y), 7, OTHER, f"{NAMES[name]}: {_both(values)}")
            yield text((x, y + 3.5), _LETTERS[name], 9, "#ffffff", "middle")
    runs = results.runs.get(row.name, [])
    if (pooled := pooled_error(runs)) is not None:
        share = sum(run["coverage"] for run in runs) / len(runs)
        yield dot(at(share, pooled), 6, GOOD, f"Winnow: {percent(share)} % labelled, {percent(pooled)} % wrong")


def _both(values: Values) -> str:
    return f"{percent(values['coverage'])} % labelled, {percent(values['auto_error'])} % wrong"

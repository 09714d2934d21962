"""The picture of `make bench`: processor time per record, on a scale where each step is ten times the one before."""

from collections.abc import Iterator
from math import ceil, floor, log10

from benchmarks import svg
from benchmarks.speed.clients import PASS_THROUGH, PEERS, RIVER_LOOP, WINNOW
from benchmarks.speed.results import SpeedResults
from benchmarks.speed.rows import ROWS

_LEFT, _RIGHT, _TOP, _STEP, _BAR = 270, 660, 50, 26, 16
_WIDTH = 760

Bar = tuple[str, float, str]
"""Words, µs a record, colour."""


def plot(results: SpeedResults) -> str:
    """An SVG file."""
    bars = list(_bars(results))
    height = _TOP + _STEP * len(bars) + 40
    low, high = _decades([bar[1] for bar in bars])
    parts = [
        *_grid(low, high, height),
        *(part for place, bar in enumerate(bars) for part in _bar(place, bar, low, high)),
    ]
    return svg.picture(_WIDTH, height, "Processor time per record, µs (log scale)", parts)


def _bars(results: SpeedResults) -> Iterator[Bar]:
    for row in ROWS:
        for program in (WINNOW, PASS_THROUGH, RIVER_LOOP, *PEERS):
            if spread := results.cpu_us(row.name, program.name):
                words = f"{row.title.partition(',')[0]}: {program.title}"
                yield words, spread.median, svg.GOOD if program == WINNOW else svg.OTHER


def _decades(values: list[float]) -> tuple[int, int]:
    if not values:
        return 0, 1
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return low, max(high, low + 1)


def _x(value: float, low: int, high: int) -> float:
    return _LEFT + (_RIGHT - _LEFT) * (log10(value) - low) / (high - low)


def _grid(low: int, high: int, height: int) -> Iterator[str]:
    for decade in range(low, high + 1):
        x = _x(10.0**decade, low, high)
        yield svg.line((x, _TOP - 8), (x, height - 30), svg.GRID)
        yield svg.text((x, height - 14), f"{10.0**decade:g}", 11, svg.FAINT, "middle")


def _bar(place: int, bar: Bar, low: int, high: int) -> Iterator[str]:
    words, value, colour = bar
    y = _TOP + _STEP * place
    end = _x(value, low, high)
    yield svg.text((_LEFT - 8, y + 12), words, 12, svg.INK, "end")
    yield svg.element("rect", x=_LEFT, y=y, width=max(end - _LEFT, 1.0), height=_BAR, fill=colour)
    yield svg.text((end + 6, y + 12), f"{value:,.0f}" if value >= 100 else f"{value:.1f}", 12)

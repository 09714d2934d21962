"""What the dashboard remembers of `metrics`: of each source the newest windows, and when alarms rose.

Pure. Promises: the same messages give the same board in any order and however often they are
re-sent (within a window the highest sequence wins, of windows that start together the shortest
goes first), and memory is bounded by `BoardLimits` whatever the topic's length.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self, get_args

from winnow_schemas.metrics import Family, Metric, MetricValue

Values = Mapping[str, MetricValue]
FAMILIES: tuple[Family, ...] = get_args(Family)


@dataclass(frozen=True)
class BoardLimits:
    """How much is kept: seconds of windows for each source, newest alarms, sources in a family."""

    history_s: float = 2 * 3600.0
    alarms: int = 50
    sources: int = 64


class Reading(NamedTuple):
    """One window of one source; `start` in seconds since the epoch."""

    start: float
    seconds: float
    sequence: int
    values: Values

    @property
    def end(self) -> float:
        return self.start + self.seconds

    @property
    def rank(self) -> tuple[float, float, int]:
        """Newer windows above older ones, then shorter above longer, then by sequence."""
        return self.start, -self.seconds, self.sequence


def number(values: Values, name: str) -> float | None:
    """A number of that name; None when it is absent or something else."""
    value = values.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


class Board:
    """The fold of `metrics`: `fold` every message, then ask."""

    def __init__(self, limits: BoardLimits | None = None) -> None:
        self._limits = limits or BoardLimits()
        self._windows: dict[Family, dict[str, dict[float, Reading]]] = {family: {} for family in FAMILIES}
        self._alarms: dict[int, float] = {}
        self._gate_since: float | None = None

    def fold(self, metric: Metric) -> None:
        """Take one message in."""
        window = metric.window
        reading = Reading(window.start.timestamp(), window.seconds, metric.sequence, metric.values)
        self._keep(metric.family, metric.source, reading)
        if metric.family == "gate":
            self._note_alarms(reading)

    def latest(self, family: Family) -> dict[str, Reading]:
        """The newest window of every source."""
        return {source: windows[max(windows)] for source, windows in sorted(self._windows[family].items())}

    def newest(self, family: Family) -> Reading | None:
        """The newest window of a family that only one service writes."""
        return max(self.latest(family).values(), key=_rank, default=None)

    def history(self, family: Family) -> list[Reading]:
        """The kept windows of a family that only one service writes, oldest first."""
        best: dict[float, Reading] = {}
        for windows in self._windows[family].values():
            for start, reading in windows.items():
                best[start] = max(best.get(start, reading), reading, key=_rank)
        return [best[start] for start in sorted(best)]

    def total(self, family: Family, name: str) -> float:
        """What all sources counted by that name in all windows that are kept."""
        windows = (reading for kept in self._windows[family].values() for reading in kept.values())
        return sum(number(reading.values, name) or 0.0 for reading in windows)

    def alarms(self) -> list[tuple[int, float]]:
        """Number and time of the newest alarms, newest first."""
        return sorted(self._alarms.items(), reverse=True)

    @property
    def gate_since(self) -> float | None:
        """Start of the oldest window of the gate: alarms that it already counts may be older."""
        return self._gate_since

    def snapshot(self) -> dict[str, Any]:
        """Everything, as JSON knows it."""
        windows = {
            family: {source: [list(kept[start]) for start in sorted(kept)] for source, kept in sources.items()}
            for family, sources in self._windows.items()
        }
        return {"windows": windows, "alarms": [list(alarm) for alarm in self.alarms()], "gate_since": self._gate_since}

    @classmethod
    def restore(cls, snapshot: Mapping[str, Any], limits: BoardLimits | None = None) -> Self:
        """The board that gave this snapshot."""
        board = cls(limits)
        board._gate_since = snapshot["gate_since"]
        board._alarms = {int(count): at for count, at in snapshot["alarms"]}
        for family in FAMILIES:
            for source, readings in snapshot["windows"][family].items():
                board._windows[family][source] = {entry[0]: Reading(*entry) for entry in readings}
        return board

    def _keep(self, family: Family, source: str, reading: Reading) -> None:
        sources = self._windows[family]
        windows = sources.setdefault(source, {})
        known = windows.get(reading.start)
        if known is None or reading.rank >= known.rank:
            windows[reading.start] = reading
        if known is None:
            self._forget_old(sources, source)

    def _forget_old(self, sources: dict[str, dict[float, Reading]], source: str) -> None:
        oldest = max(sources[source]) - self._limits.history_s
        sources[source] = {start: kept for start, kept in sources[source].items() if start >= oldest}
        if len(sources) > self._limits.sources:
            del sources[min(sources, key=lambda name: (max(sources[name]), name))]

    def _note_alarms(self, reading: Reading) -> None:
        self._gate_since = min(self._gate_since or reading.start, reading.start)
        count = int(number(reading.values, "alarms") or 0)
        for alarm in range(max(1, count - self._limits.alarms + 1), count + 1):
            self._alarms[alarm] = min(self._alarms.get(alarm, reading.start), reading.start)
        oldest = max(self._alarms, default=0) - self._limits.alarms
        self._alarms = {alarm: at for alarm, at in self._alarms.items() if alarm > oldest}


def _rank(reading: Reading) -> tuple[float, float, int]:
    return reading.rank

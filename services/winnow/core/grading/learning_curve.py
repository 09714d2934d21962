"""How good a model was from run to run of verdicts. When there are many runs, two by two become one."""

from collections.abc import Sequence
from typing import Any, NamedTuple

_MOST_RUNS = 60
_FIRST_RUN = 50


class Run(NamedTuple):
    """Sums over one run; `verdicts` counts all up to its end."""

    verdicts: int
    weight: float
    right: float
    loss: float


class LearningCurve:
    """Runs of equal length, at most `_MOST_RUNS`, and the one that is not full yet."""

    def __init__(self) -> None:
        self._length = _FIRST_RUN
        self._runs: list[Run] = []
        self._open = Run(0, 0.0, 0.0, 0.0)

    def add(self, weight: float, loss: float, *, right: bool) -> None:
        """One verdict."""
        now = self._open
        self._open = Run(now.verdicts + 1, now.weight + weight, now.right + weight * right, now.loss + weight * loss)
        if self._open.verdicts % self._length == 0:
            self._close()

    def _close(self) -> None:
        self._runs.append(self._open)
        self._open = Run(self._open.verdicts, 0.0, 0.0, 0.0)
        if len(self._runs) == _MOST_RUNS:
            self._length *= 2
            pairs = zip(self._runs[::2], self._runs[1::2], strict=True)
            self._runs = [Run(b.verdicts, a.weight + b.weight, a.right + b.right, a.loss + b.loss) for a, b in pairs]

    @property
    def runs(self) -> Sequence[Run]:
        """Oldest first, the open one too."""
        return [*self._runs, *([self._open] if self._open.weight > 0 else [])]

    def snapshot(self) -> dict[str, Any]:
        """All there is to know, as plain JSON."""
        return {"length": self._length, "runs": [list(run) for run in self._runs], "open": list(self._open)}

    def restore(self, state: dict[str, Any]) -> None:
        """Back to a snapshot."""
        self._length, self._open = state["length"], Run(*state["open"])
        self._runs = [Run(*run) for run in state["runs"]]

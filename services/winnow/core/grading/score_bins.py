"""How sure a model was, and how often rightly: what calibration and coverage are read from, in constant memory."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_FINE = 200
_HIGHEST = 12.0
_TENTHS = 10


class Tenth(NamedTuple):
    """One tenth of 0..1: share of the weight, mean top probability, share of right ones."""

    share: float
    promised: float
    right: float


class ScoreBins:
    """Sums of weights, top probabilities and right ones, by top probability in fine steps of its log-odds."""

    def __init__(self) -> None:
        self._fine: Floats = np.zeros((_FINE, 2))
        self._tenths: Floats = np.zeros((_TENTHS, 3))

    def add(self, top_probability: float, weight: float, *, right: bool) -> None:
        """One verdict."""
        self._fine[_step(top_probability)] += (weight, weight * right)
        tenth = min(_TENTHS - 1, int(top_probability * _TENTHS))
        self._tenths[tenth] += (weight, weight * top_probability, weight * right)

    @property
    def tenths(self) -> list[Tenth]:
        """Those that hold anything, lowest first."""
        total = self._tenths[:, 0].sum()
        held = self._tenths[self._tenths[:, 0] > 0]
        return [Tenth(float(w / total), float(p / w), float(r / w)) for w, p, r in held]

    @property
    def calibration_error(self) -> float:
        """Mean distance of what was promised from what came true (Naeini, Cooper & Hauskrecht 2015)."""
        return sum(tenth.share * abs(tenth.promised - tenth.right) for tenth in self.tenths)

    def coverage(self, target: float) -> float:
        """The largest share from the top down in which at most `target` were wrong; with hindsight."""
        weight, right = (column.cumsum() for column in self._fine[::-1].T)
        held = np.flatnonzero((weight > 0) & (weight - right <= target * weight + 1e-9))
        return float(weight[held[-1]] / weight[-1]) if held.size else 0.0

    def snapshot(self) -> dict[str, Any]:
        """All there is to know, as plain JSON."""
        return {"fine": self._fine.tolist(), "tenths": self._tenths.tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Back to a snapshot."""
        self._fine, self._tenths = np.asarray(state["fine"]), np.asarray(state["tenths"])


def _step(top_probability: float) -> int:
    if top_probability >= 1.0:
        return _FINE - 1
    odds = np.log(max(top_probability, 1e-6) / (1.0 - top_probability))
    place = (float(odds) + 2.0) / (_HIGHEST + 2.0) * _FINE
    return max(0, min(_FINE - 1, int(place)))

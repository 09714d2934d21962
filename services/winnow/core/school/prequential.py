"""How good a model is on verdicts it has not learned yet (Dawid 1984: each is predicted before it is learned).

Verdicts of records that people rarely see count for those they did not see (Horvitz & Thompson 1952),
and old ones fade, so that the figures follow the stream.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from winnow_schemas.base import Scores

FADING = 0.999
MAX_WEIGHT = 1000.0
_LEAST_PROBABILITY = 1e-6


@dataclass
class Prequential:
    """Faded sums; `weight` is of all verdicts, `right` of those predicted right."""

    weight: float = 0.0
    right: float = 0.0
    loss: float = 0.0

    def judge(self, scores: Scores | None, label: str, propensity: float) -> None:
        """One verdict; no scores count as wrong."""
        probability = max((scores or {}).get(label, 0.0), _LEAST_PROBABILITY)
        is_right = scores is not None and max(scores, key=scores.__getitem__) == label
        counts_for = min(MAX_WEIGHT, 1 / propensity) if propensity > 0 else MAX_WEIGHT
        self.weight = FADING * self.weight + counts_for
        self.right = FADING * self.right + counts_for * is_right
        self.loss = FADING * self.loss - counts_for * math.log(probability)

    def figures(self) -> dict[str, float]:
        """`accuracy` and `log_loss` once something was judged, and the sums to go on from."""
        sums = {"weight": self.weight, "right": self.right, "loss": self.loss}
        if self.weight == 0:
            return sums
        return {"accuracy": self.right / self.weight, "log_loss": self.loss / self.weight, **sums}

    @classmethod
    def from_figures(cls, figures: Mapping[str, float]) -> Self:
        """The sums of former `figures`."""
        return cls(figures.get("weight", 0.0), figures.get("right", 0.0), figures.get("loss", 0.0))

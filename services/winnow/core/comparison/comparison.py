"""Two models on the same verdicts: how much better the challenger is, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from typing import Any

import numpy as np

from winnow.core.comparison.betting import Capital
from winnow.core.comparison.judgement import MOST_SURPRISED, Judgement, weight_of


@dataclass(slots=True)
class _Sums:
    """Over the verdicts of one label, or of all: weights, and differences times weights."""

    verdicts: int = 0
    weight: float = 0.0
    accuracy: float = 0.0
    loss: float = 0.0

    def add(self, weight: float, accuracy: float, loss: float) -> None:
        self.verdicts += 1
        self.weight += weight
        self.accuracy += weight * accuracy
        self.loss += weight * loss


@dataclass(frozen=True, slots=True)
class Gain:
    """Challenger minus champion, per record: `accuracy`, and `loss` (less is better) as judged, both in -1..1."""

    verdicts: int
    accuracy: float
    loss: float

    @property
    def log_loss(self) -> float:
        """The same in nats."""
        return self.loss * MOST_SURPRISED

    def __str__(self) -> str:
        return f"accuracy {self.accuracy:+.3f}, log loss {self.log_loss:+.3f} on {self.verdicts:,} verdicts"


class Comparison:
    """Of a challenger with the champion, from the moment on at which one of them became it."""

    def __init__(self) -> None:
        self._accuracy = Capital()
        self._loss = Capital()
        self._all = _Sums()
        self._labels: dict[str, _Sums] = {}

    def hear(self, champion: Judgement, challenger: Judgement, label: str, propensity: float) -> None:
        """One verdict that both scored before they learned it."""
        weight = weight_of(propensity)
        accuracy = float(challenger.right) - float(champion.right)
        loss = challenger.loss - champion.loss
        self._accuracy.hear(accuracy, weight)
        self._loss.hear(-loss, weight)
        for sums in (self._all, self._labels.setdefault(label, _Sums())):
            sums.add(weight, accuracy, loss)

    @property
    def evidence(self) -> float:
        """That the challenger is better in accuracy or log loss: above 1/α with probability α at most if it is not.

        The mean of two e-processes is one for what both of them rule out.
        """
        return exp(min(700.0, float(np.logaddexp(self._accuracy.log, self._loss.log)) - float(np.log(2.0))))

    @property
    def gain(self) -> Gain:
        """Over all verdicts."""
        return _gain(self._all)

    @property
    def gains(self) -> dict[str, Gain]:
        """Over the verdicts of each label."""
        return {label: _gain(sums) for label, sums in self._labels.items()}

    def snapshot(self) -> dict[str, Any]:
        """All there is to know, as plain JSON."""
        return {
            "accuracy": self._accuracy.snapshot(),
            "loss": self._loss.snapshot(),
            "all": _listed(self._all),
            "labels": {label: _listed(sums) for label, sums in self._labels.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Back to a snapshot."""
        self._accuracy.restore(state["accuracy"])
        self._loss.restore(state["loss"])
        self._all = _Sums(*state["all"])
        self._labels = {label: _Sums(*sums) for label, sums in state["labels"].items()}


def _gain(sums: _Sums) -> Gain:
    if sums.weight == 0.0:
        return Gain(0, 0.0, 0.0)
    return Gain(sums.verdicts, sums.accuracy / sums.weight, sums.loss / sums.weight)


def _listed(sums: _Sums) -> list[float]:
    return [sums.verdicts, sums.weight, sums.accuracy, sums.loss]

"""How likely the machine's label is wrong: one online logistic regression over all labels.

Inputs are the log-odds of the top probability and one constant per predicted label, so that "the
model says at most θ" is one threshold on the top probability for each label. Step sizes by AdaGrad
(Duchi, Hazan & Singer 2011) with forgetting.
"""

from collections.abc import Mapping, Sequence
from math import exp, log, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LOWEST_PROBABILITY = 1e-6
HIGHEST_PROBABILITY = 1.0 - 1e-7
HIGHEST_LOGIT = 14.0
LOWEST_Z = -12.0
HIGHEST_Z = 6.0
HEAVIEST = 20.0

_RATE = 0.3
_DECAY = 1e-4
_MEMORY = 0.9995
_LEAST_CURVATURE = 1e-8
"""An input that is always 0 must not let its step size grow without end."""


def logit(top_probability: float) -> float:
    """Log-odds of a probability, cut so that exact zeros and ones stay finite."""
    p = min(max(top_probability, LOWEST_PROBABILITY), HIGHEST_PROBABILITY)
    return min(log(p / (1.0 - p)), HIGHEST_LOGIT)


def logits(top_probabilities: Floats) -> Floats:
    """The same of many."""
    p = np.clip(top_probabilities, LOWEST_PROBABILITY, HIGHEST_PROBABILITY)
    odds: Floats = np.minimum(np.log(p / (1.0 - p)), HIGHEST_LOGIT)
    return odds


def _sigmoid(z: float) -> float:
    return 1.0 / (1.0 + exp(-z))


class _Weight:
    """One weight with its AdaGrad curvature."""

    __slots__ = ("curvature", "value")

    def __init__(self, value: float, curvature: float = 1.0) -> None:
        self.value = value
        self.curvature = curvature

    def step(self, gradient: float) -> None:
        self.curvature = max(_MEMORY * self.curvature + gradient * gradient, _LEAST_CURVATURE)
        self.value -= _RATE * (gradient + _DECAY * self.value) / sqrt(self.curvature)


class ErrorModel:
    """`z = w₀ + w₁·x/3 + v_label`, the log-odds that the label is wrong, cut to [-12, 6]."""

    def __init__(self) -> None:
        self._bias = _Weight(-1.0)
        self._slope = _Weight(-1.0)
        self._labels: dict[str, _Weight] = {}

    @property
    def bias(self) -> float:
        return self._bias.value

    @property
    def slope(self) -> float:
        return self._slope.value

    @property
    def labels(self) -> Sequence[str]:
        """Labels met so far."""
        return tuple(self._labels)

    def offset(self, label: str) -> float:
        """What the label adds to z; 0 for one not met yet."""
        weight = self._labels.get(label)
        return weight.value if weight else 0.0

    def z(self, x: float, label: str) -> float:
        """Log-odds that `label`, given with log-odds `x`, is wrong."""
        return min(max(self.bias + self.slope * x / 3.0 + self.offset(label), LOWEST_Z), HIGHEST_Z)

    def learn(self, x: float, label: str, weight: float, *, wrong: bool) -> None:
        """Take in one answer; `weight` is its inverse propensity and is cut at 20."""
        gradient = min(weight, HEAVIEST) * (_sigmoid(self.z(x, label)) - wrong)
        self._bias.step(gradient)
        self._slope.step(gradient * x / 3.0)
        self._labels.setdefault(label, _Weight(0.0)).step(gradient)

    def free_steps(self) -> None:
        """Let the model move again as fast as at its start; what it knows stays."""
        for weight in (self._bias, self._slope, *self._labels.values()):
            weight.curvature = min(weight.curvature, 1.0)

    def snapshot(self) -> dict[str, Any]:
        return {
            "bias": [self._bias.value, self._bias.curvature],
            "slope": [self._slope.value, self._slope.curvature],
            "labels": {label: [weight.value, weight.curvature] for label, weight in self._labels.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._bias = _Weight(*state["bias"])
        self._slope = _Weight(*state["slope"])
        self._labels = {label: _Weight(*pair) for label, pair in state["labels"].items()}

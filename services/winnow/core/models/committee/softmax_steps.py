"""Softmax regression over sparse inputs, one step of gradient descent a verdict."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from winnow.core.models.committee.growing_tables import Floats, GrowingTable, Rows, softmax

_LEAST_SQUARE = 1e-8
"""An input whose gradient stays 0 must not let its step size grow without end."""


class Inputs(NamedTuple):
    """Which inputs are there, and their values; all others are 0."""

    rows: Rows
    values: Floats


@dataclass(frozen=True, slots=True)
class AdaGrad:
    """A step size per weight (Duchi, Hazan & Singer 2011); `memory` below 1 forgets old gradients."""

    rate: float
    first_square: float
    memory: float = 1.0


Sum = Callable[[Floats], Floats]
"""How the inputs' terms are added up; see `sums`."""


class PlainSteps:
    """The same step size for all weights."""

    def __init__(self, labels: int, rate: float, total: Sum) -> None:
        self.rate = rate
        self.total = total
        self.weights = GrowingTable(labels)

    def probabilities(self, inputs: Inputs) -> Floats:
        """The share of each label."""
        return softmax(self.total(inputs.values[:, None] * self.weights.cells[inputs.rows]))

    def grow(self, inputs: int) -> None:
        """There are now so many inputs."""
        self.weights.grow(inputs)

    def add_label(self) -> None:
        """One more label, with weights of 0."""
        self.weights.add_label()

    def step(self, inputs: Inputs, label: int) -> None:
        """One step down the log loss."""
        slopes = self.probabilities(inputs)
        slopes[label] -= 1.0
        self.weights.cells[inputs.rows] -= self.rate * np.multiply.outer(inputs.values, slopes)


class AdaGradSteps(PlainSteps):
    """The more a weight has moved, the less it moves."""

    def __init__(self, labels: int, steps: AdaGrad, total: Sum) -> None:
        super().__init__(labels, steps.rate, total)
        self.memory = steps.memory
        self.squares = GrowingTable(labels, steps.first_square)

    def grow(self, inputs: int) -> None:
        super().grow(inputs)
        self.squares.grow(inputs)

    def add_label(self) -> None:
        super().add_label()
        self.squares.add_label()

    def step(self, inputs: Inputs, label: int) -> None:
        weights = self.weights.cells[inputs.rows]
        slopes = softmax(inputs.values @ weights)
        slopes[label] -= 1.0
        gradient = np.multiply.outer(inputs.values, slopes)
        squares = np.maximum(self.memory * self.squares.cells[inputs.rows] + gradient * gradient, _LEAST_SQUARE)
        self.squares.cells[inputs.rows] = squares
        self.weights.cells[inputs.rows] = weights - self.rate * gradient / np.sqrt(squares)

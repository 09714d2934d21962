"""The vector pool: a linear model over an embedding of length 1."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from winnow.core.models.committee.growing_tables import Floats
from winnow.core.models.committee.members import Input, Member, Reader
from winnow.core.models.committee.softmax_steps import AdaGrad, AdaGradSteps, Inputs
from winnow.core.models.committee.sums import in_order
from winnow.core.voting import log_votes

BIAS = 0.3


def embedding_names(size: int) -> tuple[str, ...]:
    """What the numbers of an embedding are called in a model's input."""
    return tuple(f"e{place}" for place in range(size))


class EmbeddingReader(Reader[Floats, Floats]):
    """Reads the numbers of these names as one vector; a missing one is 0."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)

    def read(self, x: Input) -> Floats:
        """The vector, divided by its length; all zeros when there is none."""
        (unit,) = of_length_1(np.array([[x.get(name, 0.0) for name in self.names]]))
        return unit  # type: ignore[no-any-return]  # numpy's rows are of any type

    def see(self, kept: Floats) -> Floats:
        """As it was read."""
        return kept


def of_length_1(vectors: Floats) -> Floats:
    """Rows divided by their lengths; those of zeros stay."""
    largest = np.abs(vectors).max(axis=1, initial=0.0, keepdims=True)
    scaled = vectors / np.where(largest == 0.0, 1.0, largest)
    lengths = np.sqrt((scaled * scaled).sum(axis=1, keepdims=True))
    units: Floats = scaled / np.where(lengths == 0.0, 1.0, lengths)
    return units


class LinearEmbedding(Member[Floats]):
    """Softmax over the numbers and a bias; a record without an embedding is not voted on."""

    name = "embedding_linear"
    start = 1.2

    def __init__(self, labels: int, size: int) -> None:
        self.steps = AdaGradSteps(labels, AdaGrad(rate=0.5, first_square=0.01), in_order)
        self.steps.grow(size + 1)

    def votes(self, seen: Floats) -> Floats:
        if not seen.any():
            return np.zeros(self.steps.weights.cells.shape[1])
        return log_votes(self.steps.probabilities(_inputs(seen)))

    def learn(self, seen: Floats, label: int) -> None:
        self.again(seen, label)

    def again(self, seen: Floats, label: int) -> None:
        if seen.any():
            self.steps.step(_inputs(seen), label)

    def add_label(self, label: Any) -> None:  # noqa: ARG002
        self.steps.add_label()


def _inputs(seen: Floats) -> Inputs:
    return Inputs(np.arange(len(seen) + 1), np.concatenate([seen, [BIAS]]))

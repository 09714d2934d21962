"""Linear text models: L2-normalised word counts, AdaGrad (Duchi, Hazan & Singer 2011).

The same steps as River's `LogisticRegression` and `SoftmaxRegression` with `AdaGrad`, on arrays in place of
dictionaries, so that a text is learned and scored at once and the state is small.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from river import base

from winnow.core.models.vocabulary import Amounts, Columns, Vocabulary, bag_of, with_room_for

_EPSILON = 1e-8


def _normalised(amounts: Amounts) -> Amounts:
    length = math.sqrt(float((amounts * amounts).sum()))
    return amounts / length if length else amounts


class _AdaGradWeights:
    """Weights per label and word, each with a step size of its own."""

    def __init__(self, rows: int, rate: float) -> None:
        self.rate = rate
        self.vocabulary = Vocabulary()
        self.weights: Amounts = np.zeros((rows, 1024))
        self.squares: Amounts = np.zeros((rows, 1024))

    def __getstate__(self) -> dict[str, Any]:
        """Without the room kept for words to come."""
        width = len(self.vocabulary)
        trimmed = {"weights": self.weights[:, :width].copy(), "squares": self.squares[:, :width].copy()}
        return {**self.__dict__, **trimmed}

    def dot(self, text: str) -> Amounts:
        """The weighted sum of the known words, per label; unknown words count in the length."""
        columns, amounts, unknown = self.vocabulary.look_up(bag_of(text))
        length = math.sqrt(float((amounts * amounts).sum() + (unknown * unknown).sum()))
        if not len(columns):
            return np.zeros(len(self.weights))
        return (self.weights[:, columns] * (amounts / length)).sum(axis=1)  # type: ignore[no-any-return]

    def learn(self, text: str) -> tuple[Columns, Amounts]:
        """Columns and normalised counts of a text; there is room for all its words afterwards."""
        bag = bag_of(text)
        columns = self.vocabulary.learn(bag)
        self.weights = with_room_for(self.weights, len(self.vocabulary))
        self.squares = with_room_for(self.squares, len(self.vocabulary))
        return columns, _normalised(bag.amounts)

    def step(self, columns: Columns, amounts: Amounts, slopes: Amounts) -> None:
        """One step down: `slopes` is the gradient of the loss per label."""
        gradient = slopes[:, None] * amounts[None, :]
        squares = self.squares[:, columns] + gradient * gradient
        self.squares[:, columns] = squares
        self.weights[:, columns] -= self.rate / np.sqrt(squares + _EPSILON) * gradient


class TextLogistic(base.Classifier):  # type: ignore[misc]
    """Two labels, told apart as true and false. The intercept steps at `intercept_rate`."""

    def __init__(self, rate: float = 0.3, intercept_rate: float = 0.01) -> None:
        self.rate = rate
        self.intercept_rate = intercept_rate
        self.intercept = 0.0
        self.linear = _AdaGradWeights(1, rate)

    def learn_one(self, x: dict[Any, Any], y: Any) -> None:
        """One step of gradient descent on the log loss."""
        columns, amounts = self.linear.learn(x.get("text", ""))
        margin = float((self.linear.weights[0, columns] * amounts).sum()) + self.intercept
        slope = _sigmoid(margin) - bool(y)
        self.intercept -= self.intercept_rate * slope
        self.linear.step(columns, amounts, np.array([slope]))

    def predict_proba_one(self, x: dict[Any, Any], **_: Any) -> dict[Any, float]:
        """Probabilities of true and false."""
        probability = _sigmoid(float(self.linear.dot(x.get("text", ""))[0]) + self.intercept)
        return {False: 1 - probability, True: probability}


class TextSoftmax(base.Classifier):  # type: ignore[misc]
    """Several labels, all known from the start. The constant feature stands in for an intercept."""

    def __init__(self, labels: tuple[str, ...], rate: float = 0.3) -> None:
        self.labels = labels
        self.rate = rate
        self.rows: dict[Any, int] = {label: row for row, label in enumerate(labels)}
        self.linear = _AdaGradWeights(len(labels), rate)
        self.constants = np.zeros(len(labels))
        self.constant_squares = np.zeros(len(labels))

    @property
    def _multiclass(self) -> bool:
        return True

    def learn_one(self, x: dict[Any, Any], y: Any) -> None:
        """One step of gradient descent on the cross entropy."""
        row = self._row_of(y)
        columns, amounts = self.linear.learn(x.get("text", ""))
        slopes = _softmax((self.linear.weights[:, columns] * amounts).sum(axis=1) + self.constants)
        slopes[row] -= 1.0
        self.constant_squares = self.constant_squares + slopes * slopes
        self.constants = self.constants - self.rate / np.sqrt(self.constant_squares + _EPSILON) * slopes
        self.linear.step(columns, amounts, slopes)

    def predict_proba_one(self, x: dict[Any, Any], **_: Any) -> dict[Any, float]:
        """The probability of each label known."""
        scores = _softmax(self.linear.dot(x.get("text", "")) + self.constants)
        return dict(zip(self.rows, scores.tolist(), strict=True))

    @classmethod
    def _unit_test_params(cls) -> Iterator[dict[str, Any]]:
        yield {"labels": (False, True)}

    def _row_of(self, label: Any) -> int:
        if label not in self.rows:
            self.rows[label] = len(self.rows)
            self.constants = np.append(self.constants, 0.0)
            self.constant_squares = np.append(self.constant_squares, 0.0)
            self.linear.weights = _with_one_more_row(self.linear.weights)
            self.linear.squares = _with_one_more_row(self.linear.squares)
        return self.rows[label]


def _with_one_more_row(table: Amounts) -> Amounts:
    return np.vstack([table, np.zeros(table.shape[1])])


def _sigmoid(margin: float) -> float:
    return 1 / (1 + math.exp(-min(max(margin, -700.0), 700.0)))


def _softmax(margins: npt.NDArray[np.float64]) -> Amounts:
    odds = np.exp(margins - margins.max())
    return odds / odds.sum()  # type: ignore[no-any-return]

"""Linear text models: L2-normalised word counts, AdaGrad (Duchi, Hazan & Singer 2011).

The same steps as River's `LogisticRegression` and `SoftmaxRegression` with `AdaGrad`, on arrays in place of
dictionaries, so that a text is learned and scored at once and the state is small.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from river import base

from winnow.core.models.vocabulary import Amounts, Vocabulary, bag_of, with_one_more_column, with_room_for

_EPSILON = 1e-8


def _normalised(amounts: Amounts) -> Amounts:
    length = math.sqrt(float((amounts * amounts).sum()))
    return amounts / length if length else amounts


class _AdaGradWeights:
    """Weights per word and label, each with a step size of its own."""

    def __init__(self, labels: int, rate: float) -> None:
        self.rate = rate
        self.vocabulary = Vocabulary()
        self.weights_by_word: Amounts = np.zeros((1024, labels))
        self.squares_by_word: Amounts = np.zeros((1024, labels))

    def __getstate__(self) -> dict[str, Any]:
        """Without the room kept for words to come."""
        tables = self.weights_by_word, self.squares_by_word
        return {"rate": self.rate, "vocabulary": self.vocabulary, "tables": self._without_room(*tables)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.rate, self.vocabulary = state["rate"], state["vocabulary"]
        self.weights_by_word, self.squares_by_word = state["tables"]

    def _without_room(self, *tables: Amounts) -> tuple[Amounts, ...]:
        return tuple(table[: len(self.vocabulary)].copy() for table in tables)

    def add_label(self) -> None:
        """Another label: it weighs nothing yet."""
        self.weights_by_word = with_one_more_column(self.weights_by_word)
        self.squares_by_word = with_one_more_column(self.squares_by_word)

    def dot(self, text: str) -> Amounts:
        """The weighted sum of the known words, per label; unknown words count in the length."""
        words, amounts, unknown = self.vocabulary.look_up(bag_of(text))
        length = math.sqrt(float(amounts @ amounts + unknown @ unknown))
        if not len(words):
            return np.zeros(self.weights_by_word.shape[1])
        return (amounts / length) @ self.weights_by_word[words]

    def learn(self, text: str, intercepts: Amounts, slopes_of: Callable[[Amounts], Amounts]) -> Amounts:
        """One step down the gradient of the loss, which is returned per label: `slopes_of` makes it of the margins."""
        bag = self.vocabulary.within(bag_of(text))
        words, amounts = self.vocabulary.learn(bag), _normalised(bag.amounts)
        self.weights_by_word = with_room_for(self.weights_by_word, len(self.vocabulary))
        self.squares_by_word = with_room_for(self.squares_by_word, len(self.vocabulary))
        weights = self.weights_by_word[words]
        slopes = slopes_of(amounts @ weights + intercepts)
        gradient = amounts[:, None] * slopes
        squares = self.squares_by_word[words] + gradient * gradient
        self.squares_by_word[words] = squares
        self.weights_by_word[words] = weights - self.rate / np.sqrt(squares + _EPSILON) * gradient
        return slopes


class TextLogistic(base.Classifier):  # type: ignore[misc]
    """Two labels, told apart as true and false. The intercept steps at `intercept_rate`."""

    def __init__(self, rate: float = 0.3, intercept_rate: float = 0.01) -> None:
        self.rate = rate
        self.intercept_rate = intercept_rate
        self.intercept = 0.0
        self.linear = _AdaGradWeights(1, rate)

    @property
    def full(self) -> bool:
        """Whether words are left out."""
        return self.linear.vocabulary.full

    def learn_one(self, x: dict[Any, Any], y: Any) -> None:
        """One step of gradient descent on the log loss."""
        (slope,) = self.linear.learn(
            x.get("text", ""), np.array([self.intercept]), lambda margins: np.array([_sigmoid(margins[0]) - bool(y)])
        )
        self.intercept -= self.intercept_rate * float(slope)

    def predict_proba_one(self, x: dict[Any, Any], **_: Any) -> dict[Any, float]:
        """Probabilities of true and false."""
        probability = _sigmoid(float(self.linear.dot(x.get("text", ""))[0]) + self.intercept)
        return {False: 1 - probability, True: probability}


class TextSoftmax(base.Classifier):  # type: ignore[misc]
    """Several labels, all known from the start. The constant feature stands in for an intercept."""

    def __init__(self, labels: tuple[str, ...], rate: float = 0.3) -> None:
        self.labels = labels
        self.rate = rate
        self.columns: dict[Any, int] = {label: column for column, label in enumerate(labels)}
        self.linear = _AdaGradWeights(len(labels), rate)
        self.constants = np.zeros(len(labels))
        self.constant_squares = np.zeros(len(labels))

    @property
    def full(self) -> bool:
        """Whether words are left out."""
        return self.linear.vocabulary.full

    @property
    def _multiclass(self) -> bool:
        return True

    def learn_one(self, x: dict[Any, Any], y: Any) -> None:
        """One step of gradient descent on the cross entropy."""
        column = self._column_of(y)
        truth = np.zeros(len(self.columns))
        truth[column] = 1.0
        slopes = self.linear.learn(x.get("text", ""), self.constants, lambda margins: _softmax(margins) - truth)
        self.constant_squares = self.constant_squares + slopes * slopes
        self.constants = self.constants - self.rate / np.sqrt(self.constant_squares + _EPSILON) * slopes

    def predict_proba_one(self, x: dict[Any, Any], **_: Any) -> dict[Any, float]:
        """The probability of each label known."""
        scores = _softmax(self.linear.dot(x.get("text", "")) + self.constants)
        return dict(zip(self.columns, scores.tolist(), strict=True))

    @classmethod
    def _unit_test_params(cls) -> Iterator[dict[str, Any]]:
        yield {"labels": (False, True)}

    def _column_of(self, label: Any) -> int:
        if label not in self.columns:
            self.columns[label] = len(self.columns)
            self.constants = np.append(self.constants, 0.0)
            self.constant_squares = np.append(self.constant_squares, 0.0)
            self.linear.add_label()
        return self.columns[label]


def binary_text_logistic(learning_rate: float = 0.3) -> base.Classifier:
    """For two labels, told apart as true and false."""
    return TextLogistic(learning_rate)


def text_softmax(labels: tuple[str, ...], learning_rate: float = 0.3) -> base.Classifier:
    """For several."""
    return TextSoftmax(labels, learning_rate)


def _sigmoid(margin: float) -> float:
    return 1 / (1 + math.exp(-min(max(margin, -700.0), 700.0)))


def _softmax(margins: npt.NDArray[np.float64]) -> Amounts:
    odds = np.exp(margins - margins.max())
    return odds / odds.sum()  # type: ignore[no-any-return]

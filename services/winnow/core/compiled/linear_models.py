"""Logistic and softmax regression over scaled numbers and one column per category, compiled.

Sums run column by column in the order in which River adds them, so that even records whose terms cancel
each other get River's score and not another one: scores are River's to the last bit.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from river import preprocessing

from winnow.core.compiled.category_columns import FIRST, CategoryTable
from winnow.core.compiled.inputs import Arrays, Floats, Inputs, Meta
from winnow.core.compiled.probabilities import exponentials, row_sums
from winnow.core.compiled.record_columns import Columns
from winnow.core.models.table_models import CONSTANT, LinearModel
from winnow.core.models.task_classifier import TaskClassifier, YesNo

_SURE = 30.0
_Weights = Mapping[str, float]


def is_compilable(inputs: Inputs) -> bool:
    """Not when two inputs may meet in one column of River's: `a` with the value `b=c`, and `a=b` with `c`."""
    names = inputs.number_columns + inputs.category_columns
    meeting = (name.startswith(f"{category}=") for category in inputs.category_columns for name in names)
    return CONSTANT not in names and not any(meeting)


def compile_linear(classifier: TaskClassifier, inputs: Inputs) -> tuple[str, dict[str, Any], Arrays]:
    """Kind, metadata and arrays of a `logistic` model."""
    model = classifier.model.model if isinstance(classifier.model, YesNo) else classifier.model
    if not isinstance(model, LinearModel):
        raise TypeError(f"a linear model was expected, not a {type(model).__name__}")
    scaler, regression = model.columns.scaler, model.regression
    if isinstance(classifier.model, YesNo):
        return "logistic", *_compiled(scaler, [regression.weights], [regression.intercept], inputs)
    weights = [regression.weights[label] for label in classifier.known]
    constants = [row.get(CONSTANT, 0.0) for row in weights]
    return "softmax", *_compiled(scaler, weights, constants, inputs)


def _compiled(
    scaler: preprocessing.StandardScaler, weights: list[_Weights], constants: list[float], inputs: Inputs
) -> tuple[dict[str, Any], Arrays]:
    names = inputs.number_columns
    values = {name: _values_of(name, weights) for name in inputs.category_columns}
    arrays = {
        "mean": np.array([scaler.means.get(name, 0.0) for name in names]),
        "deviation": np.array([scaler.vars.get(name, 0.0) ** 0.5 for name in names]),
        "weights": np.array([[row.get(name, 0.0) for name in names] for row in weights]).reshape(len(weights), -1),
        "categories": _category_weights(values, weights),
        "constants": np.array(constants, dtype=np.float64),
    }
    return {"values": values}, arrays


def _values_of(name: str, weights: list[_Weights]) -> list[str]:
    prefix = f"{name}="
    return list(dict.fromkeys(key.removeprefix(prefix) for row in weights for key in row if key.startswith(prefix)))


def _category_weights(values: Mapping[str, list[str]], weights: list[_Weights]) -> Floats:
    """One row per code, the first two (missing, unseen) without any weight."""
    nothing = [[0.0] * len(weights)] * FIRST
    rows = [
        row
        for name, known in values.items()
        for row in nothing + [[label.get(f"{name}={value}", 0.0) for label in weights] for value in known]
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, len(weights))


class LinearScoring:
    """Logits of records; `probabilities` has a column per label."""

    def __init__(self, meta: Meta, arrays: Arrays) -> None:
        self._table = CategoryTable(meta["values"])
        self._category_weights = arrays["categories"]
        self._constants = arrays["constants"]
        self._weights = arrays["weights"]
        self._mean = arrays["mean"][:, None]
        self._deviation = arrays["deviation"][:, None]

    def margins(self, columns: Columns) -> Floats:
        """One row per label, one column per record."""
        margins = np.zeros((len(self._constants), columns.numbers.shape[1]))
        for place, codes in enumerate(columns.codes):
            margins += self._category_weights.take(self._table.rows(place, codes), axis=0).T
        for place, (scaled, missing) in enumerate(zip(*self._scaled(columns.numbers), strict=True)):
            terms = self._weights[:, place, None] * scaled
            if missing.any():
                terms[:, missing] = 0.0
            margins += terms
        return margins + self._constants[:, None]

    def _scaled(self, numbers: Floats) -> tuple[Floats, Any]:
        missing = np.isnan(numbers)
        varies = self._deviation > 0
        scaled = np.divide(numbers - self._mean, self._deviation, out=np.zeros_like(numbers), where=varies)
        return scaled, missing


class LogisticScoring(LinearScoring):
    """Two labels; the second is true."""

    def probabilities(self, columns: Columns) -> Floats:
        """One row per record."""
        margin = self.margins(columns)[0]
        true = 1 / (1 + exponentials(-np.clip(margin, -_SURE, _SURE)))
        true[margin < -_SURE] = 0.0
        true[margin > _SURE] = 1.0
        return np.stack([1.0 - true, true], axis=1)


class SoftmaxScoring(LinearScoring):
    """Several labels."""

    def probabilities(self, columns: Columns) -> Floats:
        """One row per record."""
        margins = self.margins(columns).T
        odds = exponentials(margins - margins.max(axis=1, keepdims=True))
        return odds / row_sums(odds)

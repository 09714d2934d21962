"""Naive Bayes over numbers (Gaussians) and categories (smoothed shares), compiled."""

import math
from collections import Counter
from typing import Any

import numpy as np

from winnow.core.compiled.category_columns import FIRST, CategoryTable
from winnow.core.compiled.inputs import Arrays, Floats, Inputs, Meta
from winnow.core.compiled.probabilities import softmax
from winnow.core.compiled.record_columns import Columns
from winnow.core.models.table_models import MixedNaiveBayes
from winnow.core.models.task_classifier import TaskClassifier

_LEAST_DENSITY = 10e-10
_ROOT_OF_TAU = math.sqrt(2.0 * math.pi)
_SMOOTHING = 1.0


def compile_gaussian(classifier: TaskClassifier, inputs: Inputs) -> tuple[str, dict[str, Any], Arrays]:
    """Kind, metadata and arrays of a `gaussian_naive_bayes` model."""
    model: MixedNaiveBayes = classifier.model
    labels = list(classifier.known)
    values = {name: list(model.known.get(name, ())) for name in inputs.category_columns}
    learned = sum(model.class_counts.values())
    counts = np.array([model.class_counts.get(label, 0) for label in labels], dtype=np.float64)
    curves = [[_curve(model, label, name) for name in inputs.number_columns] for label in labels]
    shape = (len(labels), len(inputs.number_columns))
    with np.errstate(divide="ignore"):
        prior = np.log(counts / learned) if learned else np.full(len(labels), -np.inf)
    arrays = {
        "prior": prior,
        "mean": np.array([[mean for mean, _ in row] for row in curves]).reshape(shape),
        "deviation": np.array([[deviation for _, deviation in row] for row in curves]).reshape(shape),
        "shares": _log_shares(model, labels, values),
    }
    return "gaussian_naive_bayes", {"values": values}, arrays


def _curve(model: MixedNaiveBayes, label: str, name: str) -> tuple[float, float]:
    """Mean and deviation; an infinite deviation, of which any value is 0 away and as good as impossible, for none."""
    gaussian = model.gaussians.get(label, {}).get(name)
    variance = gaussian._var.get() if gaussian is not None else 0.0  # noqa: SLF001 - sigma squared again is another number
    if gaussian is None or not variance > 0.0:
        return 0.0, math.inf
    return gaussian.mu, math.sqrt(variance)


def _log_shares(model: MixedNaiveBayes, labels: list[str], values: dict[str, list[str]]) -> Floats:
    """A row per code: 0 for missing, then unseen and the known values, smoothed."""
    blocks = [np.zeros((0, len(labels)))]
    for name, known in values.items():
        counts = [model.categories.get((label, name), Counter()) for label in labels]
        table = np.array([[0.0] * len(labels), *([row[value] for row in counts] for value in known)])
        totals = np.array([row.total() for row in counts]) + _SMOOTHING * (len(known) + 1)
        blocks += [np.zeros((FIRST - 1, len(labels))), np.log((table + _SMOOTHING) / totals)]
    return np.concatenate(blocks)


class GaussianScoring:
    """The posterior of each label."""

    def __init__(self, meta: Meta, arrays: Arrays) -> None:
        self._table = CategoryTable(meta["values"])
        self._prior = arrays["prior"]
        self._mean = arrays["mean"]
        self._deviation = arrays["deviation"]
        self._shares = arrays["shares"]

    def probabilities(self, columns: Columns) -> Floats:
        """One row per record."""
        records = columns.numbers.shape[1]
        likelihood = np.zeros((len(self._prior), records))
        for place, numbers in enumerate(columns.numbers):
            likelihood += self._log_densities(place, numbers)
        joint = self._prior[:, None] + likelihood
        for place, codes in enumerate(columns.codes):
            joint += self._shares.take(self._table.rows(place, codes), axis=0).T
        return softmax(joint.T)

    def _log_densities(self, place: int, numbers: Floats) -> Floats:
        deviation = self._deviation[:, place, None]
        away = (numbers - self._mean[:, place, None]) / deviation
        densities = np.exp(-0.5 * away * away) / _ROOT_OF_TAU / deviation
        logs: Floats = np.log(_LEAST_DENSITY + densities)
        logs[:, np.isnan(numbers)] = 0.0
        return logs

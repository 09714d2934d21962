"""The table pool: a plain linear model, one that reads numbers in bins and columns in pairs, and naive Bayes."""

from typing import Any

import numpy as np

from winnow.core.models.committee.binned_inputs import BinnedInputs
from winnow.core.models.committee.column_reader import ABSENT, SeenRow
from winnow.core.models.committee.growing_tables import Floats, Rows, softmax
from winnow.core.models.committee.members import Member
from winnow.core.models.committee.softmax_steps import AdaGrad, AdaGradSteps, Inputs, PlainSteps
from winnow.core.voting import log_votes

_BIAS = np.array([0])
_PRIOR = 0.5
_FARTHEST_SQUARE = 50.0
_LEAST_SHARE_OF_VARIANCE = 0.01


class LinearTable(Member[SeenRow]):
    """Softmax over a bias, the standardised numbers and one input per category. Row 0 is the bias."""

    name = "table_linear"
    start = 0.4

    def __init__(self, labels: int) -> None:
        self.steps = PlainSteps(labels, rate=0.05)
        self.steps.grow(1)
        self.rows = 1
        self.of_numbers: Rows = np.zeros(0, dtype=np.intp)
        self.of_categories: Rows = np.zeros(0, dtype=np.intp)

    def votes(self, seen: SeenRow) -> Floats:
        return log_votes(self.steps.probabilities(self._inputs(seen)))

    def learn(self, seen: SeenRow, label: int) -> None:
        self.of_numbers = self._with_rows(self.of_numbers, len(seen.z))
        self.of_categories = self._with_rows(self.of_categories, int(seen.categories.max(initial=ABSENT)) + 1)
        self.steps.grow(self.rows)
        self.again(seen, label)

    def again(self, seen: SeenRow, label: int) -> None:
        self.steps.step(self._inputs(seen), label)

    def add_label(self, label: Any) -> None:  # noqa: ARG002
        self.steps.add_label()

    def _inputs(self, seen: SeenRow) -> Inputs:
        numbers = len(self.of_numbers)
        known = seen.categories[(seen.categories >= 0) & (seen.categories < len(self.of_categories))]
        rows = np.concatenate([_BIAS, self.of_numbers, self.of_categories[known]])
        values = np.ones(len(rows))
        values[1 : 1 + numbers] = seen.z
        return Inputs(rows, values)

    def _with_rows(self, table: Rows, length: int) -> Rows:
        if length <= len(table):
            return table
        first = self.rows
        self.rows += length - len(table)
        return np.concatenate([table, np.arange(first, self.rows)])


class BinnedTable(Member[SeenRow]):
    """Softmax over bins, categories and pairs of columns; forgets its step sizes slowly, to follow drift."""

    name = "table_binned"
    start = 0.5

    def __init__(self, labels: int) -> None:
        self.inputs = BinnedInputs()
        self.steps = AdaGradSteps(labels, AdaGrad(rate=0.1, first_square=1.0, memory=0.999))
        self.steps.grow(self.inputs.rows)

    def votes(self, seen: SeenRow) -> Floats:
        return log_votes(self.steps.probabilities(self.inputs.read(seen)))

    def learn(self, seen: SeenRow, label: int) -> None:
        self.again(seen, label)

    def again(self, seen: SeenRow, label: int) -> None:
        inputs = self.inputs.learn(seen)
        self.steps.grow(self.inputs.rows)
        self.steps.step(inputs, label)

    def add_label(self, label: Any) -> None:  # noqa: ARG002
        self.steps.add_label()


class BayesTable(Member[SeenRow]):
    """Gaussian naive Bayes over the numbers that are there; moments per label by Welford (1962)."""

    name = "table_bayes"
    start = 0.05

    def __init__(self, labels: int) -> None:
        self.verdicts: Floats = np.zeros(labels)
        self.counts: Floats = np.zeros((labels, 0))
        self.means: Floats = np.zeros((labels, 0))
        self.spreads: Floats = np.zeros((labels, 0))

    def votes(self, seen: SeenRow) -> Floats:
        margins = np.log((self.verdicts + _PRIOR) / (self.verdicts.sum() + _PRIOR * len(self.verdicts)))
        there = ~np.isnan(seen.numbers) & (seen.variances > 0.0)
        if not there.any():
            return log_votes(softmax(margins))
        overall = seen.variances[there]
        met = self.counts[:, there] > 0.0
        means = np.where(met, self.means[:, there], seen.means[there])
        own = self.spreads[:, there] / np.maximum(self.counts[:, there], 1.0)
        variances = np.where(met, own, overall) + _LEAST_SHARE_OF_VARIANCE * overall
        away = seen.numbers[there] - means
        far = np.minimum(away * away / variances, _FARTHEST_SQUARE)
        return log_votes(softmax(margins - 0.5 * (np.log(variances) + far).sum(axis=1)))

    def learn(self, seen: SeenRow, label: int) -> None:
        if len(seen.numbers) > self.counts.shape[1]:
            more = ((0, 0), (0, len(seen.numbers) - self.counts.shape[1]))
            self.counts, self.means, self.spreads = (np.pad(m, more) for m in (self.counts, self.means, self.spreads))
        there = ~np.isnan(seen.numbers)
        self.verdicts[label] += 1.0
        self.counts[label] += there
        away = np.where(there, seen.numbers - self.means[label], 0.0)
        self.means[label] += away / np.maximum(self.counts[label], 1.0)
        self.spreads[label] += away * np.where(there, seen.numbers - self.means[label], 0.0)

    def add_label(self, label: Any) -> None:  # noqa: ARG002
        self.verdicts = np.append(self.verdicts, 0.0)
        one_more = ((0, 1), (0, 0))
        self.counts, self.means, self.spreads = (np.pad(m, one_more) for m in (self.counts, self.means, self.spreads))

"""The table pool: a plain linear model, one that reads numbers in bins and columns in pairs, and naive Bayes."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from winnow.core.models.committee.binned_inputs import BinnedInputs
from winnow.core.models.committee.column_reader import ABSENT, SeenRow
from winnow.core.models.committee.growing_tables import Floats, Rows, softmax
from winnow.core.models.committee.members import Member
from winnow.core.models.committee.softmax_steps import AdaGrad, AdaGradSteps, Inputs, PlainSteps
from winnow.core.models.committee.sums import in_order
from winnow.core.voting import log_votes

_BIAS = np.array([0])
_PRIOR = 0.5
_FARTHEST_SQUARE = 50.0
_LEAST_SHARE_OF_VARIANCE = 0.01


class Bells(NamedTuple):
    """Normal laws: a row per number, a column per label; only `usable` numbers have varied so far."""

    means: Floats
    variances: Floats
    logs: Floats
    usable: npt.NDArray[np.bool_]

    def terms(self, numbers: Floats) -> Floats:
        """Of some numbers (a row each) -2 times the log of the density, without constants; 0 where one is missing."""
        there = ~np.isnan(numbers) & self.usable.reshape(-1, *[1] * (numbers.ndim - 1))
        away = np.where(there, numbers, 0.0) - self.means
        far = np.minimum(away * away / self.variances, _FARTHEST_SQUARE)
        terms: Floats = np.where(there, self.logs + far, 0.0)
        return terms


class LinearTable(Member[SeenRow]):
    """Softmax over a bias, the standardised numbers and one input per category. Row 0 is the bias."""

    name = "table_linear"
    start = 0.4

    def __init__(self, labels: int) -> None:
        self.steps = PlainSteps(labels, rate=0.05, total=in_order)
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
        self.steps = AdaGradSteps(labels, AdaGrad(rate=0.1, first_square=1.0, memory=0.999), in_order)
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

    @property
    def prior(self) -> Floats:
        """Logarithms of how frequent each label is."""
        shares: Floats = np.log((self.verdicts + _PRIOR) / (self.verdicts.sum() + _PRIOR * len(self.verdicts)))
        return shares

    def bells(self, means: Floats, variances: Floats) -> Bells:
        """Mean and variance of each number under each label, given those of all; labels not met have those."""
        met = self.counts > 0.0
        own = self.spreads / np.maximum(self.counts, 1.0)
        widened = np.where(met, own, variances) + _LEAST_SHARE_OF_VARIANCE * variances
        usable = variances > 0.0
        widened = np.where(usable, widened, 1.0)
        return Bells(np.where(met, self.means, means).T, widened.T, np.log(widened).T, usable)

    def votes(self, seen: SeenRow) -> Floats:
        known = self.counts.shape[1]
        bells = self.bells(seen.means[:known], seen.variances[:known])
        terms = bells.terms(seen.numbers[:known, None])
        if not len(terms):
            return log_votes(softmax(self.prior))
        return log_votes(softmax(self.prior - 0.5 * in_order(terms)))

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

"""The text pool: a linear model that learns fast, and naive Bayes that knows something after a few verdicts."""

from typing import Any

import numpy as np

from winnow.core.models.committee.growing_tables import Floats, GrowingTable, softmax
from winnow.core.models.committee.members import Member
from winnow.core.models.committee.softmax_steps import AdaGrad, AdaGradSteps, Inputs
from winnow.core.models.committee.sums import in_one_run
from winnow.core.models.committee.word_reader import SeenWords
from winnow.core.voting import log_votes

BIAS = 0.3
_BIAS_ROW = np.array([0])
_NO_WORD = np.array([0.0])
"""A text may have no word at all."""

SMOOTHING = 0.3
_SUPPOSED_WORDS = 20_000
_PRIOR = 0.5


class LinearText(Member[SeenWords]):
    """Softmax over the words' values and a bias."""

    name = "text_linear"
    start = 1.2

    def __init__(self, labels: int) -> None:
        self.steps = AdaGradSteps(labels, AdaGrad(rate=1.0, first_square=0.01), in_one_run)
        self.steps.grow(1)

    def votes(self, seen: SeenWords) -> Floats:
        return log_votes(self.steps.probabilities(self._inputs(seen)))

    def learn(self, seen: SeenWords, label: int) -> None:
        self.steps.grow(int(seen.words.max(initial=-1)) + 2)
        self.again(seen, label)

    def again(self, seen: SeenWords, label: int) -> None:
        self.steps.step(self._inputs(seen), label)

    def add_label(self, label: Any) -> None:  # noqa: ARG002
        self.steps.add_label()

    def _inputs(self, seen: SeenWords) -> Inputs:
        """Row 0 is the bias, the words follow."""
        return Inputs(np.concatenate([_BIAS_ROW, seen.words + 1]), np.concatenate([[BIAS], seen.values]))


class BayesText(Member[SeenWords]):
    """Multinomial naive Bayes on `ln(1 + tf)` (Rennie et al. 2003). Words not known are left out."""

    name = "text_bayes"
    start = 0.15

    def __init__(self, labels: int) -> None:
        self.texts: Floats = np.zeros(labels)
        self.totals: Floats = np.zeros(labels)
        self.amounts = GrowingTable(labels)

    @property
    def prior(self) -> Floats:
        """Logarithms of how frequent each label is."""
        shares: Floats = np.log((self.texts + _PRIOR) / (self.texts.sum() + _PRIOR * len(self.texts)))
        return shares

    @property
    def denominators(self) -> Floats:
        """Logarithms of what amounts are divided by."""
        logs: Floats = np.log(self.totals + SMOOTHING * _SUPPOSED_WORDS)
        return logs

    def votes(self, seen: SeenWords) -> Floats:
        tf = np.log1p(np.concatenate([_NO_WORD, seen.counts]))
        logs = np.concatenate([np.zeros((1, len(self.texts))), np.log(self.amounts.cells[seen.words] + SMOOTHING)])
        margins = self.prior + in_one_run(tf[:, None] * logs)
        return log_votes(softmax(margins - in_one_run(tf) * self.denominators))

    def learn(self, seen: SeenWords, label: int) -> None:
        self.amounts.grow(int(seen.words.max(initial=-1)) + 1)
        tf = np.log1p(seen.counts)
        self.texts[label] += 1.0
        self.totals[label] += tf.sum()
        self.amounts.cells[seen.words, label] += tf

    def add_label(self, label: Any) -> None:  # noqa: ARG002
        self.texts = np.append(self.texts, 0.0)
        self.totals = np.append(self.totals, 0.0)
        self.amounts.add_label()

"""The stream strategies of scikit-activeml, the package itself, fed with the scores of our models."""

import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from skactiveml.base import SkactivemlClassifier
from skactiveml.stream import Split, StreamProbabilisticAL, VariableUncertainty

from benchmarks.peers.strategy import Scores

BUDGET = 0.3
REMEMBERED = 500


class _AsScored(SkactivemlClassifier):  # type: ignore[misc]
    """A fitted classifier to whom a candidate is the vector of scores that the model gave it."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "_AsScored":  # noqa: ARG002, N803
        return self

    def predict_proba(self, X: Any) -> Any:  # noqa: N803
        return X


class UncertaintyStrategy:
    """One of the strategies that look at the scores only."""

    def __init__(self, strategy: Any, labels: int) -> None:
        self._strategy = strategy
        self._classifier = _AsScored(classes=list(range(labels)))

    def asks(self, scores: Scores) -> bool:
        """As the package says; its budget manager hears of it at once."""
        candidates = scores.reshape(1, -1)
        queried, utilities = self._strategy.query(candidates, clf=self._classifier, return_utilities=True)
        self._strategy.update(candidates, queried, budget_manager_param_dict=self._told(utilities))
        return bool(len(queried))

    def answered(self, scores: Scores, truth: int, *, asked: bool) -> None:
        """These strategies learn nothing."""

    def _told(self, utilities: Any) -> Mapping[str, Any] | None:  # noqa: ARG002
        return None


class ProbabilisticStrategy(UncertaintyStrategy):
    """Probabilistic active learning: also asks how many answers there are near a candidate.

    The package lets the classifier say that (`predict_freq`); here near means alike in scores, by a Gaussian
    kernel over the newest answers as the package's own Parzen window has it: that works for texts as well.
    """

    def __init__(self, strategy: Any, labels: int) -> None:
        super().__init__(strategy, labels)
        self._classifier = _AsScoredWithNeighbours(classes=list(range(labels)))

    def answered(self, scores: Scores, truth: int, *, asked: bool) -> None:  # noqa: ARG002
        """One more answer that candidates may be near; only those it asked for."""
        if asked:
            self._classifier.remember(scores)

    def _told(self, utilities: Any) -> Mapping[str, Any] | None:
        return {"utilities": utilities}


class _AsScoredWithNeighbours(_AsScored):
    """Answers are remembered by what the model gave them."""

    def remember(self, scores: Scores) -> None:
        self._answers().append(scores)

    def predict_freq(self, X: Any) -> Any:  # noqa: N803
        """Answers near each candidate, shared out as it was scored."""
        known = np.array(self._answers())
        if len(known) < 2:
            return np.zeros_like(X)
        distances = ((X[:, None, :] - known[None, :, :]) ** 2).sum(axis=2)
        return np.exp(-kernel_width(known) * distances).sum(axis=1, keepdims=True) * X

    def _answers(self) -> deque[Scores]:
        if not hasattr(self, "answers_"):
            self.answers_: deque[Scores] = deque(maxlen=REMEMBERED)
        return self.answers_


def kernel_width(known: Scores) -> float:
    """γ of a Gaussian kernel by the mean criterion (Chaudhuri et al. 2017)."""
    variance = float(known.var(axis=0).sum())
    if variance <= 0.0:
        return 1.0
    answers = len(known)
    return (answers - 1) * math.log((answers - 1) / 2e-12) / (4.0 * answers * variance)


def variable_uncertainty(labels: int, seed: int, budget: float = BUDGET) -> UncertaintyStrategy:
    """A threshold that moves with the budget (Žliobaitė et al. 2014)."""
    return UncertaintyStrategy(VariableUncertainty(budget=budget, random_state=seed), labels)


def split(labels: int, seed: int, budget: float = BUDGET) -> UncertaintyStrategy:
    """The same with a share of random questions, by which drift is noticed (Žliobaitė et al. 2014)."""
    return UncertaintyStrategy(Split(budget=budget, random_state=seed), labels)


def probabilistic(labels: int, seed: int, budget: float = BUDGET) -> ProbabilisticStrategy:
    """Expected gain of an answer, and a quantile filter for the budget (Kottke, Krempl & Spiliopoulou 2015)."""
    return ProbabilisticStrategy(StreamProbabilisticAL(budget=budget, random_state=seed), labels)


STRATEGIES: Mapping[str, Callable[..., UncertaintyStrategy]] = {
    "variable_uncertainty": variable_uncertainty,
    "split": split,
    "probabilistic": probabilistic,
}

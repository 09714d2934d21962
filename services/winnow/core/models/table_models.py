"""River models over features and embeddings.

Numbers and flags arrive as floats, categories as strings (see `record_input`); trees read both as they
are, linear models read scaled numbers and one column per category.
"""

import math
from collections import Counter, defaultdict
from typing import Any

from river import base, compose, forest, linear_model, naive_bayes, optim, preprocessing, tree

SEED = 20_000
_SMOOTHING = 1.0


class CategoryColumns(base.Transformer):  # type: ignore[misc]
    """One column of 1 per category that is there: a new category needs no learning and moves no other."""

    def transform_one(self, x: dict[Any, Any]) -> dict[Any, float]:
        """`{"color": "red"}` becomes `{"color=red": 1.0}`."""
        return {f"{name}={value}": 1.0 for name, value in x.items()}


class ConstantColumn(base.Transformer):  # type: ignore[misc]
    """Adds a column of 1, so that a model without an intercept gets one."""

    def transform_one(self, x: dict[Any, Any]) -> dict[Any, Any]:
        """The same columns and one more."""
        return {**x, "": 1.0}


def _linear_columns() -> compose.TransformerUnion:
    numbers = compose.SelectType(float) | preprocessing.StandardScaler()
    categories = compose.SelectType(str) | CategoryColumns()
    return numbers + categories


class MixedNaiveBayes(naive_bayes.GaussianNB):  # type: ignore[misc]
    """Gaussian naive Bayes for numbers, smoothed shares for categories."""

    def __init__(self) -> None:
        super().__init__()
        self.categories: defaultdict[Any, Counter[str]] = defaultdict(Counter)
        self.known: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def learn_one(self, x: dict[Any, Any], y: Any) -> None:
        """Updates one Gaussian per number, one count per category."""
        super().learn_one({name: value for name, value in x.items() if not isinstance(value, str)}, y)
        for name, value in x.items():
            if isinstance(value, str):
                self.known[name][value] = None
                self.categories[y, name][value] += 1

    def joint_log_likelihood(self, x: dict[Any, Any]) -> dict[Any, float]:
        """Log prior and log likelihood by label."""
        joint = super().joint_log_likelihood({n: v for n, v in x.items() if not isinstance(v, str)})
        named = [(name, value) for name, value in x.items() if isinstance(value, str)]
        return {label: log + sum(self._log_share(label, *pair) for pair in named) for label, log in joint.items()}

    def _log_share(self, label: Any, name: str, value: str) -> float:
        counts = self.categories.get((label, name), Counter())
        kinds = len(self.known.get(name, ())) + 1
        return math.log((counts[value] + _SMOOTHING) / (counts.total() + _SMOOTHING * kinds))


def binary_logistic() -> base.Classifier:
    """Logistic regression by plain gradient descent; true or false."""
    return _linear_columns() | linear_model.LogisticRegression(optimizer=optim.SGD(0.05))


def softmax(labels: tuple[str, ...]) -> base.Classifier:
    """Softmax regression by plain gradient descent, with a constant in place of an intercept.

    All labels are known from the start: otherwise the first one learned would be held for certain.
    """
    regression = linear_model.SoftmaxRegression(optimizer=optim.SGD(0.05))
    for label in labels:
        regression.weights[label]
    return _linear_columns() | ConstantColumn() | regression


def gaussian_naive_bayes() -> base.Classifier:
    """Naive Bayes over numbers and categories."""
    return MixedNaiveBayes()


def hoeffding_tree() -> base.Classifier:
    """One tree that splits when it is sure of the better split."""
    return tree.HoeffdingTreeClassifier(grace_period=100)


def adaptive_random_forest() -> base.Classifier:
    """Five trees that are replaced as the stream drifts, with a fixed seed."""
    return forest.ARFClassifier(n_models=5, seed=SEED)

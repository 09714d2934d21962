"""River models over features and embeddings.

Numbers and flags arrive as floats, categories as strings (see `record_input`); trees read both as they
are, linear models read scaled numbers and one column per category.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from river import base, forest, linear_model, naive_bayes, optim, preprocessing, proba, tree

SEED = 20_000
LARGEST_TREE_MB = 100.0
"""Beyond it the least promising leaves of a tree learn no more."""

CONSTANT = ""
"""The name of a column of 1, where a model has no intercept of its own."""
_SMOOTHING = 1.0
_LEAST_DENSITY = 10e-10
_LOG_LEAST_DENSITY = math.log(_LEAST_DENSITY)
_ROOT_OF_TAU = math.sqrt(2.0 * math.pi)


class LinearColumns(base.Transformer):  # type: ignore[misc]
    """A column of 1 per category that is there, scaled numbers, then the constant ones of `tail`.

    What River's `SelectType(float) | StandardScaler()` and one column per category make together, in one step. A new
    category needs no learning and moves no other column.
    """

    def __init__(self, tail: Mapping[str, float]) -> None:
        self.tail = tail
        self.scaler = preprocessing.StandardScaler()

    def learn_one(self, x: dict[Any, Any]) -> None:
        """Means and variances of the numbers."""
        self.scaler.learn_one(_numbers(x))

    def transform_one(self, x: dict[Any, Any]) -> dict[Any, float]:
        """`{"color": "red", "size": 2.0}` becomes `{"color=red": 1.0, "size": 0.7}`."""
        columns = {f"{name}={value}": 1.0 for name, value in x.items() if isinstance(value, str)}
        columns.update(self.scaler.transform_one(_numbers(x)))
        columns.update(self.tail)
        return columns

    @classmethod
    def _unit_test_params(cls) -> Iterator[dict[str, Any]]:
        yield {"tail": {}}


def _numbers(x: dict[Any, Any]) -> dict[Any, float]:
    return {name: value for name, value in x.items() if isinstance(value, float)}


class LinearModel(base.Classifier):  # type: ignore[misc]
    """A regression over `LinearColumns`: the pipeline of both, without what pipelines ask at each step."""

    def __init__(self, regression: base.Classifier, tail: Mapping[str, float]) -> None:
        self.regression = regression
        self.tail = tail
        self.columns = LinearColumns(tail)

    @property
    def _multiclass(self) -> bool:
        return bool(self.regression._multiclass)  # noqa: SLF001 - River asks whom it wraps

    def learn_one(self, x: dict[Any, Any], y: Any) -> None:
        """Learns the scale first, then one label."""
        self.columns.learn_one(x)
        self.regression.learn_one(self.columns.transform_one(x), y)

    def predict_proba_one(self, x: dict[Any, Any], **_: Any) -> dict[Any, float]:
        """As the regression says."""
        return self.regression.predict_proba_one(self.columns.transform_one(x))  # type: ignore[no-any-return]

    @classmethod
    def _unit_test_params(cls) -> Iterator[dict[str, Any]]:
        yield {"regression": linear_model.LogisticRegression(), "tail": {}}


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

    def predict_proba_one(self, x: dict[Any, Any]) -> dict[Any, float]:
        """The posterior of each label; nothing before the first."""
        joint = self.joint_log_likelihood(x)
        if not joint:
            return {}
        top = max(joint.values())
        odds = {label: math.exp(log - top) for label, log in joint.items()}
        total = sum(odds.values())
        return {label: share / total for label, share in odds.items()}

    def joint_log_likelihood(self, x: dict[Any, Any]) -> dict[Any, float]:
        """Log prior and log likelihood by label, as River's sum of terms, without a call for each."""
        numbers = [(name, value) for name, value in x.items() if not isinstance(value, str)]
        named = [(name, value) for name, value in x.items() if isinstance(value, str)]
        learned = sum(self.class_counts.values())
        joint = {}
        for label, count in self.class_counts.items():
            curves = self.gaussians.get(label, {})
            likelihood = sum([_log_density(curves.get(name), value) for name, value in numbers])
            shares = sum([self._log_share(label, *pair) for pair in named])
            joint[label] = math.log(count / learned) + likelihood + shares
        return joint

    def _log_share(self, label: Any, name: str, value: str) -> float:
        counts = self.categories.get((label, name), Counter())
        kinds = len(self.known.get(name, ())) + 1
        return math.log((counts[value] + _SMOOTHING) / (counts.total() + _SMOOTHING * kinds))


def _log_density(curve: proba.Gaussian | None, value: float) -> float:
    """Logarithm of the density, never below that of one in a billion."""
    if curve is None:
        return _LOG_LEAST_DENSITY
    spread = curve._var  # noqa: SLF001 - sigma and mu are computed anew at each look
    variance = spread._S / spread.mean.n if spread.mean.n > 0 else 0.0  # noqa: SLF001
    if not variance > 0.0:
        return _LOG_LEAST_DENSITY
    deviation = math.sqrt(variance)
    away = (value - spread.mean._mean) / deviation  # noqa: SLF001
    return math.log(_LEAST_DENSITY + math.exp(-0.5 * away * away) / _ROOT_OF_TAU / deviation)


def binary_logistic(learning_rate: float = 0.05, l2: float = 0.0) -> base.Classifier:
    """Logistic regression by plain gradient descent; true or false."""
    return LinearModel(linear_model.LogisticRegression(optimizer=optim.SGD(learning_rate), l2=l2), {})


def softmax(labels: tuple[str, ...], learning_rate: float = 0.05, l2: float = 0.0) -> base.Classifier:
    """Softmax regression by plain gradient descent, with a constant in place of an intercept.

    All labels are known from the start: otherwise the first one learned would be held for certain.
    """
    regression = linear_model.SoftmaxRegression(optimizer=optim.SGD(learning_rate), l2=l2)
    for label in labels:
        regression.weights[label]
    return LinearModel(regression, {CONSTANT: 1.0})


def gaussian_naive_bayes() -> base.Classifier:
    """Naive Bayes over numbers and categories."""
    return MixedNaiveBayes()


def hoeffding_tree(grace_period: int = 100, delta: float = 1e-7, max_depth: int | None = None) -> base.Classifier:
    """One tree that splits when it is sure of the better split."""
    return tree.HoeffdingTreeClassifier(
        grace_period=grace_period,
        delta=delta,
        max_depth=max_depth,
        max_size=LARGEST_TREE_MB,
        memory_estimate_period=100_000,
    )


def adaptive_random_forest(n_models: int = 5, grace_period: int = 50, max_depth: int | None = None) -> base.Classifier:
    """Some trees that are replaced as the stream drifts, with a fixed seed."""
    return forest.ARFClassifier(n_models=n_models, grace_period=grace_period, max_depth=max_depth, seed=SEED)

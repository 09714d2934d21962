"""A River model that speaks a task's labels."""

import math
from collections.abc import Iterator
from typing import Any

from river import base

from winnow.core.models.categories import Categories
from winnow.core.models.record_input import without_functions

WHAT_MODELS_RAISE = (ArithmeticError, LookupError, TypeError, ValueError)
"""What a model may raise about a record that it cannot take."""


class YesNo(base.Wrapper, base.Classifier):  # type: ignore[misc]
    """Two labels for a model that knows true and false: the second label is true."""

    def __init__(self, model: base.Classifier, labels: tuple[str, ...]) -> None:
        self.model = model
        self.labels = labels

    @property
    def _wrapped_model(self) -> base.Classifier:
        return self.model

    def learn_one(self, x: dict[Any, Any], y: Any) -> None:
        """Learns one label."""
        self.model.learn_one(x, y == self.labels[1])

    def predict_proba_one(self, x: dict[Any, Any], **_: Any) -> dict[Any, float]:
        """The probability of each of the two."""
        return {self.labels[int(told)]: probability for told, probability in self.model.predict_proba_one(x).items()}

    @classmethod
    def _unit_test_params(cls) -> Iterator[dict[str, Any]]:
        from river import linear_model  # noqa: PLC0415 - for River's own checks only, and slow to import

        yield {"model": linear_model.LogisticRegression(), "labels": (False, True)}


class TaskClassifier(base.Wrapper, base.Classifier):  # type: ignore[misc]
    """Scores every label of the task, whatever the inner model has seen of them.

    Labels the inner model does not know get 0; before the first verdict all are even. A label outside
    the task (where reviewers may add labels) joins the others when it is first learned.
    """

    brings_knowledge = False
    """Whether it has something to say before it has learned anything here."""

    def __init__(self, model: base.Classifier, labels: tuple[str, ...], categories: Categories | None = None) -> None:
        self.model = model
        self.labels = labels
        self.categories = categories
        self.known: dict[Any, None] = dict.fromkeys(labels)
        self.learned = 0

    @property
    def _wrapped_model(self) -> base.Classifier:
        return self.model

    @property
    def full(self) -> bool:
        """Whether something is left out because the model's memory is full."""
        return _is_full(self.model) or (self.categories is not None and self.categories.full)

    def learn_one(self, x: dict[Any, Any], y: Any) -> None:
        """Learns one label."""
        self.known[y] = None
        self.learned += 1
        x = without_functions(x)
        self.model.learn_one(x if self.categories is None else self.categories.within(x), y)

    def predict_proba_one(self, x: dict[Any, Any], **_: Any) -> dict[Any, float]:
        """A probability for each label; they may be NaN when the inner model's are."""
        speaks = self.learned or self.brings_knowledge
        scores = self.model.predict_proba_one(without_functions(x)) if speaks else {}
        total = 0.0
        for score in scores.values():  # not `sum`, which from Python 3.12 on rounds in another way
            total += score
        if total == 0:
            return dict.fromkeys(self.known, 1 / len(self.known))
        return {label: scores.get(label, 0.0) / total for label in self.known}

    @classmethod
    def _unit_test_params(cls) -> Iterator[dict[str, Any]]:
        from river import naive_bayes  # noqa: PLC0415 - for River's own checks only, and slow to import

        yield {"model": naive_bayes.GaussianNB(), "labels": (False, True)}


def _is_full(model: Any) -> bool:
    """Text models say so themselves; a tree that is too large has leaves that learn no more."""
    inner = getattr(model, "model", None)
    trees = [model, *(model if isinstance(model, base.Ensemble) else ())]
    deaf_leaves = any(getattr(getattr(tree, "model", tree), "n_inactive_leaves", 0) for tree in trees)
    return bool(getattr(model, "full", False)) or deaf_leaves or (inner is not None and _is_full(inner))


class ForeignClassifier(TaskClassifier):
    """A model that a task brings itself: it may have been trained elsewhere, and is asked from the first record on."""

    brings_knowledge = True


def scores_of(model: base.Classifier, x: dict[str, Any]) -> dict[str, float] | None:
    """The model's score of one record, or None when it has none: then people look at the record.

    A model has no score when it gives anything but probabilities, or cannot compute them from what it
    reads (an overflow, a missing feature it did not expect).
    """
    try:
        scores: dict[str, float] = model.predict_proba_one(x)
    except WHAT_MODELS_RAISE:
        return None
    return fair(scores)


def fair(scores: dict[str, float]) -> dict[str, float] | None:
    """The scores when they are probabilities that sum to 1, else None."""
    probable = all(0.0 <= score <= 1.0 for score in scores.values())
    return scores if probable and math.isclose(sum(scores.values()), 1.0, abs_tol=1e-6) else None

"""The scores of a model that learns on, as its snapshots would give them: for whoever plays learner and scorer at once.

Text models are kept compiled, and take in after each verdict what has changed. A logistic or softmax regression is
asked itself: it says the same as its arrays, to the last bit. So are the others, whose scores are within 1e-9 of
those of their arrays; compiling them anew after each verdict would take longer than asking them.
"""

import math

import numpy as np

from winnow.core.compiled.probabilities import over_labels
from winnow.core.compiled.scorer import TEXTS
from winnow.core.compiled.text_compiler import changed_words, compile_text, text_model, vocabulary_of
from winnow.core.models.opinions import Opinion, opinion
from winnow.core.models.record_input import ModelInput
from winnow.core.models.task_classifier import TaskClassifier
from winnow.core.models.vocabulary import bag_of
from winnow_schemas.model_names import TEXT_MODELS, kind_of


class LearningScorer:
    """`learned` is told what the model has learned from; `opinion` is what it says now."""

    def __init__(self, classifier: TaskClassifier) -> None:
        self._classifier = classifier

    def learned(self, values: ModelInput) -> None:
        """One verdict about these values."""

    def opinion(self, values: ModelInput) -> Opinion:
        """Scores, and votes where there are any."""
        return opinion(self._classifier, values)


class LearningTextScorer(LearningScorer):
    """A text model."""

    def __init__(self, classifier: TaskClassifier) -> None:
        super().__init__(classifier)
        self._changed: dict[str, None] = {}
        self._compile()

    def learned(self, values: ModelInput) -> None:
        """One verdict about these values."""
        self._changed.update(dict.fromkeys(bag_of(values["text"]).words))

    def opinion(self, values: ModelInput) -> Opinion:
        """Scores as the compiled model gives them."""
        if self._changed:
            self._catch_up()
        with np.errstate(all="ignore"):
            said = self._scoring.probabilities([values["text"]])
            (row,) = over_labels(said if self._classifier.learned else np.zeros_like(said)).tolist()
        return Opinion(None if math.isnan(row[0]) else dict(zip(self._labels, row, strict=True)))

    def _compile(self) -> None:
        kind, meta, arrays = compile_text(self._classifier)
        self._labels = tuple(self._classifier.known)
        self._words = len(vocabulary_of(text_model(self._classifier)))
        self._scoring = TEXTS[kind](meta, arrays)

    def _catch_up(self) -> None:
        step = changed_words(self._classifier, self._changed, self._words)
        self._changed = {}
        if step is None or self._labels != tuple(self._classifier.known):
            self._compile()
            return
        self._scoring.change(step.small, step.new, step.places, step.rows)
        self._words = step.words


def learning_scorer(name: str, classifier: TaskClassifier) -> LearningScorer:
    """For a model by its name in the task."""
    return LearningTextScorer(classifier) if kind_of(name) in TEXT_MODELS else LearningScorer(classifier)

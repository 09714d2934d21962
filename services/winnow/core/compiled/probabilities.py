"""From what a model computes to scores: the last steps of `TaskClassifier` and `scores_of`, for many records."""

import numpy as np

from winnow.core.compiled.inputs import Floats


def softmax(margins: Floats) -> Floats:
    """One row per record; a label at minus infinity gets 0, infinite margins otherwise give NaN."""
    odds: Floats = np.exp(margins - margins.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    return odds


def over_labels(probabilities: Floats) -> Floats:
    """Shares that add up to 1; even ones where there are none; NaN where they are no probabilities."""
    total = probabilities.sum(axis=1, keepdims=True)
    none = total[:, 0] == 0.0
    total[none] = 1.0
    scores: Floats = probabilities / total
    scores[none] = 1.0 / probabilities.shape[1]
    fair = ((scores >= 0.0) & (scores <= 1.0)).all(axis=1)
    scores[~fair] = np.nan
    return scores

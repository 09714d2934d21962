"""From what a model computes to scores: the last steps of `TaskClassifier` and `scores_of`, for many records.

Sums over labels run from the first to the last, as River's do: numpy's own add up in another order from eight on.
"""

import math

import numpy as np

from winnow.core.compiled.inputs import Floats


def exponentials(values: Floats) -> Floats:
    """To the last bit those of the standard library, which River uses; numpy's may differ in it."""
    return np.fromiter(map(math.exp, values.ravel().tolist()), np.float64, values.size).reshape(values.shape)


def row_sums(table: Floats) -> Floats:
    """One sum per row, as a column."""
    total = table[:, :1].copy()
    for column in range(1, table.shape[1]):
        total += table[:, column : column + 1]
    return total


def softmax(margins: Floats) -> Floats:
    """One row per record; a label at minus infinity gets 0, infinite margins otherwise give NaN."""
    odds: Floats = np.exp(margins - margins.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    return odds


def over_labels(probabilities: Floats) -> Floats:
    """Shares that add up to 1; even ones where there are none; NaN where they are no probabilities."""
    total = row_sums(probabilities)
    none = total[:, 0] == 0.0
    total[none] = 1.0
    scores: Floats = probabilities / total
    scores[none] = 1.0 / probabilities.shape[1]
    fair = ((scores >= 0.0) & (scores <= 1.0)).all(axis=1)
    scores[~fair] = np.nan
    return scores

"""Which labels are probably wrong: confident learning (Northcutt, Jiang & Chuang 2021) with out-of-fold scores.

Each record is scored by a model that has not learned it. A label is doubted where another one is scored
at least as sure as records of that other label are on average.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from winnow.core.checks.labelled_record import Finding, LabelledRecord
from winnow.core.models import build, learn, scores_of
from winnow_schemas.task import Task

FOLDS = 5
FEWEST = 50
PASSES = 2

Floats = npt.NDArray[np.float64]


def check_label_noise(records: Sequence[LabelledRecord], task: Task, model: str) -> list[Finding]:
    """The share of labels that are probably wrong, the most doubtful first."""
    if len(records) < FEWEST:
        return [Finding("label noise", "fine", f"fewer than {FEWEST} records: too few to doubt a label")]
    labels = list(dict.fromkeys((*task.labels, *(record.label for record in records))))
    given = np.array([labels.index(record.label) for record in records])
    doubted = doubtful(out_of_fold(records, labels, task, model), given)
    share = len(doubted) / len(records)
    figures = {"share": share}
    if not doubted:
        return [Finding("label noise", "fine", f"{model} doubts no label", (), figures)]
    says = f"{model} doubts {len(doubted):,} labels ({share:.1%}); the most doubtful come first"
    return [Finding("label noise", "look", says, [records[place].line for place in doubted], figures)]


def out_of_fold(records: Sequence[LabelledRecord], labels: Sequence[str], task: Task, model: str) -> Floats:
    """Scores of each record (rows) by label (columns), made by a model that learned the other folds."""
    scores = np.full((len(records), len(labels)), 1.0 / len(labels))
    for fold in range(FOLDS):
        taught = build(task, model)
        for _ in range(PASSES):
            for place, record in enumerate(records):
                if place % FOLDS != fold:
                    learn(taught, record.values, record.label, None)
        for place in range(fold, len(records), FOLDS):
            found = scores_of(taught, records[place].values)
            if found is not None:
                scores[place] = [found.get(label, 0.0) for label in labels]
    return scores


def doubtful(scores: Floats, given: npt.NDArray[np.int64]) -> list[int]:
    """Rows whose label is doubted, the least sure of their own label first."""
    rows = np.arange(len(given))
    own = scores[rows, given]
    counts = np.bincount(given, minlength=scores.shape[1])
    usual = np.bincount(given, weights=own, minlength=scores.shape[1]) / np.maximum(1, counts)
    usual[counts == 0] = np.inf
    sure = np.where(scores >= usual, scores, -1.0)
    confident = sure.argmax(axis=1)
    found = rows[(sure.max(axis=1) >= 0.0) & (confident != given)]
    return [int(place) for place in found[np.argsort(own[found], kind="stable")]]

"""River's models as its documentation writes them, for a loop that asks them record by record."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from river import base, feature_extraction, forest, linear_model, naive_bayes, optim, preprocessing, tree

from winnow.core.models.table_models import SEED


def _bag_of_words() -> base.Classifier:
    return feature_extraction.BagOfWords(on="text") | naive_bayes.MultinomialNB(alpha=1.0)


BUILDERS: Mapping[str, Callable[[], base.Classifier]] = {
    "logistic": lambda: preprocessing.StandardScaler() | linear_model.LogisticRegression(optimizer=optim.SGD(0.05)),
    "softmax": lambda: preprocessing.StandardScaler() | linear_model.SoftmaxRegression(optimizer=optim.SGD(0.05)),
    "gaussian_naive_bayes": naive_bayes.GaussianNB,
    "hoeffding_tree": lambda: tree.HoeffdingTreeClassifier(grace_period=100),
    "forest": lambda: forest.ARFClassifier(n_models=10, seed=SEED),
    "text_naive_bayes": _bag_of_words,
}
_TRUE = "label1"


class RiverModel:
    """A model of that name that has learned a file of verdicts."""

    def __init__(self, name: str, verdicts: Path) -> None:
        self._model = BUILDERS[name]()
        self._says_yes_or_no = name == "logistic"
        self._reads_text = name.startswith("text")
        with verdicts.open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                self._model.learn_one(self._read(record), self._told(record["label"]))

    def top(self, record: Mapping[str, Any]) -> tuple[str, float]:
        """The most probable label of a record and its probability."""
        scores = self._model.predict_proba_one(self._read(record))
        label = max(scores, key=scores.__getitem__)
        return (f"label{int(label)}" if self._says_yes_or_no else label), scores[label]

    def _read(self, record: Mapping[str, Any]) -> Any:
        return record if self._reads_text else record["features"]

    def _told(self, label: str) -> Any:
        return label == _TRUE if self._says_yes_or_no else label

"""Multinomial naive Bayes on word counts (Manning, Raghavan & Schütze 2008, ch. 13).

The same sums as River's `MultinomialNB`, kept in one array per model in place of a counter per word: a
state of a hundred thousand words is written in milliseconds, and a text is scored at once.
"""

import math
from typing import Any

import numpy as np
from river import base

from winnow.core.models.vocabulary import Amounts, Vocabulary, bag_of, with_room_for

_MOST = 2**31


class TextNaiveBayes(base.Classifier):  # type: ignore[misc]
    """Reads `text`; scores every label it has learned. `alpha` is the smoothing (Laplace: 1)."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha
        self.vocabulary = Vocabulary()
        self.rows: dict[Any, int] = {}
        self.texts: list[int] = []
        self.word_counts: Amounts = np.zeros((0, 1024))
        self.totals: Amounts = np.zeros(0)

    @property
    def _multiclass(self) -> bool:
        return True

    def learn_one(self, x: dict[Any, Any], y: Any) -> None:
        """Counts the words of one text under its label."""
        bag = bag_of(x.get("text", ""))
        columns = self.vocabulary.learn(bag)
        row = self._row_of(y)
        self.word_counts = with_room_for(self.word_counts, len(self.vocabulary))
        self.texts[row] += 1
        self.word_counts[row, columns] += bag.amounts
        self.totals[row] += bag.amounts.sum()

    def predict_proba_one(self, x: dict[Any, Any], **_: Any) -> dict[Any, float]:
        """The posterior of each label learned; nothing before the first."""
        if not self.rows:
            return {}
        columns, amounts, unknown = self.vocabulary.look_up(bag_of(x.get("text", "")))
        joint = np.log(np.array(self.texts) / sum(self.texts))
        if len(self.vocabulary):
            joint += (np.log(self.word_counts[:, columns] + self.alpha) * amounts).sum(axis=1)
            joint += unknown.sum() * math.log(self.alpha)
            joint -= (amounts.sum() + unknown.sum()) * np.log(self.totals + self.alpha * len(self.vocabulary))
        odds = np.exp(joint - joint.max())
        return dict(zip(self.rows, (odds / odds.sum()).tolist(), strict=True))

    def __getstate__(self) -> dict[str, Any]:
        """Without the room kept for words to come; counts are whole numbers, which take less room as such."""
        counts = self.word_counts[:, : len(self.vocabulary)]
        return {
            **self.__dict__,
            "word_counts": counts.astype(np.int32 if self.totals.max(initial=0.0) < _MOST else np.int64),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = {**state, "word_counts": state["word_counts"].astype(np.float64)}

    def _row_of(self, label: Any) -> int:
        if label not in self.rows:
            self.rows[label] = len(self.rows)
            self.texts.append(0)
            self.totals = np.append(self.totals, 0.0)
            self.word_counts = np.vstack([self.word_counts, np.zeros(self.word_counts.shape[1])])
        return self.rows[label]

"""Multinomial naive Bayes on word counts (Manning, Raghavan & Schütze 2008, ch. 13).

The same sums as River's `MultinomialNB`, kept in one table in place of a counter per word: a
state of a hundred thousand words is written in milliseconds, and a text is scored at once.
"""

import math
from typing import Any

import numpy as np
from river import base

from winnow.core.models.vocabulary import Amounts, Vocabulary, bag_of, with_one_more_column, with_room_for

_MOST = 2**31


class TextNaiveBayes(base.Classifier):  # type: ignore[misc]
    """Reads `text`; scores every label it has learned. `alpha` is the smoothing (Laplace: 1)."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha
        self.vocabulary = Vocabulary()
        self.columns: dict[Any, int] = {}
        self.texts: list[int] = []
        self.counts_by_word: Amounts = np.zeros((1024, 0))
        self.totals: Amounts = np.zeros(0)

    @property
    def full(self) -> bool:
        """Whether words are left out."""
        return self.vocabulary.full

    @property
    def _multiclass(self) -> bool:
        return True

    def learn_one(self, x: dict[Any, Any], y: Any) -> None:
        """Counts the words of one text under its label."""
        bag = self.vocabulary.within(bag_of(x.get("text", "")))
        words = self.vocabulary.learn(bag)
        column = self._column_of(y)
        self.counts_by_word = with_room_for(self.counts_by_word, len(self.vocabulary))
        self.texts[column] += 1
        self.counts_by_word[words, column] += bag.amounts
        self.totals[column] += bag.amounts.sum()

    def predict_proba_one(self, x: dict[Any, Any], **_: Any) -> dict[Any, float]:
        """The posterior of each label learned; nothing before the first."""
        if not self.columns:
            return {}
        words, amounts, unknown = self.vocabulary.look_up(bag_of(x.get("text", "")))
        joint = np.log(np.array(self.texts) / sum(self.texts))
        if len(self.vocabulary):
            joint += amounts @ np.log(self.counts_by_word[words] + self.alpha)
            joint += unknown.sum() * math.log(self.alpha)
            joint -= (amounts.sum() + unknown.sum()) * np.log(self.totals + self.alpha * len(self.vocabulary))
        odds = np.exp(joint - joint.max())
        return dict(zip(self.columns, (odds / odds.sum()).tolist(), strict=True))

    def __getstate__(self) -> dict[str, Any]:
        """Without the room kept for words to come; counts are whole numbers, which take less room as such."""
        counts = self.counts_by_word[: len(self.vocabulary)]
        return {
            **self.__dict__,
            "counts_by_word": counts.astype(np.int32 if self.totals.max(initial=0.0) < _MOST else np.int64),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = {**state, "counts_by_word": state["counts_by_word"].astype(np.float64)}

    def _column_of(self, label: Any) -> int:
        if label not in self.columns:
            self.columns[label] = len(self.columns)
            self.texts.append(0)
            self.totals = np.append(self.totals, 0.0)
            self.counts_by_word = with_one_more_column(self.counts_by_word)
        return self.columns[label]

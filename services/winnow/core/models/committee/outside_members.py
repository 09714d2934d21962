"""Votes from outside: foreign models with probabilities of their own.

They come with the input, under names that no feature has; who is not heard abstains.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from winnow.core.models.committee.growing_tables import Floats
from winnow.core.models.committee.members import Input, Member, Reader
from winnow.core.voting import log_votes


def scores_by(model: str) -> str:
    """Under which name a foreign model's scores (probabilities by label) stand in a model's input."""
    return f"scores by {model}"


class OutsideReader(Reader[Any, Any]):
    """Reads one key as it is; None when it is not there."""

    def __init__(self, key: str) -> None:
        self.key = key

    def read(self, x: Input) -> Any:
        """The scores."""
        heard = x.get(self.key)
        return dict(heard) if isinstance(heard, Mapping) else heard

    def see(self, kept: Any) -> Any:
        """As it was read."""
        return kept


class ForeignModel(Member[Any]):
    """Its own probabilities; scores that are none count as an abstention."""

    def __init__(self, name: str, start: float, labels: list[Any]) -> None:
        self.name = name
        self.start = start
        self.labels = list(labels)

    def votes(self, seen: Any) -> Floats:
        shares = np.array([_score(seen, label) for label in self.labels])
        fair = bool(((shares >= 0.0) & (shares <= 1.0)).all()) and 0.0 < shares.sum() <= 1.0 + 1e-6
        return log_votes(shares) if fair else np.zeros(len(self.labels))

    def learn(self, seen: Any, label: int) -> None:
        """It learns elsewhere, if it does."""

    def add_label(self, label: Any) -> None:
        self.labels.append(label)


def _score(scores: Any, label: Any) -> float:
    score = scores.get(label, 0.0) if isinstance(scores, Mapping) else 0.0
    return float(score) if isinstance(score, int | float) and isfinite(score) else -1.0

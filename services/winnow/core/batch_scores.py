"""The scores of a batch of records as one table: what scorers give and decisions are made of."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from winnow_schemas.base import FunctionVotes, MemberVotes, Scores

Floats = npt.NDArray[np.float64]

FunctionsHeard = Sequence[FunctionVotes] | None
"""What labelling functions said of each record of a batch; None where the task has none."""


class BatchVotes(NamedTuple):
    """What scores were pooled from: `logs` are log-probabilities by record, member and label, as they travel."""

    members: tuple[str, ...]
    logs: Floats

    def of(self, place: int) -> MemberVotes:
        """The votes about one record."""
        return dict(zip(self.members, self.logs[place].tolist(), strict=True))


class BatchScores(NamedTuple):
    """A row per record, in order, and a column per label; a row that holds no probabilities is no score."""

    labels: tuple[str, ...]
    table: Floats
    votes: BatchVotes | None = None

    @classmethod
    def from_rows(
        cls,
        labels: Sequence[str],
        scores: Sequence[Scores | None],
        votes: Sequence[MemberVotes | None] | None = None,
    ) -> Self:
        """From the scores of one record after another, all of the same labels, and their votes, of the same members."""
        nothing = dict.fromkeys(labels, float("nan"))
        rows = [[(given or nothing)[label] for label in labels] for given in scores]
        table = np.array(rows, dtype=np.float64).reshape(len(scores), len(labels))
        return cls(tuple(labels), table, _gathered(votes or (), len(labels)))

    @classmethod
    def nothing(cls, records: int) -> Self:
        """Of so many records, where there is no model."""
        return cls((), np.empty((records, 0)))

    @property
    def are_scores(self) -> npt.NDArray[np.bool_]:
        """Which of the rows are scores."""
        if not self.labels:
            return np.zeros(len(self.table), dtype=np.bool_)
        return np.asarray(((self.table >= 0.0) & (self.table <= 1.0)).all(axis=1))


class ScoredBatch(NamedTuple):
    """What the model said of a batch."""

    model_version: int
    scores: BatchScores


def _gathered(votes: Sequence[MemberVotes | None], labels: int) -> BatchVotes | None:
    members: Mapping[str, Sequence[float]] | None = next((each for each in votes if each is not None), None)
    if members is None:
        return None
    nothing = dict.fromkeys(members, [0.0] * labels)
    logs = np.array([[(given or nothing)[member] for member in members] for given in votes], dtype=np.float64)
    return BatchVotes(tuple(members), logs)

"""What the members of a committee said of one record when it was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LOWEST_PROBABILITY = 1e-6
LOWEST_VOTE = log(LOWEST_PROBABILITY)
_DIGITS = 6


def log_votes(probabilities: Floats) -> Floats:
    """Natural logarithms, none below that of one in a million."""
    votes: Floats = np.log(np.maximum(probabilities, LOWEST_PROBABILITY))
    return votes


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """`logs` has a row per member and a column per label: log-probabilities; a row of zeros abstains."""

    members: tuple[str, ...]
    labels: tuple[Any, ...]
    logs: Floats

    def aligned(self, members: Sequence[str], labels: Sequence[Any]) -> Floats:
        """The votes by other lists: a member that did not vote abstained, a label not known had no chance."""
        if tuple(members) == self.members and tuple(labels) == self.labels:
            return self.logs
        columns = {label: column for column, label in enumerate(self.labels)}
        rows = dict(zip(self.members, self.logs.tolist(), strict=True))
        return np.array([[_vote(rows.get(member), columns.get(label)) for label in labels] for member in members])

    def to_wire(self) -> dict[str, list[float]]:
        """The votes by member, in the order of `labels`: that of the scores they are pooled to."""
        return dict(zip(self.members, self.rounded(self.logs).tolist(), strict=True))

    @staticmethod
    def rounded(logs: Floats) -> Floats:
        """As they travel."""
        return logs.round(_DIGITS)

    @classmethod
    def from_wire(cls, votes: Mapping[str, Sequence[float]], labels: Sequence[Any]) -> "Votes":
        """Votes below the lowest count as that.

        Raises `ValueError` when a member has not one vote per label, or one that is no log-probability.
        """
        for member, row in votes.items():
            if len(row) != len(labels):
                raise ValueError(f"votes: {member} has {len(row)} for {len(labels)} labels")
            if not all(vote <= 0.0 for vote in row):
                raise ValueError(f"votes: {member} has some that are no log-probabilities")
        rows = np.maximum(np.array(list(votes.values()), dtype=np.float64), LOWEST_VOTE)
        return cls(tuple(votes), tuple(labels), rows.reshape(len(votes), len(labels)))


def _vote(row: Sequence[float] | None, column: int | None) -> float:
    if row is None or not any(row):
        return 0.0
    return LOWEST_VOTE if column is None else row[column]

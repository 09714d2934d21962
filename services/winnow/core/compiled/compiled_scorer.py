"""What all scorers of compiled models are."""

from collections.abc import Callable, Sequence

import numpy as np

from winnow.core.batch_scores import BatchScores, FunctionsHeard
from winnow.core.compiled.compiled_model import Compiled
from winnow.core.compiled.deltas import Delta
from winnow.core.compiled.inputs import Floats
from winnow.core.compiled.number_columns import Numbers
from winnow.core.compiled.probabilities import over_labels
from winnow.core.voting import PoolWeights
from winnow_schemas.base import Scores
from winnow_schemas.records import Record


class CompiledScorer:
    """Scores as River's model would. `misfits` counts values of records that the model could not read."""

    def __init__(self, compiled: Compiled) -> None:
        self.kind = compiled.kind
        self.version = compiled.version
        self.digest = compiled.digest
        self.labels = compiled.labels
        self.misfits = 0
        self._has_learned = compiled.learned

    def score(self, records: Sequence[Record]) -> list[Scores | None]:
        """One score per record, in order; None where the model has none."""
        matrix = self.score_matrix(records)
        unfit = set(np.flatnonzero(np.isnan(matrix[:, 0])).tolist())
        scores: list[Scores | None] = [dict(zip(self.labels, row, strict=True)) for row in matrix.tolist()]
        for place in unfit:
            scores[place] = None
        return scores

    def score_matrix(self, records: Sequence[Record]) -> Floats:
        """A row per record, a column per label of `labels`; NaN where the model has no score."""
        scores = np.empty((len(records), len(self.labels)))
        for start in range(0, len(records), self.records_at_once):
            portion = records[start : start + self.records_at_once]
            scores[start : start + len(portion)] = self._portion(portion)
        return scores

    @property
    def pooling(self) -> PoolWeights | None:
        """What a committee pools its votes with; None for any other model."""
        return None

    def score_batch(self, records: Sequence[Record], heard: FunctionsHeard = None) -> BatchScores:  # noqa: ARG002
        """The matrix, and the votes behind it where there are any. `heard` is for models that hear functions."""
        return BatchScores(self.labels, self.score_matrix(records))

    @property
    def of_numbers(self) -> Callable[[Numbers], BatchScores] | None:
        """What scores records of which only the numbers were read, a row of them for each that the task declares.

        None for a model that reads more than numbers.
        """
        return None

    @property
    def records_at_once(self) -> int:
        """How many are scored together."""
        raise NotImplementedError

    def probabilities(self, records: Sequence[Record]) -> Floats:
        """What the model says of some records."""
        raise NotImplementedError

    def advanced(self, delta: Delta) -> "CompiledScorer":
        """The scorer of the next version; raises `ValueError`, and stays as it is, when the delta does not fit."""
        raise NotImplementedError

    def _portion(self, records: Sequence[Record]) -> Floats:
        with np.errstate(all="ignore"):
            return self._over_labels(self.probabilities(records))

    def _over_labels(self, said: Floats) -> Floats:
        return over_labels(said if self._has_learned else np.zeros_like(said))

"""Scoring a batch of records with one snapshot of the champion."""

from collections.abc import Sequence
from itertools import repeat
from typing import Protocol

from winnow.core.batch_scores import BatchScores, FunctionsHeard
from winnow.core.compiled.compiled_scorer import CompiledScorer
from winnow.core.compiled.number_columns import Numbers
from winnow.core.models import Opinion, RecordReader, TaskClassifier, opinion
from winnow.core.voting import PoolWeights, is_voting
from winnow_schemas.base import FunctionVotes
from winnow_schemas.records import Record


class BatchScorer(Protocol):
    """One version of a model. `misfits` counts the values of records that did not fit the task's inputs.

    `pooling` is what a committee pools its members' votes with; None for any other model. It `takes_numbers` when it
    reads nothing else of a record.
    """

    @property
    def version(self) -> int: ...

    @property
    def misfits(self) -> int: ...

    @property
    def pooling(self) -> PoolWeights | None: ...

    @property
    def takes_numbers(self) -> bool: ...

    def score_batch(self, records: Sequence[Record], heard: FunctionsHeard = None) -> BatchScores:
        """One row of scores per record, in order; NaN where the model has none."""
        ...

    def score_numbers(self, numbers: Numbers) -> BatchScores:
        """The same from nothing but the numbers of the records, where it `takes_numbers`."""
        ...


class CompiledBatchScorer:
    """Scores with arrays. The compiled scorer may be advanced by deltas meanwhile: between two batches."""

    def __init__(self, compiled: CompiledScorer) -> None:
        self.compiled = compiled

    @property
    def version(self) -> int:
        """That of the compiled model."""
        return self.compiled.version

    @property
    def misfits(self) -> int:
        """Values so far that the model could not read."""
        return self.compiled.misfits

    @property
    def pooling(self) -> PoolWeights | None:
        """Of the compiled model."""
        return self.compiled.pooling

    @property
    def takes_numbers(self) -> bool:
        """Whether the compiled model does."""
        return self.compiled.takes_numbers

    def score_batch(self, records: Sequence[Record], heard: FunctionsHeard = None) -> BatchScores:
        """One row of scores per record, in order; NaN where the model has none."""
        return self.compiled.score_batch(records, heard)

    def score_numbers(self, numbers: Numbers) -> BatchScores:
        """One row of scores per record, in order; NaN where the model has none."""
        return self.compiled.score_numbers(numbers)


class OneByOneScorer:
    """Asks a River model record by record."""

    takes_numbers = False

    def __init__(self, version: int, model: TaskClassifier, reader: RecordReader) -> None:
        self.version = version
        self.misfits = 0
        self.pooling = model.weights if is_voting(model) else None
        self._model = model
        self._reader = reader

    def score_batch(self, records: Sequence[Record], heard: FunctionsHeard = None) -> BatchScores:
        """One row of scores per record, in order; NaN where the model has none."""
        said = list(map(self._opinion, records, heard or repeat(None)))
        scores, votes = [one.scores for one in said], [one.votes for one in said]
        return BatchScores.from_rows(tuple(self._model.known), scores, votes)

    def score_numbers(self, numbers: Numbers) -> BatchScores:
        """It wants records."""
        raise NotImplementedError

    def _opinion(self, record: Record, function_votes: FunctionVotes | None) -> Opinion:
        values, misfits = self._reader.read(record, function_votes)
        self.misfits += misfits
        return opinion(self._model, values)

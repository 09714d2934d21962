"""Scoring a batch of records with one snapshot of the champion."""

from collections.abc import Callable, Sequence
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

    `pooling` is what a committee pools its members' votes with; None for any other model.
    """

    @property
    def version(self) -> int: ...

    @property
    def misfits(self) -> int: ...

    @property
    def pooling(self) -> PoolWeights | None: ...

    @property
    def of_numbers(self) -> Callable[[Numbers], BatchScores] | None:
        """What scores records of which only their numbers were read; None for a model that reads more."""
        ...

    def score_batch(self, records: Sequence[Record], heard: FunctionsHeard = None) -> BatchScores:
        """One row of scores per record, in order; NaN where the model has none."""
        ...


def score_contents(scorer: BatchScorer, contents: Sequence[Record] | Numbers, heard: FunctionsHeard) -> BatchScores:
    """The scores of records, or of the numbers that were read of them because the scorer wants no more."""
    if isinstance(contents, Numbers):
        assert scorer.of_numbers is not None
        return scorer.of_numbers(contents)
    return scorer.score_batch(contents, heard)


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
    def of_numbers(self) -> Callable[[Numbers], BatchScores] | None:
        """The compiled model's."""
        return self.compiled.of_numbers

    def score_batch(self, records: Sequence[Record], heard: FunctionsHeard = None) -> BatchScores:
        """One row of scores per record, in order; NaN where the model has none."""
        return self.compiled.score_batch(records, heard)


class OneByOneScorer:
    """Asks a River model record by record."""

    of_numbers = None

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

    def _opinion(self, record: Record, function_votes: FunctionVotes | None) -> Opinion:
        values, misfits = self._reader.read(record, function_votes)
        self.misfits += misfits
        return opinion(self._model, values)

"""Scoring a batch of records with one snapshot of the champion."""

from collections.abc import Sequence
from typing import Protocol

from winnow.core.models import RecordReader, TaskClassifier, scores_of
from winnow_schemas.base import Scores
from winnow_schemas.records import Record


class BatchScorer(Protocol):
    """One version of a model. `misfits` counts the values of records that did not fit the task's inputs."""

    version: int
    misfits: int

    def score(self, records: Sequence[Record]) -> list[Scores | None]:
        """One score per record, in order; None where the model has none."""
        ...


class OneByOneScorer:
    """Asks a River model record by record."""

    def __init__(self, version: int, model: TaskClassifier, reader: RecordReader) -> None:
        self.version = version
        self.misfits = 0
        self._model = model
        self._reader = reader

    def score(self, records: Sequence[Record]) -> list[Scores | None]:
        """One score per record, in order."""
        return [self._score(record) for record in records]

    def _score(self, record: Record) -> Scores | None:
        values, misfits = self._reader.read(record)
        self.misfits += misfits
        return scores_of(self._model, values)

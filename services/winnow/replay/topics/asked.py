"""Asking a model about a record, as the scorer asked it: compiled where it can be, else record by record."""

from collections.abc import Callable

from winnow.core.compiled import CompiledScorer
from winnow.core.models import Opinion, RecordReader, TaskClassifier, opinion
from winnow_schemas.base import FunctionVotes
from winnow_schemas.records import Record

Says = Callable[[Record, FunctionVotes | None], Opinion]


def nothing(record: Record, function_votes: FunctionVotes | None) -> Opinion:  # noqa: ARG001 - says the same of all
    """What is said where there is no model."""
    return Opinion(None)


def of_compiled(scorer: CompiledScorer) -> Says:
    """A compiled model scores a batch as it scores its records alone."""

    def says(record: Record, function_votes: FunctionVotes | None) -> Opinion:
        heard = None if function_votes is None else [function_votes]
        labels, table, votes = batch = scorer.score_batch([record], heard)
        if not batch.are_scores[0]:
            return Opinion(None)
        return Opinion(dict(zip(labels, table[0].tolist(), strict=True)), votes.of(0) if votes else None)

    return says


def of_river(model: TaskClassifier, reader: RecordReader) -> Says:
    """A model that cannot be compiled."""
    return lambda record, function_votes: opinion(model, reader.read(record, function_votes).values)

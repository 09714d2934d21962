"""From a record to what a River model reads.

A record is hostile input: any feature may be missing, of another kind than the task declares, or so
large that its square is infinite. None of this may stop a model, so whatever does not fit is left
out as if it were missing, and counted. Only what the task declares is read: a label that travels
inside a record never reaches a model.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from winnow_schemas.base import FunctionVotes
from winnow_schemas.records import Record
from winnow_schemas.task import FeatureKind, Task

LARGEST_NUMBER = 1e100
"""Beyond it squares, and sums of them, would overflow; such a number counts as missing."""

ModelInput = dict[str, Any]
"""Numbers and flags as floats, categories as strings, `e0`..`eN` of the embedding, `text`; `FUNCTION_VOTES`."""

FUNCTION_VOTES = "function votes"
"""Under this name stands what labelling functions said of the record, for models that hear them."""


class Reading(NamedTuple):
    """What a model reads of one record, and how many values were left out because they did not fit."""

    values: ModelInput
    misfits: int


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_NUMBER:
        return None
    return float(value)


def _category(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _flag(value: object) -> float | None:
    return float(value) if isinstance(value, bool) else None


_READ_AS: Mapping[FeatureKind, Callable[[object], float | str | None]] = {
    "number": _number,
    "category": _category,
    "flag": _flag,
}


class RecordReader:
    """Reads the declared inputs of one task out of records."""

    def __init__(self, task: Task) -> None:
        self._features = [(name, _READ_AS[kind]) for name, kind in task.input.features.items()]
        self._embedding = [f"e{place}" for place in range(task.input.embedding or 0)]
        self._text = task.input.text
        others = {"text": self._text, FUNCTION_VOTES: task.labelling_functions is not None}
        taken = {*self._embedding, *(name for name, is_there in others.items() if is_there)} & set(task.input.features)
        if taken:
            raise ValueError(f"input.features: {', '.join(sorted(taken))} is the name of another input; rename it")

    def read(self, record: Record, function_votes: FunctionVotes | None = None) -> Reading:
        """The record as a model reads it, and what functions said of it; the order of the values is the task's."""
        values: ModelInput = {}
        misfits = self._read_features(record.get("features") or {}, values)
        if self._embedding:
            misfits += self._read_embedding(record.get("embedding") or [], values)
        if self._text:
            values["text"] = record.get("text") or ""
        if function_votes is not None:
            values[FUNCTION_VOTES] = dict(function_votes)
        return Reading(values, misfits)

    def _read_features(self, given: Mapping[str, object], values: ModelInput) -> int:
        misfits = 0
        for name, read_as in self._features:
            if name in given:
                value = read_as(given[name])
                if value is None:
                    misfits += 1
                else:
                    values[name] = value
        return misfits

    def _read_embedding(self, given: list[float], values: ModelInput) -> int:
        if not given:
            return 0
        if len(given) != len(self._embedding):
            return 1
        pairs = zip(self._embedding, map(_number, given), strict=True)
        read = {name: number for name, number in pairs if number is not None}
        values.update(read)
        return len(given) - len(read)


def without_functions(values: ModelInput) -> ModelInput:
    """What a model reads that hears no labelling functions."""
    if FUNCTION_VOTES not in values:
        return values
    return {name: value for name, value in values.items() if name != FUNCTION_VOTES}


def river_input(task: Task, record: Record) -> ModelInput:
    """What a model of this task reads of one record. For many records make one `RecordReader`."""
    return RecordReader(task).read(record).values

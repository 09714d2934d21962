"""Votes of labelling functions, weighed for many records at once."""

from collections.abc import Sequence

from winnow.core.compiled.inputs import Arrays, Floats, Meta
from winnow.core.labelling.function_votes import codes_of, likeness_of, logs_of, votes_cast
from winnow_schemas.base import FunctionVotes

COUNTS = "function_counts"
VERDICTS = "function_verdicts"
BOTH_WRONG = "function_both_wrong"
SOME_WRONG = "function_some_wrong"


class CommitteeFunctions:
    """One member per function; what functions said comes beside the records."""

    def __init__(self, meta: Meta, arrays: Arrays, labels: Sequence[str]) -> None:
        self._names = tuple(meta["functions"])
        self._rows = {label: row for row, label in enumerate(labels)}
        counts = arrays[COUNTS].reshape(len(self._names), len(labels), len(labels))
        self._logs = logs_of(counts, arrays[VERDICTS])
        self._likeness = likeness_of(arrays[BOTH_WRONG], arrays[SOME_WRONG])

    @property
    def members(self) -> int:
        """How many vote."""
        return len(self._names)

    def votes(self, heard: Sequence[FunctionVotes | None]) -> Floats:
        """Records × members × labels."""
        return votes_cast(codes_of(heard, self._names, self._rows), self._logs, self._likeness)

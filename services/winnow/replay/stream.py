"""What stands in the file, line by line, and what time it is there."""

from collections.abc import Callable
from typing import NamedTuple

from winnow.replay.conditions import ClockKind
from winnow.runtime.errors import UsageError
from winnow_schemas.base import FunctionVotes
from winnow_schemas.records import Record


class TrueRecord(NamedTuple):
    """A record at its offset (the line's number, from 0), the label that the file says is right, and what the task's
    labelling functions say of it.
    """

    offset: int
    record: Record
    label: str
    function_votes: FunctionVotes | None = None


class DeadLine(NamedTuple):
    """A line that is no record: live it would become a dead letter."""

    offset: int


Line = TrueRecord | DeadLine
Clock = Callable[[Line], float]
"""The time of a line in seconds; never goes back."""


def clock(kind: ClockKind) -> Clock:
    """A clock of that kind, at its start."""
    return EventClock() if kind == "events" else record_clock


def record_clock(line: Line) -> float:
    """One record is one second, from 1970 on."""
    return float(line.offset)


class EventClock:
    """The largest `at` so far."""

    def __init__(self) -> None:
        self._now: float | None = None

    def __call__(self, line: Line) -> float:
        """Raises `UsageError` when a record does not say its time."""
        if isinstance(line, TrueRecord):
            at = line.record.get("at")
            if at is None:
                raise UsageError(f"line {line.offset + 1}: it has no `at`; without it use --delay in place of seconds")
            self._now = at.timestamp() if self._now is None else max(self._now, at.timestamp())
        return self._now or 0.0

"""Which sent records have no outcome yet. Pure: deliveries and outcomes go in, in any order."""

Position = tuple[int, int]
"""Partition and offset in the records topic."""


class OpenRecords:
    """`open` counts what was sent and neither failed nor ended.

    Outcomes of other producers' records (and second outcomes of a recall) count for nothing.
    """

    def __init__(self) -> None:
        self._sent = 0
        self._closed = 0
        self._waiting: set[Position] = set()
        self._early: set[Position] = set()

    @property
    def open(self) -> int:
        """Records sent, or being sent, without an outcome."""
        return self._sent - self._closed

    @property
    def sent(self) -> int:
        """Records handed over so far, without those that failed."""
        return self._sent

    def sending(self) -> None:
        """A record was handed to the producer."""
        self._sent += 1

    def failed(self) -> None:
        """The broker did not take it."""
        self._sent -= 1

    def delivered(self, position: Position) -> None:
        """The broker put a sent record here."""
        if position in self._early:
            self._early.discard(position)
            self._closed += 1
        else:
            self._waiting.add(position)

    def ended(self, position: Position) -> None:
        """An outcome of the record at this position was seen."""
        if position in self._waiting:
            self._waiting.discard(position)
            self._closed += 1
        elif self._closed < self._sent:
            self._early.add(position)

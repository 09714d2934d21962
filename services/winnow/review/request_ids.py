"""Names of requests: the decision's id, and `#n` from the second opening on."""

from typing import NamedTuple


class RequestName(NamedTuple):
    """A request as the n-th `opening` of a decision's review; the first is 1."""

    decision_id: str
    opening: int

    @property
    def request_id(self) -> str:
        """As it stands in the topics."""
        return self.decision_id if self.opening == 1 else f"{self.decision_id}#{self.opening}"

    @property
    def next_opening(self) -> "RequestName":
        """The name under which the same decision is opened again."""
        return RequestName(self.decision_id, self.opening + 1)

    @property
    def closing_revision(self) -> int:
        """Revision of this opening's closing: odd ones close, even ones reopen."""
        return 2 * self.opening - 1


def request_name(request_id: str) -> RequestName:
    """The parts of a request id."""
    decision_id, _, opening = request_id.rpartition("#")
    if decision_id and opening.isdecimal() and int(opening) > 1:
        return RequestName(decision_id, int(opening))
    return RequestName(request_id, 1)


class RecordPosition(NamedTuple):
    """Where the record of a decision stands in `records`."""

    stream: str
    partition: int
    offset: int


def record_position(decision_id: str) -> RecordPosition | None:
    """The parts of a decision id `stream/partition/offset`; None for an id of another kind."""
    stream, *numbers = decision_id.rsplit("/", 2)
    if len(numbers) != 2 or not all(number.isdecimal() for number in numbers):
        return None
    return RecordPosition(stream, int(numbers[0]), int(numbers[1]))

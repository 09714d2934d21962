"""Which of two decisions about the same record is the newer one.

By offset within one partition of one incarnation of the records topic; by time across them, where
offsets say nothing.
"""

from datetime import datetime

from msgspec import Struct

from winnow.review.request_ids import RecordPosition, record_position


class DecisionMade(Struct, frozen=True, gc=False):
    """A decision, and when it was made."""

    decision_id: str
    decided_at: datetime

    def is_newer_than(self, other: "DecisionMade") -> bool:
        """Whether this one counts when both are about the same record."""
        if self.decision_id == other.decision_id:
            return False
        mine, theirs = record_position(self.decision_id), record_position(other.decision_id)
        if mine and theirs and _same_log(mine, theirs):
            return mine.offset > theirs.offset
        return (self.decided_at, self.decision_id) > (other.decided_at, other.decision_id)


def _same_log(one: RecordPosition, other: RecordPosition) -> bool:
    return (one.stream, one.partition) == (other.stream, other.partition)

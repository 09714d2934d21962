"""`unlabelled.v1`: records that ended without a label, and can be sent in again later."""

from typing import Literal

from winnow_schemas.base import Contract, Moment
from winnow_schemas.decisions import Decision
from winnow_schemas.records import Record

UnlabelledReason = Literal["budget", "expired", "skipped", "unreadable", "recalled"]


class Unlabelled(Contract):
    """A record without a label, with the decision that was made about it."""

    record_id: str
    decision_id: str
    record: Record
    reason: UnlabelledReason
    decision: Decision
    at: Moment

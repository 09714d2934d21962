"""Writes a piece of recalls: the label taken back, and the record put before people again.

So many may be open at a time; those beyond become unlabelled, to be sent in again later. Of a record
that Kafka no longer has only the label is taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from winnow.review.desk import Desk, Work
from winnow.review.finished_labels import record_behind
from winnow.review.ports import LabelLog
from winnow.review.recall_list import PendingRecall
from winnow.review.recall_messages import RecallMessages, RecallOf
from winnow.review.request_ids import record_position
from winnow.review.rules import ReviewRules
from winnow.runtime.messages import Incoming
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.labels import Label
from winnow_schemas.records import Record

log = structlog.get_logger(__name__)

Place = tuple[int, int]
"""Partition and offset of a record."""


@dataclass(slots=True)
class Written:
    """What a piece came to: labels that are as they should be now, and how many of them were taken back."""

    settled: list[PendingRecall] = field(default_factory=list)
    recalled: int = 0


class RecallWriter:
    """Writes recalls for one deployment of so many `partitions`."""

    def __init__(self, log_of_labels: LabelLog, messages: RecallMessages, rules: ReviewRules, partitions: int) -> None:
        self._log = log_of_labels
        self._messages = messages
        self._rules = rules
        self._partitions = partitions

    def write(self, due: Sequence[PendingRecall], desk: Desk, work: Work, now: float) -> Written:
        """As many of `due` as can be written now; none before the desk knows what is open."""
        written = Written()
        if not due or not desk.knows_what_is_open():
            return written
        places = {each.record_id: self._place(each) for each in due}
        found = self._records({place for place in places.values() if place is not None})
        for each in due:
            place = places[each.record_id]
            if desk.requests.has_newer(each.record_id, each.decision):
                written.settled.append(each)
            elif place is None or place in found:
                record = record_behind(found[place] if place else None, each.record_id)
                written.recalled += self._recall(each.message, record, desk, work, now)
                written.settled.append(each)
        return written

    def room(self, desk: Desk) -> int:
        """How many more recalled records may be open in this partition number, whose share of all is fixed."""
        number = desk.requests.partition
        share = (self._rules.recall_max_open + self._partitions - 1 - number) // self._partitions
        return share - desk.recalled_open

    def _recall(self, message: Incoming, record: Record | None, desk: Desk, work: Work, now: float) -> bool:
        try:
            label = decode(Label, message.value)  # type: ignore[arg-type]
        except InvalidMessage as error:
            log.warning("unreadable label passed over", offset=message.offset, error=str(error))
            return False
        said = RecallOf(label, message.headers, desk.requests.partition, now)
        work.outgoing.append(self._messages.recall(said))
        work.events["recalled"] += 1
        if record is None:
            work.events["recalled_lost"] += 1
            log.error("the record of a recalled label is gone from Kafka", decision_id=label.decision_id)
        elif desk.is_disputed(label):
            work.events["recalled_disputed"] += 1
        elif self.room(desk) > 0:
            work.outgoing.append(self._messages.request(said, record, self._rules.lifetime(is_audit=False)))
            desk.put_back(label.decision_id)
        else:
            work.outgoing.append(self._messages.unlabelled(said, record))
            work.events["recalled_unlabelled"] += 1
        return True

    def _place(self, each: PendingRecall) -> Place | None:
        position = record_position(each.decision.decision_id)
        if position is None or position.partition >= self._partitions:
            return None
        return position.partition, position.offset

    def _records(self, places: set[Place]) -> Mapping[Place, Incoming | None]:
        """What stands at these places, of as many as can be read at once."""
        return {
            (partition, offset): message
            for partition in sorted({partition for partition, _ in places})
            for offset, message in self._log.records(
                partition, [offset for number, offset in places if number == partition]
            ).items()
        }

"""From somebody's word that a label is wrong to a response in Kafka."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from winnow.review.finished_labels import FinishedLabels, FoundLabel
from winnow.review.problems import Problem
from winnow.review.response_writer import ResponseWriter
from winnow_schemas.review_responses import ReviewResponse


@dataclass(frozen=True, slots=True)
class Disputing:
    """Finds the label that counts, and puts it in doubt."""

    finished: FinishedLabels
    writer: ResponseWriter
    clock: Callable[[], float]

    def newest(self, record_id: str) -> FoundLabel:
        """The record's label that counts; raises `Problem`."""
        found = self.finished.newest_of(record_id)
        if found is None:
            raise Problem("unknown-record", f"no label of {record_id} is among the newest ones")
        return found

    def dispute(self, who: str, record_id: str, note: str | None) -> FoundLabel:
        """Returns when it is safe in Kafka; raises `Problem`. Saying it again of the same label changes nothing."""
        found = self.newest(record_id)
        label = found.label
        if label.label is None:
            raise Problem("nothing-to-dispute", "the label was withdrawn, and its record is in line already")
        response = ReviewResponse(
            response_id=f"dispute/{label.decision_id}/{label.revision}",
            request_id=label.decision_id,
            record_id=label.record_id,
            reviewer=who,
            action="dispute",
            label_offset=found.offset,
            note=note,
            at=datetime.fromtimestamp(self.clock(), UTC),
        )
        self.writer.write(response, found.partition)
        return found

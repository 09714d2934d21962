"""Labels of one partition number that somebody doubts: what puts their records back in line, and when it does not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from winnow.review.added_records import ADDED
from winnow.review.answers import Ignored
from winnow.review.disputes import Disputed, dispute_messages, opening_of
from winnow.review.finished_labels import FoundLabel
from winnow.review.open_requests import OpenRequests
from winnow.review.ports import Finished
from winnow.review.request_ids import RequestName
from winnow.review.rules import ReviewRules
from winnow.runtime.messages import Outgoing
from winnow_schemas.labels import Label
from winnow_schemas.review_responses import ReviewResponse
from winnow_schemas.topics import Topics


class Refused(NamedTuple):
    """A dispute that becomes a dead letter."""

    code: str
    why: str


class AskedAgain(NamedTuple):
    """The messages that put a record back in line, and the name of its request."""

    outgoing: list[Outgoing]
    request_id: str


@dataclass(frozen=True, slots=True)
class DisputedLabels:
    """`under_way` names requests that are written and not yet read; all others are known."""

    requests: OpenRequests
    under_way: Collection[str]
    finished: Finished
    rules: ReviewRules
    topics: Topics

    def hear(self, response: ReviewResponse, now: float) -> AskedAgain | Ignored | Refused:
        """What becomes of a dispute; consumers say where the label stands, the learner which one it is."""
        found = self._in_doubt(response)
        if not isinstance(found, FoundLabel):
            return found
        if self._is_asked_again(found.label):
            return "in line already"
        if self._was_taken_back(found.label):
            return "closed"
        return self._ask_again(found, now)

    def is_in_line(self, label: Label) -> bool:
        """Whether this very label is in line, or was there lately, since somebody doubts it."""
        request_id = opening_of(label).request_id
        is_there = self.requests.find(request_id) or self.requests.find_closed(request_id)
        return is_there is not None or request_id in self.under_way

    def _in_doubt(self, response: ReviewResponse) -> FoundLabel | Ignored | Refused:
        partition, offset = self.requests.partition, response.label_offset
        if offset is None:
            newest = self.finished.newest_of(response.record_id)
            told = (response.request_id, response.label)
            is_same = newest is not None and (newest.label.decision_id, newest.label.label) == told
            return newest if newest is not None and is_same else "another label by now"
        found = self.finished.at(partition, offset)
        if found is None or found.label.decision_id != response.request_id or found.label.label is None:
            return Refused("unknown_label", f"no such label stands at offset {offset} of partition {partition}")
        return found

    def _is_asked_again(self, label: Label) -> bool:
        """Whether the decision is open under any name, or this label was disputed before."""
        name = opening_of(label)
        openings = (RequestName(name.decision_id, opening).request_id for opening in range(1, name.opening))
        return self.is_in_line(label) or any(self.requests.find(request_id) for request_id in openings)

    def _was_taken_back(self, label: Label) -> bool:
        """Whether it was of an added record that is no more."""
        closed = self.requests.find_closed(label.decision_id)
        return closed is not None and closed.is_reopened and closed.request_id.startswith(ADDED)

    def _ask_again(self, found: FoundLabel, now: float) -> AskedAgain | Refused:
        label = found.label
        verdict = self.finished.verdict_of(label) if label.source == "human" else None
        record = verdict.record if verdict else self.finished.record_of(label)
        if record is None:
            return Refused("record_gone", f"Kafka no longer has the record of {label.decision_id}")
        disputed = Disputed(found, record, verdict)
        expires_at = datetime.fromtimestamp(now, UTC) + self.rules.lifetime(is_audit=disputed.is_audit)
        if verdict is not None and (closed := self.requests.find_closed(verdict.request_id)):
            self.requests.reopen(closed)
        return AskedAgain(dispute_messages(disputed, self.topics, expires_at, now), opening_of(label).request_id)

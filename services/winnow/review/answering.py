"""From a reviewer's answer to a response in Kafka: what is checked on the way.

The checks here are a courtesy: they tell people at once what is wrong. What counts is decided from
the topic alone, where outside systems write too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from winnow.review.added_records import added_response, undone_response
from winnow.review.problems import Problem
from winnow.review.redis_queue import RedisQueue
from winnow.review.response_writer import ResponseWriter
from winnow.review.reviewers import Reviewer
from winnow.review.rules import ReviewRules
from winnow.review.views import AddedBody, AnswerBody, UndoAddedBody
from winnow_schemas.review_responses import ReviewResponse


@dataclass(frozen=True, slots=True)
class Answering:
    """Takes answers; `partitions` is the deployment's number of them."""

    queue: RedisQueue
    writer: ResponseWriter
    rules: ReviewRules
    partitions: int
    clock: Callable[[], float]

    def give(self, reviewer: Reviewer, answer: AnswerBody) -> None:
        """Returns when the answer is safe in Kafka; raises `Problem`. Giving it again is no harm."""
        self._check_label(answer)
        if self.queue.was_answered(reviewer.name, answer.response_id):
            return
        partition = self._undone(answer) if answer.action == "undo" else self._held(reviewer, answer)
        self.writer.write(self._response(reviewer, answer), partition)
        self.queue.note_answered(reviewer.name, answer.response_id)

    def add(self, reviewer: Reviewer, added: AddedBody) -> str:
        """A record that nobody was asked about: its id, when it is safe in Kafka. Giving it again is no harm."""
        self._check_known(added.label)
        at = datetime.fromtimestamp(self.clock(), UTC)
        response = added_response(reviewer.name, added.response_id, added.record, added.label, at)
        if not self.queue.was_answered(reviewer.name, added.response_id):
            self.writer.write(response, None)
            self.queue.note_answered(reviewer.name, added.response_id)
        return response.record_id

    def take_back_added(self, reviewer: Reviewer, undone: UndoAddedBody) -> str:
        """A record that this reviewer added: its id, when it is safe in Kafka that it is taken back."""
        at = datetime.fromtimestamp(self.clock(), UTC)
        response = undone_response(reviewer.name, undone.response_id, undone.added, at)
        if not self.queue.was_answered(reviewer.name, undone.response_id):
            self.writer.write(response, None)
            self.queue.note_answered(reviewer.name, undone.response_id)
        return response.record_id

    def _check_label(self, answer: AnswerBody) -> None:
        if answer.action != "label":
            return
        if answer.label is None:
            raise Problem("invalid", "label: the action 'label' needs one")
        self._check_known(answer.label)

    def _check_known(self, label: str) -> None:
        if not self.rules.knows(label):
            raise Problem("unknown-label", f"one of {', '.join(self.rules.labels)}")

    def _held(self, reviewer: Reviewer, answer: AnswerBody) -> int | None:
        known = self.queue.entry(answer.request_id)
        if known is not None and known.record_id != answer.record_id:
            raise Problem("wrong-record", "record_id: it is not the record of this request")
        lease = self.queue.hold(reviewer.name, answer.request_id, "take")
        if lease == "lost":
            raise Problem("lease-lost", "your time for it was over and somebody else has it, or you answered before")
        if lease == "closed":
            raise Problem("request-closed", "somebody answered it, or its time was over")
        if lease == "unknown":
            self._refuse_unknown(answer)
            return None
        return lease.partition

    def _undone(self, answer: AnswerBody) -> int | None:
        partition = self.queue.partition_of(answer.request_id)
        if partition is None:
            self._refuse_unknown(answer)
        return partition

    def _refuse_unknown(self, answer: AnswerBody) -> None:
        """While the queue is filled in anew, only Kafka knows what is open: then the answer goes there."""
        if self.queue.is_whole(self.partitions):
            raise Problem("unknown-request", f"{answer.request_id} is not open")

    def _response(self, reviewer: Reviewer, answer: AnswerBody) -> ReviewResponse:
        return ReviewResponse(
            response_id=answer.response_id,
            request_id=answer.request_id,
            record_id=answer.record_id,
            reviewer=reviewer.name,
            action=answer.action,
            label=answer.label if answer.action == "label" else None,
            note=answer.note,
            seconds=answer.seconds,
            at=datetime.fromtimestamp(self.clock(), UTC),
        )

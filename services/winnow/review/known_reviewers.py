"""What is known of the reviewers: who answers how much, how fast, and how often right. Made from Kafka alone.

A fold over `verdicts` from their beginning and over the `review-responses` of the last day, read in the background:
until it has caught up, those not yet known count as people nobody knows. Folded by the loop, read by the API.
"""

import threading
from collections.abc import Collection, Iterable, Mapping
from typing import NotRequired

from typing_extensions import TypedDict

from winnow.core.consensus import Judged, Reliability, Standing
from winnow.core.consensus.confusions import Confusions
from winnow.review.activity import Activity, ActivityFigures
from winnow.review.gold_set import GoldRecord, GoldSet, is_mark
from winnow.review.ports import ReviewersLog
from winnow.review.request_ids import request_name
from winnow.runtime.messages import Incoming
from winnow_schemas.base import Reason
from winnow_schemas.codec import InvalidMessage, decode
from winnow_schemas.review_responses import ReviewResponse
from winnow_schemas.topics import Topics

AT_ONCE = 2_000
"""Messages a turn: some ten milliseconds."""


class _RecordHead(TypedDict):
    id: NotRequired[str]


class _VerdictHead(TypedDict):
    """As much of a verdict as tells about people."""

    request_id: str
    label: str
    reason: Reason
    answers: dict[str, str]
    record: _RecordHead


class KnownReviewers:
    """The fold. All but `listen` may be called from any thread."""

    def __init__(self, log: ReviewersLog, topics: Topics, labels: Iterable[str], least_accuracy: float) -> None:
        self._log = log
        self._verdicts = topics["verdicts"]
        self._reliability = Reliability.of_task(labels, least_accuracy)
        self._activity = Activity()
        self._gold = GoldSet()
        self._lock = threading.Lock()

    def listen(self) -> None:
        """Take in what came, a piece of it."""
        messages = self._log.take(AT_ONCE)
        if messages:
            with self._lock:
                for message in messages:
                    self._hear(message)

    @property
    def confusions(self) -> Confusions:
        """For the loop, which alone changes them."""
        return self._reliability.confusions

    def needs_second(self, reviewer: str) -> bool:
        """Whether this reviewer's answers count only together with another's."""
        with self._lock:
            return self._reliability.needs_second(reviewer)

    def standing(self, reviewer: str) -> Standing:
        """How often this reviewer is right."""
        with self._lock:
            return self._reliability.standing(reviewer)

    def standings(self) -> Mapping[str, Standing]:
        """The same of all who have answered."""
        with self._lock:
            return self._reliability.standings()

    def activity(self, reviewer: str, now: float) -> ActivityFigures:
        """What this reviewer did within the last day."""
        with self._lock:
            return self._activity.of(reviewer, now)

    def choose_gold(self, seed: str, reviewers: Collection[str]) -> GoldRecord | None:
        """A record whose label is known, which not all of these people know."""
        with self._lock:
            return self._gold.choose(seed, reviewers)

    def gold_left(self, reviewers: Collection[str]) -> int:
        """How many more answers to gold these people can give, each to each record once."""
        with self._lock:
            return self._gold.left(reviewers)

    def _hear(self, message: Incoming) -> None:
        try:
            if message.topic == self._verdicts:
                self._hear_verdict(message)
            else:
                response = decode(ReviewResponse, message.value)  # type: ignore[arg-type]
                self._activity.hear(response, message.timestamp)
        except InvalidMessage:
            return

    def _hear_verdict(self, message: Incoming) -> None:
        if message.value is None:
            self._gold.erase((message.key or b"").decode(errors="replace").rpartition("@")[0])
            return
        verdict = decode(_VerdictHead, message.value)
        answers, is_gold = verdict["answers"], verdict["reason"] == "gold"
        if is_mark(verdict["request_id"]):
            self._gold.mark(verdict["request_id"], message.offset, answers)
        elif verdict["reason"] != "seed" and not _was_judged_before(verdict):
            self._reliability.hear(Judged(verdict["label"], tuple(answers.items()), is_gold))
            if is_gold:
                self._gold.asked(verdict["record"].get("id", ""), answers)


def _was_judged_before(verdict: _VerdictHead) -> bool:
    """Whether it replaces a verdict that somebody took back: the answers given first tell about people, once."""
    is_undone = verdict["reason"] not in ("disputed", "recalled")
    return is_undone and request_name(verdict["request_id"]).opening > 1

"""Review: its handler and desks in the real loop; nobody looks at a queue, the conductor gives the answers."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime

from confluent_kafka import Producer
from tests.lockstep.worker import Clock, Worker

from winnow.core.sketch import Sketcher
from winnow.review.app import _recalls
from winnow.review.bodies import Bodies
from winnow.review.closings import ClosingMessages
from winnow.review.desk import Means
from winnow.review.figures import QueueFigures
from winnow.review.finished_labels import FinishedLabels
from winnow.review.handler import RebuildPace, ReviewHandler
from winnow.review.history import KafkaHistory
from winnow.review.judge import Judge
from winnow.review.known_reviewers import KnownReviewers
from winnow.review.label_log import KafkaLabelLog
from winnow.review.open_requests import OpenRequests
from winnow.review.ports import Change
from winnow.review.queue_status import Pause
from winnow.review.rules import rules_of
from winnow.runtime.messages import Incoming
from winnow.runtime.metrics import MetricsWindow
from winnow.runtime.policy import LoopPolicy
from winnow.runtime.settings import Settings
from winnow_schemas.codec import encode
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.review_responses import ReviewResponse

REVIEWER = "everybody"
_POLICY = LoopPolicy(max_wait_s=0.015, tick_s=0.02, assignment_strategy="range")


class Reviewing:
    """Requests are taken in with the next answer, which is independent of them; `asked` counts them."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._requests, self._responses = settings.topics["review-requests"], settings.topics["review-responses"]
        self._producer = Producer(settings.producer_config(None) | {"linger.ms": 0})
        self._history = KafkaHistory(settings)
        self._finished = FinishedLabels(settings)
        self._answered = 0
        self._taken = 0
        self.asked = 0
        rules, bodies = rules_of(settings.task), Bodies(self._history)
        people = KnownReviewers(_NothingKnown(), settings.topics, rules.labels, rules.least_accuracy)
        messages = ClosingMessages(settings.topics)
        sketch, judge, number = Sketcher(settings.task.input).sketch, Judge(rules, people), settings.partitions
        means = Means(
            settings.topics, rules, people, judge, bodies, self._history, self._finished, messages, sketch, number
        )
        window = MetricsWindow("queue", "review-0", settings.topics["metrics"], clock())
        self._labels = KafkaLabelLog(settings)
        recalls = _recalls(settings, rules, self._labels)
        figures = QueueFigures(window, _NoQueue(), people)
        self._handler = ReviewHandler(means, _Registry(), _NoQueue(), figures, recalls, RebuildPace())
        self._worker = Worker(settings, [self._requests, self._responses], "review", self._handler, _POLICY, clock)

    def begin(self) -> None:
        """Join."""
        self._worker.turn_until(lambda: self._handler.is_assigned, "review's partitions")

    def answer(self, request: ReviewRequest, record_id: str, label: str) -> None:
        """Somebody answers: the request closes."""
        response = ReviewResponse(
            response_id=f"answer {self._answered}",
            request_id=request.request_id,
            record_id=record_id,
            reviewer=REVIEWER,
            action="label",
            label=label,
            at=datetime.fromtimestamp(self._clock(), UTC),
        )
        self._answered += 1
        self._producer.produce(self._responses, encode(response), record_id.encode(), partition=0)
        self._producer.poll(0)
        self._worker.expect(self.asked + self._answered - self._taken)
        self._taken = self.asked + self._answered
        self._worker.turn_until(
            lambda: self._worker.committed(self._responses) == self._answered, f"the answer to {request.request_id}"
        )

    def expire(self, request: ReviewRequest) -> None:
        """Its time is over: it closes."""
        self._worker.turn_until(lambda: not self._is_open(request), f"the end of {request.request_id}")

    def recall_until(self, is_done: Callable[[], bool]) -> None:
        """Take back what was withdrawn."""
        self._worker.turn_until(is_done, "the recalls")

    def _is_open(self, request: ReviewRequest) -> bool:
        return self._handler._desks[0].requests.find(request.request_id) is not None

    def close(self) -> None:
        """Leave the group and close the connections."""
        self._worker.close()
        self._history.close()
        self._labels.close()
        self._finished.close()


class _Registry:
    def names(self) -> Sequence[str]:
        return (REVIEWER,)


class _NothingKnown:
    def take(self, _at_most: int) -> Sequence[Incoming]:
        return ()


class _NoQueue:
    leased = 0
    pause: Pause | None = None

    def look(self, tables: Mapping[int, OpenRequests], now: float) -> None: ...

    def publish(self, changes: Sequence[Change]) -> None: ...

    def rebuilding(self, partitions: Collection[int]) -> None: ...

    def replace(self, tables: Mapping[int, OpenRequests], pause: Pause | None = None) -> None: ...

    def tick(self, now: float) -> None: ...

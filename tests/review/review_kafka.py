"""A Kafka in memory, just big enough for the review handler: one partition, transactions all or nothing."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tests.review.review_labels import LabelsOfWorker, LabelTopics
from tests.review.review_messages import NOON_S, consumed

from winnow.core.sketch import Sketcher
from winnow.review.bodies import Bodies
from winnow.review.closings import ClosingMessages
from winnow.review.desk import Means
from winnow.review.finished_labels import FoundLabel, record_behind
from winnow.review.handler import RebuildPace, ReviewHandler
from winnow.review.judge import Judge
from winnow.review.known_reviewers import KnownReviewers
from winnow.review.ports import Change
from winnow.review.queue_status import Pause
from winnow.review.recall_job import Pace, RecallJob
from winnow.review.recall_messages import RecallMessages
from winnow.review.recall_writer import RecallWriter
from winnow.review.rules import ReviewRules, rules_of
from winnow.runtime.messages import Assignment, Commit, Incoming, Outgoing, Partition
from winnow_schemas.codec import decode
from winnow_schemas.evidence import Closed
from winnow_schemas.labels import Label
from winnow_schemas.records import Record
from winnow_schemas.task import InputSpec, Task
from winnow_schemas.topics import Topics
from winnow_schemas.verdicts import Verdict

if TYPE_CHECKING:
    from winnow.review.open_requests import OpenRequests

TOPICS = Topics("t")
REQUESTS = Partition(TOPICS["review-requests"], 0)
RESPONSES = Partition(TOPICS["review-responses"], 0)
REVIEWERS = ("ada", "ben", "eve")


def review_rules(**review: Any) -> ReviewRules:
    task = {"task": "spam", "labels": ["ham", "spam"], "input": {"text": True}, "review": review}
    return rules_of(Task.model_validate(task))


class SilentFigures:
    """No metrics."""

    def due(self, *_: Any) -> Sequence[Outgoing]:
        return ()

    def committed(self) -> None: ...

    def aborted(self) -> None: ...


class ShownQueue:
    """Remembers what it was shown."""

    def __init__(self) -> None:
        self.pause: Pause | None = None
        self.changes: list[Change] = []
        self.tables: dict[int, OpenRequests] = {}

    def publish(self, changes: Sequence[Change]) -> None:
        self.changes += changes

    def rebuilding(self, partitions: Any) -> None: ...

    def replace(self, tables: Any, pause: Pause | None = None) -> None:
        self.tables = dict(tables)
        self.pause = pause or self.pause

    def tick(self, now: float) -> None: ...


class Reviewers:
    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def names(self) -> Sequence[str]:
        return self._names


class VerdictsWritten:
    """What tells about reviewers: the verdicts that were written, each told once."""

    def __init__(self, kafka: "ReviewKafka") -> None:
        self._kafka = kafka
        self._told = 0

    def take(self, at_most: int) -> list[Incoming]:
        fresh = self._kafka.of("verdicts")[self._told :][:at_most]
        self._told += len(fresh)
        first = self._told - len(fresh)
        return [
            Incoming(each.topic, 0, offset, each.key, each.value, self._kafka.now)
            for offset, each in enumerate(fresh, start=first)
        ]


class FinishedInMemory:
    """Finished labels and what they were given to (`ports.Finished`)."""

    def __init__(self, kafka: "ReviewKafka") -> None:
        self._kafka = kafka

    def at(self, _partition: int, offset: int) -> FoundLabel | None:
        labels = self._kafka.label_topics.labels
        if offset >= len(labels) or labels[offset].value is None:
            return None
        return FoundLabel(decode(Label, labels[offset].value), 0, offset, labels[offset].headers)

    def newest_of(self, record_id: str) -> FoundLabel | None:
        written = [decode(Label, each.value) for each in self._kafka.of("labels")]
        labels = [each for each in written if each.record_id == record_id]
        return FoundLabel(labels[-1], 0, len(written) - 1) if labels else None

    def marked(self, offset: int) -> Verdict | None:
        return decode(Verdict, self._kafka.of("verdicts")[offset].value)

    def verdict_of(self, label: Label) -> Verdict | None:
        verdicts = [decode(Verdict, each.value) for each in self._kafka.of("verdicts")]
        named = [(each.decision.decision_id if each.decision else each.request_id, each) for each in verdicts]
        return next((each for name, each in named if name == label.decision_id and each.at == label.at), None)

    def record_of(self, label: Label) -> Record | None:
        message = self._kafka.label_topics.records.get(int(label.decision_id.rpartition("/")[2]))
        return record_behind(message, label.record_id)


class ReviewKafka:
    """The topics, the group's commits, and a worker that may be killed and started again."""

    def __init__(
        self,
        rules: ReviewRules | None = None,
        pace: Pace | None = None,
        rebuild_pace: RebuildPace | None = None,
        reviewers: Sequence[str] = REVIEWERS,
    ) -> None:
        self.reviewers = reviewers
        self.rules = rules or review_rules()
        self.pace = pace or Pace()
        self.label_topics = LabelTopics()
        self.rebuild_pace = rebuild_pace or RebuildPace()
        self.keeps_notes = True
        self.request_log: list[Incoming] = []
        self.response_log: list[Incoming] = []
        self.written: list[Outgoing] = []
        self.commits = {REQUESTS: Commit(0), RESPONSES: Commit(0)}
        self.hidden_requests = 0
        self.now = NOON_S
        self.start_worker()

    def start_worker(self) -> None:
        """A new process: everything it knows comes from Kafka."""
        self.queue = ShownQueue()
        bodies = Bodies(self)
        self.people = KnownReviewers(VerdictsWritten(self), TOPICS, self.rules.labels, self.rules.least_accuracy)
        judge = Judge(self.rules, self.people)
        sketch, messages = Sketcher(InputSpec(text=True)).sketch, ClosingMessages(TOPICS)
        finished = FinishedInMemory(self)
        self.means = Means(TOPICS, self.rules, self.people, judge, bodies, self, finished, messages, sketch, 1)
        self.labels = LabelsOfWorker(self.label_topics)
        writer = RecallWriter(self.labels, RecallMessages(TOPICS), self.rules, partitions=1)
        recalls = RecallJob(self.labels, writer, self.pace)
        self.handler = ReviewHandler(
            self.means, Reviewers(self.reviewers), self.queue, SilentFigures(), recalls, self.rebuild_pace
        )
        self.assign()

    def assign(self) -> None:
        self.positions = {partition: commit.offset for partition, commit in self.commits.items()}
        kept = {
            partition: commit if self.keeps_notes else Commit(commit.offset)
            for partition, commit in self.commits.items()
        }
        self.handler.assigned(Assignment(kept))

    def request(self, message: Any, at: float | None = None) -> None:
        """Somebody writes a request."""
        at = self.now if at is None else at
        self.request_log.append(consumed(REQUESTS.topic, len(self.request_log), message, at=at))

    def response(self, message: Any) -> None:
        """Somebody writes a response."""
        self.response_log.append(consumed(RESPONSES.topic, len(self.response_log), message, at=self.now))

    def turn(self, *, requests: int = 100, responses: int = 100, aborts: bool = False) -> list[Outgoing]:
        """One transaction over so many messages."""
        end = len(self.request_log) - self.hidden_requests
        taken = self.request_log[self.positions[REQUESTS] : min(end, self.positions[REQUESTS] + requests)]
        taken = [*taken, *self.response_log[self.positions[RESPONSES] :][:responses]]
        for message in taken:
            self.positions[Partition(message.topic, 0)] = message.offset + 1
        outgoing = list(self.handler.handle(taken, self.now))
        commits = self.handler.commits(self.positions)
        if aborts:
            self.handler.aborted()
            self.assign()
            return []
        self.commits.update(commits)
        self._write(outgoing)
        self.handler.committed()
        return outgoing

    def of(self, topic: str) -> list[Outgoing]:
        """All that was written to a topic (short name)."""
        return [message for message in self.written if message.topic == TOPICS[topic]]  # type: ignore[index]

    def _write(self, outgoing: Sequence[Outgoing]) -> None:
        self.written += outgoing
        for message in outgoing:
            if message.topic == TOPICS["labels"]:
                label = decode(Label, message.value)
                self.label_topics.label(label, label.record_id, message.headers)
            if message.topic == REQUESTS.topic:
                self.request_log.append(
                    Incoming(
                        REQUESTS.topic, 0, len(self.request_log), message.key, message.value, self.now, message.headers
                    )
                )

    def read(self, _partition: int, offset: int) -> Incoming | None:
        return self.request_log[offset] if offset < len(self.request_log) else None

    def read_some(self, _partition: int, offsets: Iterable[int]) -> dict[int, Incoming | None]:
        return {offset: self.read(0, offset) for offset in offsets}

    def messages(self, topic: str, _partition: int, start: int, end: int) -> list[Incoming]:
        return (self.request_log if topic == REQUESTS.topic else self.response_log)[start:end]

    def responses(self, _partition: int, since: float, end: int) -> list[Incoming]:
        return [message for message in self.response_log[:end] if message.timestamp >= since]

    def closings(self, since: float) -> Iterator[Closed]:
        for message in self.of("evidence"):
            yield decode(Closed, message.value)

    def end_of(self, topic: str, _partition: int) -> int:
        return len(self.request_log if topic == REQUESTS.topic else self.response_log)

    def is_read_to(self, _topic: str, _partition: int, position: int, end: int) -> bool:
        return position >= end

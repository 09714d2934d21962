"""Requests and responses in; verdicts, labels, closings and unlabelled records out.

Knows no transport. What is open is a function of Kafka alone (`rebuild`); Redis is told after each
commit and may forget everything at any time.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from winnow.review.catching_up import CatchingUp
from winnow.review.desk import Desk, Means, Work
from winnow.review.open_requests import OpenRequests
from winnow.review.ports import Change, Figures, QueueFeed, Registry
from winnow.review.rebuild import RebuildNote, note_of
from winnow.review.rebuilding import Rebuilding, Start
from winnow.review.recall_job import RecallJob
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Assignment, Commit, Incoming, Outgoing, Partition

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RebuildPace:
    """How much of Kafka's past is read at once: pieces of so many messages, when partitions come and at each turn."""

    piece: int = 500
    pieces_at_start: int = 20
    pieces_a_turn: int = 8
    messages_a_turn: int = 2_000


class ReviewHandler:
    """The review service's logic, as the transactional loop drives it."""

    def __init__(  # noqa: PLR0913, PLR0917 - the handler's ports
        self,
        means: Means,
        registry: Registry,
        feed: QueueFeed,
        figures: Figures,
        recalls: RecallJob,
        pace: RebuildPace,
    ) -> None:
        self._pace = pace
        self._means = means
        self._recalls = recalls
        self._registry = registry
        self._feed = feed
        self._figures = figures
        self._requests_topic = means.topics["review-requests"]
        self._responses_topic = means.topics["review-responses"]
        self._desks: dict[int, Desk] = {}
        self._writes: Counter[int] = Counter()
        self._starts: Mapping[int, Start] = {}
        self._rebuilding: Rebuilding | None = None
        self._catching_up = CatchingUp(means.history)
        self._changes: list[Change] = []
        self.is_assigned = False

    def assigned(self, assignment: Assignment) -> None:
        """Begin to rebuild what is open in every partition number that is now ours."""
        self._forget()
        self._starts = self._starts_of(assignment)
        notes = {number: start.note for number, start in self._starts.items()}
        self._writes = Counter({number: note.writes for number, note in notes.items()})
        self._recalls.assigned({number: note.recalls for number, note in notes.items()})
        self._rebuilding = Rebuilding(self._starts, self._means, self._registry.names, self._pace.piece)
        self._go_on_rebuilding(self._pace.pieces_at_start)
        if self._rebuilding is not None:
            log.info("what is open is read again", partitions=list(self._starts))
            self._feed.rebuilding(self._starts.keys())
        self.is_assigned = True

    def handle(self, batch: Sequence[Incoming], now: float) -> Sequence[Outgoing]:
        """Requests first, so that few responses wait for theirs."""
        self._feed.tick(now)
        self._means.people.listen()
        work, reviewers = Work(), self._registry.names()
        self._take_in(batch, work, now)
        self._recalls.listen(now)
        for number, desk in self._desks.items():
            written_before = len(work.outgoing)
            desk.work_off(reviewers, work, now)
            desk.expire(work, now)
            self._recalls.execute(number, desk, work, now)
            self._writes[number] += len(work.outgoing) > written_before
        self._changes += work.changes
        figures = self._figures.due(work.events, work.reviewers, self._tables(), self._recalls.waiting, now)
        return [*work.outgoing, *figures]

    def commits(self, positions: Mapping[Partition, int]) -> Mapping[Partition, Commit]:
        """A response that waits holds its offset back; requests carry the note for the rebuild."""
        return {partition: self._commit(partition, offset) for partition, offset in positions.items()}

    def committed(self) -> None:
        """Kafka has it: now Redis may know."""
        changes, self._changes = self._changes, []
        self._feed.publish(changes)
        self._figures.committed()

    def aborted(self) -> None:
        """Forget everything; the assignment that follows makes it anew."""
        self._forget()
        self._figures.aborted()

    def snapshot(self) -> dict[int, object]:
        """What is open, by partition number."""
        return {number: desk.requests.snapshot() for number, desk in self._desks.items()}

    def _forget(self) -> None:
        self._changes = []
        self._desks = {}
        self._rebuilding = None
        self._catching_up.clear()
        self.is_assigned = False

    def _take_in(self, batch: Sequence[Incoming], work: Work, now: float) -> None:
        """What is new; what came during the rebuild is read again from Kafka, in its order."""
        if self._rebuilding is not None:
            for message in batch:
                self._catching_up.came(message)
            self._go_on_rebuilding(self._pace.pieces_a_turn)
            return
        for message in batch:
            if not self._catching_up.came(message):
                self._hear(message, work, now)
        for message in self._catching_up.take(self._pace.messages_a_turn):
            self._hear(message, work, now)

    def _hear(self, message: Incoming, work: Work, now: float) -> None:
        desk = self._desks[message.partition]
        if message.topic == self._requests_topic:
            desk.request(message, work, now)
        else:
            desk.response(message)

    def _go_on_rebuilding(self, pieces: int) -> None:
        rebuilding = self._rebuilding
        if rebuilding is None or not rebuilding.advance(pieces):
            for number, start in self._starts.items():
                self._catching_up.expect(Partition(self._requests_topic, number), start.requests.offset)
                self._catching_up.expect(Partition(self._responses_topic, number), start.responses.offset)
            return
        self._rebuilding = None
        self._desks = {
            number: Desk(
                table,
                self._means,
                requests_read=self._starts[number].requests.offset,
                responses_read=self._starts[number].responses.offset,
                early=self._starts[number].note.early,
            )
            for number, table in rebuilding.tables.items()
        }
        pauses = [start.note.pause for start in self._starts.values() if start.note.pause]
        self._feed.replace(self._tables(), max(pauses, key=lambda pause: pause.at, default=None))

    def _commit(self, partition: Partition, offset: int) -> Commit:
        desk = self._desks.get(partition.number)
        is_requests = partition.topic == self._requests_topic
        if desk is None:
            start = self._starts.get(partition.number)
            return Commit(offset) if start is None else start.requests if is_requests else start.responses
        offset = self._catching_up.position(partition, offset)
        if not is_requests:
            return Commit(offset if desk.first_waiting is None else min(offset, desk.first_waiting))
        number = partition.number
        start_at, written_at = desk.requests.rebuilt_from() or (offset, 0.0)
        note = RebuildNote(
            start_at, written_at, self._writes[number], self._recalls.note(number), self._feed.pause, desk.early
        )
        return Commit(offset, note.encoded())

    def _starts_of(self, assignment: Assignment) -> dict[int, Start]:
        numbers = sorted({partition.number for partition in assignment.start})
        topics = self._requests_topic, self._responses_topic
        wanted = {number: [Partition(topic, number) for topic in topics] for number in numbers}
        if any(partition not in assignment.start for pair in wanted.values() for partition in pair):
            raise UsageError(
                "review-requests and review-responses must have equally many partitions: run `winnow topics check`"
            )
        commits = {number: tuple(assignment.start[partition] for partition in pair) for number, pair in wanted.items()}
        return {number: Start(asked, heard, note_of(asked)) for number, (asked, heard) in commits.items()}

    def _tables(self) -> dict[int, OpenRequests]:
        return {number: desk.requests for number, desk in self._desks.items()}

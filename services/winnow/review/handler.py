"""Requests and responses in; verdicts, labels, closings and unlabelled records out.

Knows no transport. What is open is a function of Kafka alone (`rebuild`); Redis is told after each
commit and may forget everything at any time.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from winnow.review.desk import Desk, Means, Work
from winnow.review.open_requests import OpenRequests
from winnow.review.ports import Change, Figures, QueueFeed, Registry
from winnow.review.rebuild import RebuildNote, load, note_of, settle
from winnow.review.recall_job import RecallJob
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Assignment, Commit, Incoming, Outgoing, Partition
from winnow_schemas.evidence import Closed


class ReviewHandler:
    """The review service's logic, as the transactional loop drives it."""

    def __init__(self, means: Means, registry: Registry, feed: QueueFeed, figures: Figures, recalls: RecallJob) -> None:
        self._means = means
        self._recalls = recalls
        self._registry = registry
        self._feed = feed
        self._figures = figures
        self._requests_topic = means.topics["review-requests"]
        self._responses_topic = means.topics["review-responses"]
        self._desks: dict[int, Desk] = {}
        self._writes: Counter[int] = Counter()
        self._notes: Mapping[int, RebuildNote] = {}
        self._changes: list[Change] = []
        self.is_assigned = False

    def assigned(self, assignment: Assignment) -> None:
        """Rebuild what is open in every partition number that is now ours."""
        self._changes = []
        self._desks = self._rebuilt(assignment)
        pauses = [note.pause for note in self._notes.values() if note.pause]
        self._feed.replace(self._tables(), max(pauses, key=lambda pause: pause.at, default=None))
        self.is_assigned = True

    def handle(self, batch: Sequence[Incoming], now: float) -> Sequence[Outgoing]:
        """Requests first, so that few responses wait for theirs."""
        self._feed.tick(now)
        self._means.people.listen()
        work, reviewers = Work(), self._registry.names()
        for message in batch:
            desk = self._desks[message.partition]
            if message.topic == self._requests_topic:
                desk.request(message, work, now)
            else:
                desk.response(message)
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
        self._changes = []
        self._desks = {}
        self.is_assigned = False
        self._figures.aborted()

    def snapshot(self) -> dict[int, object]:
        """What is open, by partition number."""
        return {number: desk.requests.snapshot() for number, desk in self._desks.items()}

    def _commit(self, partition: Partition, offset: int) -> Commit:
        desk = self._desks.get(partition.number)
        if desk is None:
            return Commit(offset)
        if partition.topic == self._responses_topic:
            return Commit(offset if desk.first_waiting is None else min(offset, desk.first_waiting))
        start, written_at = desk.requests.rebuilt_from() or (offset, 0.0)
        number = partition.number
        note = RebuildNote(start, written_at, self._writes[number], self._recalls.note(number), self._feed.pause)
        return Commit(offset, note.encoded())

    def _rebuilt(self, assignment: Assignment) -> dict[int, Desk]:
        starts = self._starts(assignment)
        tables = {number: OpenRequests(number) for number in starts}
        notes = self._notes = {number: note_of(requests) for number, (requests, _) in starts.items()}
        self._writes = Counter({number: note.writes for number, note in notes.items()})
        self._recalls.assigned({number: note.recalls for number, note in notes.items()})
        for number, (requests, _) in starts.items():
            read_before = self._means.history.requests(number, notes[number].start, requests.offset)
            load(read_before, tables[number], self._means.bodies, self._means.sketch)
        closings = self._closings(tables, notes)
        for number, (_, responses) in starts.items():
            if len(tables[number]):
                heard = self._means.history.responses(number, notes[number].since, responses.offset)
                settle(tables[number], heard, closings, self._means.rules.answer_rule, self._registry.names())
        return {
            number: Desk(tables[number], self._means, requests.offset, responses.offset)
            for number, (requests, responses) in starts.items()
        }

    def _closings(self, tables: Mapping[int, OpenRequests], notes: Mapping[int, RebuildNote]) -> dict[str, Closed]:
        loaded = [number for number, table in tables.items() if len(table)]
        newest: dict[str, Closed] = {}
        if not loaded:
            return newest
        for closed in self._means.history.closings(min(notes[number].since for number in loaded)):
            before = newest.get(closed.request_id)
            is_ours = any(table.find(closed.request_id) for table in tables.values())
            if is_ours and (before is None or before.revision < closed.revision):
                newest[closed.request_id] = closed
        return newest

    def _starts(self, assignment: Assignment) -> dict[int, tuple[Commit, Commit]]:
        numbers = {partition.number for partition in assignment.start}
        wanted = {
            number: (Partition(self._requests_topic, number), Partition(self._responses_topic, number))
            for number in sorted(numbers)
        }
        if any(partition not in assignment.start for pair in wanted.values() for partition in pair):
            raise UsageError(
                "review-requests and review-responses must have equally many partitions: run `winnow topics check`"
            )
        return {number: (assignment.start[pair[0]], assignment.start[pair[1]]) for number, pair in wanted.items()}

    def _tables(self) -> dict[int, OpenRequests]:
        return {number: desk.requests for number, desk in self._desks.items()}

"""Takes withdrawn auto labels back, a piece at each turn, so that answers are not held up.

Follows `certificates`. Once a certificate withdraws something, each partition number of `labels` is
read from where the first withdrawn version may begin, to its end, and then followed for good. What
the topic shows to be done stays done, and each piece is written in the loop's transaction; so each
withdrawn label gets one recall, however often the job is cut off.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from winnow.review.desk import Desk, Work
from winnow.review.ports import LabelLog
from winnow.review.recall_list import MOST_PENDING, RecallList
from winnow.review.recall_note import RecallNote
from winnow.review.recall_writer import RecallWriter
from winnow.review.withdrawn_versions import NOTHING_WITHDRAWN, WithdrawnVersions
from winnow.runtime.messages import Incoming
from winnow_schemas.certificates import Certificate
from winnow_schemas.codec import InvalidMessage, decode

NOTED_EVERY_S = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """At most so many labels read and recalls written at a turn, and recalls pending in a partition number."""

    labels: int = 5_000
    recalls: int = 200
    pending: int = MOST_PENDING


@dataclass(slots=True)
class _Recall:
    """One partition number: `withdrawn` are the versions it is read for, `note` is what was said of it last."""

    note: RecallNote | None
    labels: RecallList
    withdrawn: WithdrawnVersions = NOTHING_WITHDRAWN
    noted_at: float = 0.0
    recalled: int = 0
    is_running: bool = False

    def say(self, now: float) -> None:
        """Bring the note up to date."""
        self.note = RecallNote.about(self.withdrawn, self.labels.settled)
        self.noted_at = now


class RecallJob:
    """The recalls of all partition numbers of one worker."""

    def __init__(self, log_of_labels: LabelLog, writer: RecallWriter, pace: Pace) -> None:
        self._pace = pace
        self._log = log_of_labels
        self._writer = writer
        self._withdrawn = NOTHING_WITHDRAWN
        self._version = -1
        self._left = 0
        self._recalls: dict[int, _Recall] = {}

    @property
    def waiting(self) -> int:
        """Withdrawn labels found that have no recall yet."""
        return sum(len(recall.labels) for recall in self._recalls.values())

    def assigned(self, notes: Mapping[int, RecallNote | None]) -> None:
        """These partition numbers are ours, with what was noted of them."""
        self._recalls = {number: _Recall(note, RecallList(self._pace.pending)) for number, note in notes.items()}
        self._log.follow({})

    def note(self, number: int) -> RecallNote | None:
        """To be committed with the next offset of this partition number."""
        recall = self._recalls.get(number)
        return recall.note if recall else None

    def listen(self, now: float) -> None:
        """Hear what was withdrawn and what was labelled since."""
        self._left = self._pace.recalls
        for message in self._log.certificates():
            self._hear(message)
        if self._withdrawn:
            self._begin_one()
            self._read(now)

    def execute(self, number: int, desk: Desk, work: Work, now: float) -> None:
        """Recall what is due in one partition number, a piece of it."""
        recall = self._recalls[number]
        written = self._writer.write(recall.labels.due(self._left), desk, work, now)
        if written.settled:
            recall.labels.done(written.settled)
            recall.recalled += written.recalled
            recall.say(now)
            self._left -= len(written.settled)
        if recall.is_running and recall.labels.is_finished:
            recall.is_running = False
            recall.say(now)
            log.info("recall done", partition=number, withdrawn=recall.withdrawn.ranges, recalled=recall.recalled)

    def _hear(self, message: Incoming) -> None:
        try:
            certificate = decode(Certificate, message.value)  # type: ignore[arg-type]
        except InvalidMessage as error:
            log.warning("unreadable certificate passed over", offset=message.offset, error=str(error))
            return
        if certificate.version >= self._version:
            self._version = certificate.version
            self._withdrawn = WithdrawnVersions.of(certificate.withdrawn)

    def _begin_one(self) -> None:
        """One partition number a turn: each asks the broker where to begin."""
        for number, recall in self._recalls.items():
            if recall.withdrawn != self._withdrawn or recall.labels.reads_again_from is not None:
                self._begin(number, recall)
                reading = {each: other for each, other in self._recalls.items() if other.withdrawn}
                self._log.follow({each: other.labels.position for each, other in reading.items()})
                return

    def _begin(self, number: int, recall: _Recall) -> None:
        start = recall.labels.reads_again_from
        if recall.withdrawn != self._withdrawn:
            start = self._start(number, recall)
            log.info("recall begins", partition=number, withdrawn=self._withdrawn.ranges, from_offset=start)
            recall.withdrawn = self._withdrawn
            recall.is_running = True
            recall.recalled = 0
        assert start is not None
        recall.labels.begin(start, self._log.end(number))

    def _start(self, number: int, recall: _Recall) -> int:
        """From where to read for what is withdrawn now and was not, or not known to be settled, before."""
        known, settled = recall.withdrawn, recall.labels.settled
        if not known and recall.note:
            known, settled = recall.note.of(self._withdrawn), recall.note.settled
        lowest = self._withdrawn.first_not_in(known)
        starts = [settled] if known else []
        if lowest is not None:
            starts.append(self._log.start_of(lowest, number))
        return min(starts)

    def _read(self, now: float) -> None:
        read = self._log.take(self._pace.labels)
        for message in read.messages:
            recall = self._recalls[message.partition]
            recall.labels.take(message, recall.withdrawn)
        begun = ((number, recall) for number, recall in self._recalls.items() if recall.withdrawn)
        for number, recall in begun:
            at = read.ends.get(number)
            position = recall.labels.position if at is None else at
            recall.labels.reached(position, is_drained=read.is_drained or at is not None)
            if recall.labels.is_finished and now - recall.noted_at >= NOTED_EVERY_S:
                recall.say(now)

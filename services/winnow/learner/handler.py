"""Verdicts in; snapshots, dead letters and figures out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from winnow.core.models import RecordReader, learnable
from winnow.learner.classroom import Classroom
from winnow.learner.figures import Figures
from winnow.learner.publication import Publication
from winnow.learner.settings import LearnerSettings
from winnow.learner.student import Student
from winnow.runtime.dead_letters import dead_letter
from winnow.runtime.messages import Incoming, Outgoing
from winnow.runtime.snapshots import publish, seal_snapshot
from winnow_schemas.codec import InvalidMessage
from winnow_schemas.models import ModelManifest
from winnow_schemas.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class _Written:
    """A snapshot on its way."""

    student: Student
    manifest: ModelManifest
    at: float
    took_s: float


class LearnerHandler:
    """`due` gives the messages of one transaction; `committed` says that it came about.

    A dead letter goes out with the champion's snapshot that has passed it over, so that a restart does
    not write it again. Nothing is published before something was learned: until then the scorers know
    no model and all records go to people. `clock` measures how long a snapshot takes to make.
    """

    def __init__(
        self, settings: LearnerSettings, room: Classroom, figures: Figures, clock: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._room = room
        self._figures = figures
        self._clock = clock
        self._reader = RecordReader(settings.task)
        self._dead: list[Outgoing] = []
        self._publications = {
            student.slot: Publication(settings.champion_pace if student is room.champion else settings.challenger_pace)
            for student in room.students
        }
        self._written: _Written | None = None

    def learn(self, messages: Sequence[Incoming], now: float) -> None:
        """Learn these verdicts, in the order of their offsets."""
        for message in messages:
            if message.value is None:
                self._pass_over(message)
                continue
            try:
                self._teach(message, learnable(self._settings.task, message.value), now)
            except InvalidMessage as error:
                self._bury(message, error, now)

    def due(self, now: float) -> list[Outgoing]:
        """What to write now: a snapshot that is due (the champion's first), and figures."""
        student = next((one for one in self._room.students if self._is_due(one, now)), None)
        snapshot = self._snapshot(student, now) if student else []
        return snapshot + self._figures.due(self._room.students, now)

    def committed(self) -> None:
        """What `due` gave is written."""
        written, self._written = self._written, None
        if written is None:
            return
        student = written.student
        self._room.published[student.slot] = written.manifest
        self._publications[student.slot].published(written.at, written.took_s)
        student.fresh.clear()
        if student is self._room.champion:
            self._dead.clear()
            self._figures.published(written.took_s)

    def aborted(self) -> None:
        """It is not: it will be due again."""
        self._written = None

    def _teach(self, message: Incoming, verdict: Verdict, now: float) -> None:
        values = self._reader.read(verdict.record).values
        for student in self._room.students:
            if message.offset >= student.next_offset:
                student.learn(message.offset, verdict, values)
                self._publications[student.slot].learned(now)
        self._figures.learned()

    def _bury(self, message: Incoming, error: InvalidMessage, now: float) -> None:
        champion = self._room.champion
        if message.offset >= champion.next_offset:
            letter = dead_letter(message, error.code, str(error), "learner", self._settings.topics, now)
            self._dead.append(letter)
            self._publications[champion.slot].learned(now)
            self._figures.died()
        self._pass_over(message)

    def _pass_over(self, message: Incoming) -> None:
        for student in self._room.students:
            student.pass_over(message.offset)

    def _is_due(self, student: Student, now: float) -> bool:
        published = self._room.published.get(student.slot)
        newer = published is None or student.next_offset > published.version
        return newer and student.learned > 0 and self._publications[student.slot].is_due(now)

    def _snapshot(self, student: Student, now: float) -> list[Outgoing]:
        began = self._clock()
        sealed = seal_snapshot(student.state(self._settings.task.task, now), self._settings.keys)
        replaced = self._room.published.get(student.slot)
        messages = publish(self._settings.topics["models"], sealed, replaced)
        self._written = _Written(student, sealed.manifest, now, self._clock() - began)
        return messages + self._dead if student is self._room.champion else messages

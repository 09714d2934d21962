"""The model reports on the topic `models`: one for each model, now and then, and when another one decides."""

from datetime import UTC, datetime

from winnow.core.grading import graded
from winnow.core.school import Classroom, Student
from winnow.learner.settings import LearnerSettings
from winnow.runtime.messages import Outgoing
from winnow.runtime.snapshot_slots import report
from winnow_schemas.codec import encode
from winnow_schemas.model_reports import Against, Grades, InSearch, ModelReport

_TRIAL_AGAIN_AFTER = 1.25
"""A trial takes its time: a model goes through it again when it has learned a quarter more."""


class Reports:
    """Written every `report_s` seconds at most, when something was learned since."""

    def __init__(self, settings: LearnerSettings, room: Classroom) -> None:
        self._settings = settings
        self._task = settings.task
        self._room = room
        self._told_offset = 0
        self._told_at = float("-inf")
        self._trials: dict[str, tuple[float, Grades]] = {}
        self._erased: set[str] = set()

    def order(self) -> None:
        """The next ones are due now."""
        self._told_at = float("-inf")

    def aborted(self) -> None:
        """What was told last did not arrive."""
        self._told_offset, self._told_at = 0, float("-inf")
        self._erased.clear()

    def due(self, now: float) -> list[Outgoing]:
        """The reports to write now."""
        room = self._room
        if room.offset == self._told_offset or now - self._told_at < self._settings.report_s:
            return []
        if not any(student.learned for student in room.students.values()):
            return []
        self._told_offset, self._told_at = room.offset, now
        return [*(self._message(student, now) for student in room.students.values()), *self._erasures()]

    def _erasures(self) -> list[Outgoing]:
        """Nothing more is told of candidates that have left the search."""
        left = [name for name in self._room.search.left if name not in self._erased]
        self._erased.update(left)
        return [Outgoing(self._settings.topics["models"], None, report(name).encode()) for name in left]

    def _message(self, student: Student, now: float) -> Outgoing:
        is_champion = student is self._room.champion
        told = ModelReport(
            task=self._task.task,
            name=student.name,
            role="champion" if is_champion else "challenger",
            version=self._room.deployed.version if is_champion else student.next_offset,
            verdict_offset=student.next_offset,
            learned=student.learned,
            since=self._room.reign.since if is_champion and self._room.reign.note else None,
            why=self._room.reign.note if is_champion else None,
            live=student.gradebook.grades(self._task.labels, self._task.target.error),
            trial=self._trial(student),
            full=student.model.full or None,
            against=self._against(student.name),
            in_search=self._in_search(student.name),
            at=datetime.fromtimestamp(now, UTC),
        )
        return Outgoing(self._settings.topics["models"], encode(told), report(student.name).encode())

    def _trial(self, student: Student) -> Grades | None:
        room = self._room
        if not len(room.trial):
            return None
        size = float(student.learned + room.trial.added)
        done = self._trials.get(student.name)
        if done is None or not done[0] <= size <= _TRIAL_AGAIN_AFTER * done[0]:
            done = self._trials[student.name] = (size, graded(self._task, student.model, room.trial))
        return done[1]

    def _in_search(self, name: str) -> InSearch | None:
        search = self._room.search
        if name not in search.racing:
            return None
        return InSearch(round=search.round, rounds=search.rounds, verdicts_left=search.verdicts_left)

    def _against(self, name: str) -> Against | None:
        reign = self._room.reign
        comparison = reign.comparisons.get(name)
        if comparison is None:
            return None
        gain = comparison.gain
        return Against(
            champion=reign.champion,
            verdicts=gain.verdicts,
            accuracy=gain.accuracy,
            log_loss=gain.log_loss,
            evidence=comparison.evidence,
            needed=reign.needed,
            worse=reign.worse(name),
        )

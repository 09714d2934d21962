"""The model at each version that decided.

A version is the number of verdict offsets learned from, and verdicts are kept for ever: so any version
comes out of `verdicts`, learned in order up to that offset and compiled as the learner did. The champion and kept
versions that still stand on `models`, signed, are taken from there, and from the verdicts as well: both must
decide alike.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from winnow.core.compiled import CompiledScorer, Series, scorer
from winnow.core.models import LeftOut, RecordReader, lesson
from winnow.core.school import Classroom, fresh_classroom
from winnow.replay.topics.asked import Says, of_compiled, of_river
from winnow.replay.topics.standing_versions import StandingVersions
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming
from winnow_schemas.codec import InvalidMessage
from winnow_schemas.task import Task
from winnow_schemas.verdicts import ModelCommand

Way = Literal["snapshot", "verdicts", "none"]


class FoundModel(NamedTuple):
    """What a model says, and where it came from: a snapshot, the verdicts, or none at all, where none decided."""

    way: Way
    says: Says


class VerdictFold:
    """The task's models as they learn the messages of `verdicts`, in their order, and the one of them that decides."""

    def __init__(self, task: Task, verdicts: Iterator[Incoming]) -> None:
        self._task = task
        self._room = _fresh(task)
        self._reader = RecordReader(task)
        self._series = Series(task, task.champion)
        self._line = self._room.deployed.line
        self._scorer: CompiledScorer | None = None
        self._verdicts = verdicts
        self._next: Incoming | None = None
        self.read = 0
        self._advance()

    def at(self, version: int) -> Says | None:
        """The model of that version, or None when the verdicts do not make it. Versions asked for must rise.

        It learns on with the next version asked for.
        """
        while self._next is not None and self._next.offset < version:
            self._learn(self._next)
            self._advance()
        return self._said() if self._room.deployed.version == version else None

    def _said(self) -> Says:
        """As the learner published it: what has changed since the last version, where that does."""
        deployed = self._room.deployed
        if deployed.line != self._line:
            self._series, self._line, self._scorer = Series(self._task, deployed.name), deployed.line, None
        step = self._series.delta(deployed.model, deployed.version) if self._scorer else None
        if self._scorer and step:
            self._scorer = self._scorer.advanced(step)
        else:
            whole = self._series.full(deployed.model, deployed.version)
            self._scorer = scorer(whole) if whole else None
        self._series.published()
        return of_compiled(self._scorer) if self._scorer else of_river(deployed.model, self._reader)

    def _learn(self, message: Incoming) -> None:
        try:
            taught = lesson(self._task, message.value)
        except InvalidMessage:
            self._room.pass_over(message.offset)
            return
        if isinstance(taught, LeftOut):
            self._room.pass_over(message.offset)
            return
        if isinstance(taught, ModelCommand):
            self._room.obey(message.offset, taught)
            return
        values = self._reader.read(taught.record, taught.functions_said).values
        self._room.teach(message.offset, taught, values)
        self._series.learned(values)

    def _advance(self) -> None:
        self._next = next(self._verdicts, None)
        self.read += self._next is not None


def _fresh(task: Task) -> Classroom:
    try:
        return fresh_classroom(task)
    except ValueError as error:
        raise UsageError(f"task {task.task}: {error}") from error


class Models:
    """All ways to a version. Versions asked for must rise."""

    def __init__(self, standing: StandingVersions | None, fold: VerdictFold) -> None:
        self._standing = standing
        self._fold = fold

    def at(self, version: int) -> list[FoundModel]:
        """The models of that version; empty when there is none."""
        found = self._standing.at(version) if self._standing else None
        ways = [FoundModel("snapshot", found.says)] if found and found.says else []
        if found is None or found.is_learned:  # a model that was rolled back has a version that verdicts do not make
            learned = self._fold.at(version)
            ways += [FoundModel("verdicts", learned)] if learned else []
        return ways

"""The model at each version that decided.

A version is the number of verdict offsets learned from, and verdicts are kept for ever: so any version
comes out of `verdicts`, learned in order up to that offset and compiled as the learner did. The champion and kept
versions that still stand on `models`, signed, are taken from there, and from the verdicts as well: both must
decide alike.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from winnow.core.compiled import CompiledScorer, Series, scorer
from winnow.core.models import RecordReader, build, by_coin, learn, learnable
from winnow.replay.topics.asked import Says, of_compiled, of_river
from winnow.replay.topics.standing_versions import StandingVersions
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming
from winnow_schemas.codec import InvalidMessage
from winnow_schemas.task import Task

Way = Literal["snapshot", "verdicts", "none"]


class FoundModel(NamedTuple):
    """What a model says, and where it came from: a snapshot, the verdicts, or none at all, where none decided."""

    way: Way
    says: Says


class VerdictFold:
    """The task's champion as it learns the messages of `verdicts`, in their order. Holds one model."""

    def __init__(self, task: Task, verdicts: Iterator[Incoming]) -> None:
        try:
            self._model = build(task, task.champion)
        except ValueError as error:
            raise UsageError(f"task {task.task}: {error}") from error
        self._task = task
        self._reader = RecordReader(task)
        self._series = Series(task, task.champion)
        self._scorer: CompiledScorer | None = None
        self._verdicts = verdicts
        self._next: Incoming | None = None
        self._reached = 0
        self.read = 0
        self._advance()

    def at(self, version: int) -> Says | None:
        """The model of that version, or None when the verdicts do not make it. Versions asked for must rise.

        It learns on with the next version asked for.
        """
        while self._next is not None and self._next.offset < version:
            self._learn(self._next)
            self._advance()
        return self._said() if self._reached == version else None

    def _said(self) -> Says:
        """As the learner published it: what has changed since the last version, where that does."""
        step = self._series.delta(self._model, self._reached) if self._scorer else None
        if self._scorer and step:
            self._scorer = self._scorer.advanced(step)
        else:
            whole = self._series.full(self._model, self._reached)
            self._scorer = scorer(whole) if whole else None
        self._series.published()
        return of_compiled(self._scorer) if self._scorer else of_river(self._model, self._reader)

    def _learn(self, message: Incoming) -> None:
        self._reached = message.offset + 1
        try:
            verdict = learnable(self._task, message.value)
        except InvalidMessage:
            return
        values = self._reader.read(verdict.record).values
        learn(self._model, values, verdict.label, by_coin(verdict.decision, verdict.reason))
        self._series.learned(values)

    def _advance(self) -> None:
        self._next = next(self._verdicts, None)
        self.read += self._next is not None


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

"""The model at each version that decided.

A version is the number of verdict offsets learned from, and verdicts are kept for ever: so any version
comes out of `verdicts`, learned in order up to that offset as the learner did. The champion and kept
versions that still stand on `models`, signed, are taken from there, and from the verdicts as well: both must
decide alike.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from winnow.core.models import RecordReader, TaskClassifier, build, by_coin, learn, learnable
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming
from winnow.runtime.model_keys import ModelKeys
from winnow.runtime.snapshots import CHAMPION, Snapshot, SnapshotReader
from winnow_schemas.codec import InvalidMessage
from winnow_schemas.task import Task

Way = Literal["snapshot", "verdicts", "none"]
_KEPT = "kept/"


class FoundModel(NamedTuple):
    """A model, and where it came from: a snapshot, the verdicts, or none at all, where none decided."""

    way: Way
    model: TaskClassifier | None


def standing(task: Task, keys: ModelKeys, messages: Iterable[Incoming]) -> dict[int, Snapshot]:
    """By version: the champion and the kept ones as they stand on `models` now; raises `UsageError` for other keys."""
    newest: dict[bytes, Incoming] = {}
    for message in messages:
        if message.value is None:
            newest.pop(message.key or b"", None)
        elif _is_wanted((message.key or b"").decode(errors="replace")):
            newest[message.key or b""] = message
    reader = SnapshotReader(task.task, keys, _is_wanted)
    chunks_first = sorted(newest.values(), key=lambda message: -(message.key or b"").count(b"/"))
    found = [snapshot for message in chunks_first if (snapshot := reader.feed(message))]
    reader.require_ours(CHAMPION)
    return {snapshot.manifest.version: snapshot for snapshot in found}


def _is_wanted(key: str) -> bool:
    return key == CHAMPION or key.startswith((f"{CHAMPION}/", _KEPT))


class VerdictFold:
    """The task's champion as it learns the messages of `verdicts`, in their order. Holds one model."""

    def __init__(self, task: Task, verdicts: Iterator[Incoming]) -> None:
        try:
            self._model = build(task, task.champion)
        except ValueError as error:
            raise UsageError(f"task {task.task}: {error}") from error
        self._task = task
        self._reader = RecordReader(task)
        self._verdicts = verdicts
        self._next: Incoming | None = None
        self._reached = 0
        self.read = 0
        self._advance()

    def at(self, version: int) -> TaskClassifier | None:
        """The model of that version, or None when the verdicts do not make it. Versions asked for must rise.

        It learns on with the next version asked for.
        """
        while self._next is not None and self._next.offset < version:
            self._learn(self._next)
            self._advance()
        return self._model if self._reached == version else None

    def _learn(self, message: Incoming) -> None:
        self._reached = message.offset + 1
        try:
            verdict = learnable(self._task, message.value)
        except InvalidMessage:
            return
        values = self._reader.read(verdict.record).values
        learn(self._model, values, verdict.label, by_coin(verdict.decision, verdict.reason))

    def _advance(self) -> None:
        self._next = next(self._verdicts, None)
        self.read += self._next is not None


class Models:
    """All ways to a version. Versions asked for must rise."""

    def __init__(self, task: Task, snapshots: dict[int, Snapshot], fold: VerdictFold) -> None:
        self._labels = task.labels
        self._snapshots = snapshots
        self._fold = fold

    def at(self, version: int) -> list[FoundModel]:
        """The models of that version; empty when there is none."""
        snapshot = self._snapshots.get(version)
        ways: list[FoundModel] = []
        if snapshot is not None and (model := snapshot.load()).labels == self._labels:
            ways.append(FoundModel("snapshot", model))
        learned = self._fold.at(version) if _is_learned(snapshot) else None
        if learned is not None:
            ways.append(FoundModel("verdicts", learned))
        return ways


def _is_learned(snapshot: Snapshot | None) -> bool:
    """A model that was rolled back has a version beyond what it learned from: verdicts do not make it."""
    return snapshot is None or snapshot.manifest.verdict_offset == snapshot.manifest.version

"""The versions of the champion that still stand on `models`, signed: the whole one, what led on from it, kept ones."""

from collections.abc import Iterable
from typing import NamedTuple

from winnow.core.compiled import Compiled, CompiledScorer, Delta, scorer
from winnow.core.models import RecordReader
from winnow.replay.topics.asked import Says, of_compiled, of_river
from winnow.runtime.messages import Incoming
from winnow.runtime.model_keys import ModelKeys
from winnow.runtime.snapshot_slots import CHAMPION, is_of_champion
from winnow.runtime.snapshots import Snapshot, SnapshotReader
from winnow.runtime.standing_models import standing
from winnow_schemas.task import Task

_KEPT = "kept/"


def read_standing(task: Task, keys: ModelKeys, messages: Iterable[Incoming]) -> dict[int, list[Snapshot]]:
    """By version, as they stand on `models` now; raises `UsageError` for other keys."""
    reader = SnapshotReader(task.task, keys, _is_wanted)
    found: dict[int, list[Snapshot]] = {}
    for message in standing(messages, _is_wanted):
        if snapshot := reader.feed(message):
            found.setdefault(snapshot.manifest.version, []).append(snapshot)
    reader.require_ours(CHAMPION)
    return found


def _is_wanted(slot: str) -> bool:
    return is_of_champion(slot) or slot.startswith(_KEPT)


class Standing(NamedTuple):
    """One version: what it says, None where it is of other labels or inputs, and whether verdicts make it too."""

    says: Says | None
    is_learned: bool


class StandingVersions:
    """Versions asked for must rise: deltas lead from one to the next."""

    def __init__(self, task: Task, snapshots: dict[int, list[Snapshot]]) -> None:
        self._task = task
        self._reader = RecordReader(task)
        self._snapshots = snapshots
        self._champion: CompiledScorer | None = None

    def at(self, version: int) -> Standing | None:
        """That version, or None when it stands there no more."""
        for passed in sorted(at for at in self._snapshots if at < version):
            for snapshot in self._snapshots.pop(passed):
                if is_of_champion(snapshot.manifest.slot):
                    self._said_by(snapshot)
        snapshots = self._snapshots.pop(version, [])
        if not snapshots:
            return None
        said = [self._said_by(snapshot) for snapshot in snapshots]
        is_learned = all(snapshot.manifest.verdict_offset == version for snapshot in snapshots)
        return Standing(next((says for says in said if says), None), is_learned)

    def _said_by(self, snapshot: Snapshot) -> Says | None:
        about = snapshot.manifest
        if about.form is None:
            model = snapshot.load()
            return of_river(model, self._reader) if model.labels == self._task.labels else None
        try:
            reached = self._reached(snapshot)
        except ValueError:
            return None
        if is_of_champion(about.slot):
            self._champion = reached
        return of_compiled(reached)

    def _reached(self, snapshot: Snapshot) -> CompiledScorer:
        """Raises `ValueError` for what does not fit."""
        if snapshot.manifest.form == "compiled":
            return scorer(Compiled.from_bytes(snapshot.body, self._task))
        if self._champion is None:
            raise ValueError("a delta that leads on from nothing")
        return self._champion.advanced(Delta.from_bytes(snapshot.body, self._task))

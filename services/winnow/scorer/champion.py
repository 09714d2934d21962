"""The champion as it comes from the learner: whole, as what has changed in it, or pickled where it cannot be compiled.

Whatever does not fit (another task, other inputs, a newer format, a gap before a delta) is refused with its version
in the log, and the last good one stays in use until the next whole one.
"""

import structlog

from winnow.core.compiled import Compiled, CompiledScorer, Delta, scorer
from winnow.core.models import RecordReader
from winnow.runtime.snapshots import Snapshot
from winnow.scorer.batch_scorer import BatchScorer, CompiledBatchScorer, OneByOneScorer
from winnow_schemas.models import ModelManifest
from winnow_schemas.task import Task

_log = structlog.get_logger(__name__)


class Champion:
    """`scorer` is None until there is one; the model decides `since` that version.

    Raises `ValueError` for a task whose inputs take each other's names.
    """

    def __init__(self, task: Task) -> None:
        self.scorer: BatchScorer | None = None
        self.since = 0
        self._compiled: CompiledScorer | None = None
        self._task = task
        self._reader = RecordReader(task)
        self._waits_for_whole_one = False
        self._has_told_of_pickles = False

    def knows(self, manifest: ModelManifest) -> bool:
        """Whether a snapshot would change nothing: who followed the deltas has it already."""
        ours = self._compiled
        return (
            ours is not None
            and manifest.form == "compiled"
            and (manifest.version, manifest.digest) == (ours.version, ours.digest)
        )

    def take(self, snapshot: Snapshot) -> bool:
        """Whether it decides from now on."""
        manifest = snapshot.manifest
        if manifest.form == "delta" and not self._may_lead_on(manifest):
            return False
        try:
            self.scorer = self._following(snapshot)
        except ValueError as reason:
            self._waits_for_whole_one |= manifest.form == "delta"
            _log.warning("snapshot_refused", slot=manifest.slot, version=manifest.version, reason=str(reason))
            return False
        self._waits_for_whole_one = False
        self.since = manifest.since or 0
        return True

    def _may_lead_on(self, manifest: ModelManifest) -> bool:
        """Deltas behind us or behind a gap say nothing new, nor need their refusal be told again and again."""
        is_behind = self.scorer is not None and manifest.version <= self.scorer.version
        return not is_behind and not self._waits_for_whole_one

    def _following(self, snapshot: Snapshot) -> BatchScorer:
        """Raises `ValueError` when it does not fit."""
        if snapshot.manifest.form is None:
            one_by_one = self._one_by_one(snapshot)
            self._compiled = None
            return one_by_one
        self._compiled = self._reached(snapshot)
        return CompiledBatchScorer(self._compiled)

    def _reached(self, snapshot: Snapshot) -> CompiledScorer:
        if snapshot.manifest.form == "compiled":
            return scorer(Compiled.from_bytes(snapshot.body, self._task))
        if self._compiled is None:
            raise ValueError("it leads on from a version that is not here: wait for the next full snapshot")
        return self._compiled.advanced(Delta.from_bytes(snapshot.body, self._task))

    def _one_by_one(self, snapshot: Snapshot) -> BatchScorer:
        model, manifest = snapshot.load(), snapshot.manifest
        if model.labels != self._task.labels:
            raise ValueError(f"it has the labels {list(model.labels)}, the task {list(self._task.labels)}")
        if not self._has_told_of_pickles:
            self._has_told_of_pickles = True
            _log.info("scored_one_by_one", name=manifest.name, why="this model cannot be compiled: it scores slower")
        return OneByOneScorer(manifest.version, model, self._reader)

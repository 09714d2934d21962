"""All models of a task, fresh or as they were published last."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from winnow.core.models import TaskClassifier, build
from winnow.learner.prequential import Prequential
from winnow.learner.settings import LearnerSettings
from winnow.learner.student import Student
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming
from winnow.runtime.snapshot_slots import CHAMPION, CHAMPION_STATE, challenger, is_delta
from winnow.runtime.snapshots import Snapshot, SnapshotReader
from winnow.runtime.standing_models import standing
from winnow_schemas.models import ModelManifest

_log = structlog.get_logger(__name__)


@dataclass
class Classroom:
    """`students`: the champion first. `published`: the manifest that stands in each slot; `deltas`: the champion's,
    in their order.
    """

    students: list[Student]
    published: dict[str, ModelManifest] = field(default_factory=dict)
    deltas: list[ModelManifest] = field(default_factory=list)

    @property
    def champion(self) -> Student:
        """The model that decides."""
        return self.students[0]

    @property
    def first_offset(self) -> int:
        """The first verdict that one of them has not learned."""
        return min(student.next_offset for student in self.students)

    @property
    def champion_version(self) -> int:
        """The version that scorers may know; 0 when there is none."""
        whole = [self.published[CHAMPION]] if CHAMPION in self.published else []
        return max((manifest.version for manifest in (*whole, *self.deltas)), default=0)


def classroom(settings: LearnerSettings, models: Iterable[Incoming]) -> Classroom:
    """The task's models, as they stand in the messages of `models`; raises `UsageError`."""
    task = settings.task
    reader = SnapshotReader(task.task, settings.keys, _is_ours)
    newest = {
        snapshot.manifest.slot: snapshot for message in standing(models, _is_ours) if (snapshot := reader.feed(message))
    }
    reader.require_ours(CHAMPION)
    slots = {CHAMPION_STATE: task.champion} | {challenger(name): name for name in task.model.challengers}
    students = [_student(settings, slot, name, newest) for slot, name in slots.items()]
    manifests = {slot: snapshot.manifest for slot, snapshot in newest.items()}
    return Classroom(
        students,
        {slot: manifest for slot, manifest in manifests.items() if not is_delta(slot)},
        [manifest for slot, manifest in manifests.items() if is_delta(slot)],
    )


def _is_ours(slot: str) -> bool:
    return not slot.startswith("kept/")


def _student(settings: LearnerSettings, slot: str, name: str, newest: dict[str, Snapshot]) -> Student:
    """Resumed from the newest state of that model; a champion that was pickled is one too."""
    fresh = _built(settings, name)
    places = (slot, CHAMPION_STATE, CHAMPION, challenger(name))
    candidates = [newest[place] for place in dict.fromkeys(places) if place in newest]
    for snapshot in sorted(candidates, key=lambda one: -one.manifest.verdict_offset):
        about = snapshot.manifest
        if about.name == name and about.form is None and (model := _loaded(snapshot, fresh)):
            return _resumed(slot, about, model)
    return Student(slot, name, fresh)


def _built(settings: LearnerSettings, name: str) -> TaskClassifier:
    try:
        return build(settings.task, name)
    except ValueError as error:
        raise UsageError(f"task {settings.task.task}: {error}") from error


def _loaded(snapshot: Snapshot, fresh: TaskClassifier) -> TaskClassifier | None:
    """The published model, or None when it cannot go on here: then all verdicts are learned again."""
    about = {"slot": snapshot.manifest.slot, "version": snapshot.manifest.version}
    try:
        model = snapshot.load()
    except UsageError as error:
        _log.warning("model_learned_anew", why=str(error), **about)
        return None
    if _kind(model) == _kind(fresh):
        return model  # type: ignore[no-any-return]
    _log.warning("model_learned_anew", why="the task's labels have changed", **about)
    return None


def _kind(model: object) -> tuple[object, ...]:
    inner = getattr(model, "model", None)
    return type(model), type(inner), getattr(model, "labels", None)


def _resumed(slot: str, manifest: ModelManifest, model: TaskClassifier) -> Student:
    _log.info("model_resumed", slot=slot, version=manifest.version)
    return Student(
        slot=slot,
        name=manifest.name,
        model=model,
        next_offset=manifest.verdict_offset,
        learned=manifest.learned,
        prequential=Prequential.from_figures(manifest.figures),
    )

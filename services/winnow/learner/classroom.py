"""All models of a task, fresh or as they were published last."""

from collections.abc import Iterable

import structlog

from winnow.core.models import TaskClassifier, build
from winnow.learner.prequential import Prequential
from winnow.learner.settings import LearnerSettings
from winnow.learner.student import Student
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming
from winnow.runtime.snapshots import CHAMPION, Snapshot, SnapshotReader, challenger
from winnow_schemas.models import ModelManifest

_log = structlog.get_logger(__name__)


class Classroom:
    """`students`: the champion first. `published`: the manifest that stands in each slot."""

    def __init__(self, students: list[Student], published: dict[str, ModelManifest]) -> None:
        self.students = students
        self.published = published

    @property
    def champion(self) -> Student:
        """The model that decides."""
        return self.students[0]

    @property
    def first_offset(self) -> int:
        """The first verdict that one of them has not learned."""
        return min(student.next_offset for student in self.students)


def classroom(settings: LearnerSettings, models: Iterable[Incoming]) -> Classroom:
    """The task's models, as they stand in the messages of `models`; raises `UsageError`."""
    task = settings.task
    reader = SnapshotReader(task.task, settings.keys, lambda slot: not slot.startswith("kept/"))
    newest = {snapshot.manifest.slot: snapshot for message in models if (snapshot := reader.feed(message))}
    reader.require_ours(CHAMPION)
    slots = {CHAMPION: task.champion} | {challenger(name): name for name in task.model.challengers}
    students = [_student(settings, slot, name, newest) for slot, name in slots.items()]
    return Classroom(students, {slot: snapshot.manifest for slot, snapshot in newest.items()})


def _student(settings: LearnerSettings, slot: str, name: str, newest: dict[str, Snapshot]) -> Student:
    fresh = _built(settings, name)
    candidates = [newest[place] for place in (slot, CHAMPION, challenger(name)) if place in newest]
    for snapshot in candidates:
        if snapshot.manifest.name == name and (model := _loaded(snapshot, fresh)):
            return _resumed(slot, snapshot.manifest, model)
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

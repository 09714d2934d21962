"""The classroom of a task as it was published last, or a fresh one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from winnow.core.models import TaskClassifier, build
from winnow.core.school import (
    Classroom,
    KeptVersion,
    KeptVersions,
    Reign,
    Search,
    Student,
    TrialSet,
    compared,
    fresh_search,
)
from winnow.core.school.prequential import Prequential
from winnow.learner.settings import LearnerSettings
from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming
from winnow.runtime.snapshot_slots import (
    CHAMPION,
    CHAMPION_STATE,
    ROOM_STATE,
    TRIAL_STATE,
    challenger,
    is_delta,
    is_kept,
    is_of_champion,
)
from winnow.runtime.snapshots import Snapshot, SnapshotReader
from winnow.runtime.standing_models import standing
from winnow_schemas.base import NO_MODEL
from winnow_schemas.models import ModelManifest

_log = structlog.get_logger(__name__)
_CHANGED = "the task's labels, inputs or labelling functions have changed"


@dataclass
class Room:
    """The classroom, and what stands of it on the topic: `published` is the manifest in each slot, `deltas` are the
    champion's, in their order.
    """

    classroom: Classroom
    published: dict[str, ModelManifest] = field(default_factory=dict)
    deltas: list[ModelManifest] = field(default_factory=list)

    @property
    def champion(self) -> Student:
        """The model that decides."""
        return self.classroom.champion

    @property
    def students(self) -> list[Student]:
        """All models, the champion first."""
        others = (one for one in self.classroom.students.values() if one is not self.champion)
        return [self.champion, *others]

    @property
    def first_offset(self) -> int:
        """The first verdict that one of them has not learned."""
        return self.classroom.first_offset

    @property
    def champion_version(self) -> int:
        """The version that scorers may know."""
        whole = [self.published[CHAMPION]] if CHAMPION in self.published else []
        return max((manifest.version for manifest in (*whole, *self.deltas)), default=NO_MODEL)


def classroom(settings: LearnerSettings, models: Iterable[Incoming]) -> Room:
    """As it stands in the messages of `models`; raises `UsageError`."""
    reader = SnapshotReader(settings.task.task, settings.keys, lambda _: True)
    newest = {
        snapshot.manifest.slot: snapshot
        for message in standing(models, lambda _: True)
        if (snapshot := reader.feed(message))
    }
    reader.require_ours(CHAMPION)
    manifests = {slot: snapshot.manifest for slot, snapshot in newest.items()}
    of_champion = (manifest for slot, manifest in manifests.items() if is_of_champion(slot))
    return Room(
        _classroom(settings, newest, max(of_champion, key=lambda one: one.version, default=None)),
        {slot: manifest for slot, manifest in manifests.items() if not is_delta(slot)},
        [manifest for slot, manifest in manifests.items() if is_delta(slot)],
    )


def _classroom(settings: LearnerSettings, newest: Mapping[str, Snapshot], given_out: ModelManifest | None) -> Classroom:
    """Reign, comparisons, search and what is kept go on where the champion can go on from the same offset."""
    state = _loaded_state(newest.get(ROOM_STATE))
    room = _resumed_room(settings, newest, state) if state else None
    if room is None or state is None:
        return _begun_anew(settings, newest, given_out)
    if state["reign"]["champion"] not in room.compared:
        room.succeed(given_out.version if given_out else 0)
    elif room.reign.named != settings.task.champion:
        room.name_another(settings.task.champion, given_out.version if given_out else 0)
    return room


def _resumed_room(
    settings: LearnerSettings, newest: Mapping[str, Snapshot], state: Mapping[str, Any]
) -> Classroom | None:
    """As it was at the offset of `state`; None where the champion cannot go on from there."""
    search, candidates = _search(settings, newest, state)
    named, names, offset = settings.task.champion, compared(settings.task, search), state["offset"]
    students = {name: _student(settings, name, newest, offset) for name in names}
    champion = state["reign"]["champion"] if state["reign"]["champion"] in names else named
    if students[champion].next_offset != offset:
        return None
    kept = KeptVersions(_kept(one) for slot, one in newest.items() if is_kept(slot))
    everyone = [*students.values(), *candidates]
    room = Classroom(everyone, Reign(champion, named, names), kept, _trial(newest.get(TRIAL_STATE)), search)
    room.restore(state)
    return room


def _begun_anew(
    settings: LearnerSettings, newest: Mapping[str, Snapshot], given_out: ModelManifest | None
) -> Classroom:
    """Models may go on from what stands of them, but nothing is known of how they compare."""
    search, candidates = _fresh_search(settings)
    named, names = settings.task.champion, compared(settings.task, search)
    students = [*(_student(settings, name, newest, None) for name in names), *candidates]
    room = Classroom(students, Reign(named, named, names), KeptVersions(), TrialSet(), search)
    if given_out and given_out.name != named:
        room.succeed(given_out.version)
    elif given_out and _is_another(settings, newest):
        room.succeed(given_out.version, _CHANGED)
    return room


def _search(
    settings: LearnerSettings, newest: Mapping[str, Snapshot], state: Mapping[str, Any]
) -> tuple[Search, list[Student]]:
    """The task's search as it stood, with its candidates, where all of them can go on; else from the beginning."""
    search = fresh_search(settings.task)
    told = state.get("search")
    if told is None or not search.is_of(told):
        return _fresh_search(settings)
    search.restore(told)
    candidates = [_student(settings, name, newest, state["offset"]) for name in search.racing]
    if any(one.next_offset != state["offset"] for one in candidates):
        return _fresh_search(settings)
    return search, candidates


def _fresh_search(settings: LearnerSettings) -> tuple[Search, list[Student]]:
    search = fresh_search(settings.task)
    return search, [Student(name, _built(settings, name)) for name in search.racing]


def _is_another(settings: LearnerSettings, newest: Mapping[str, Snapshot]) -> bool:
    """Whether the champion of that name was one of other labels, or of other members."""
    snapshot = newest.get(CHAMPION_STATE)
    if snapshot is None or snapshot.manifest.name != settings.task.champion:
        return False
    try:
        return _kind(snapshot.load()) != _kind(_built(settings, settings.task.champion))
    except UsageError:
        return False


def _loaded_state(snapshot: Snapshot | None) -> dict[str, Any] | None:
    try:
        return snapshot.load() if snapshot else None
    except UsageError as error:
        _log.warning("comparisons_begin_anew", why=str(error))
        return None


def _trial(snapshot: Snapshot | None) -> TrialSet:
    return TrialSet(snapshot.load(), snapshot.manifest.learned) if snapshot else TrialSet()


def _kept(snapshot: Snapshot) -> KeptVersion:
    about = snapshot.manifest
    return KeptVersion(about.version, about.name, about.learned, snapshot.body)


def _student(settings: LearnerSettings, name: str, newest: Mapping[str, Snapshot], offset: int | None) -> Student:
    """Resumed from the state of that model, wherever it stands: that at `offset`, else the newest."""
    fresh = _built(settings, name)
    places = (CHAMPION_STATE, CHAMPION, challenger(name))
    candidates = [newest[place] for place in places if place in newest]
    order = sorted(candidates, key=lambda one: (one.manifest.verdict_offset != offset, -one.manifest.verdict_offset))
    for snapshot in order:
        about = snapshot.manifest
        if about.name == name and about.form is None and (model := _loaded(snapshot, fresh)):
            return _resumed(about, model)
    return Student(name, fresh)


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
    _log.warning("model_learned_anew", why=_CHANGED, **about)
    return None


def _kind(model: object) -> tuple[object, ...]:
    inner = getattr(model, "model", None)
    return type(model), type(inner), getattr(model, "labels", None), getattr(inner, "members", None)


def _resumed(manifest: ModelManifest, model: TaskClassifier) -> Student:
    _log.info("model_resumed", name=manifest.name, slot=manifest.slot, version=manifest.version)
    return Student(
        name=manifest.name,
        model=model,
        next_offset=manifest.verdict_offset,
        learned=manifest.learned,
        prequential=Prequential.from_figures(manifest.figures),
    )

"""Where the classroom's own state goes, about every minute: what a learner resumes from after a restart.

All of it goes out in one transaction, as it was at one offset, so that champion and challengers can go on
being compared.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from winnow.core.school import KeptVersion
from winnow.learner.classroom import Room
from winnow.learner.issue import Draft
from winnow.learner.model_states import state_of
from winnow.learner.publication import Publication
from winnow.learner.settings import LearnerSettings
from winnow.runtime.model_state import ModelState, Pickled
from winnow.runtime.snapshot_slots import (
    CHAMPION_STATE,
    ROOM_STATE,
    TRIAL_STATE,
    challenger,
    is_of_champion,
    kept,
)


class StatesOutlet:
    """The way out of everything but what scorers read."""

    def __init__(self, settings: LearnerSettings, room: Room) -> None:
        self._room = room
        self._task = settings.task.task
        self._publication = Publication(settings.state_pace)
        self._standing = {slot: one for slot, one in room.published.items() if not is_of_champion(slot)}
        self._offset = self._standing[ROOM_STATE].version if ROOM_STATE in self._standing else 0

    def learned(self, now: float) -> None:
        """Somebody learned a verdict."""
        self._publication.learned(now)

    @property
    def is_newer(self) -> bool:
        """Whether a restart would have to learn something again."""
        room = self._room.classroom
        return room.offset > self._offset and any(student.learned for student in room.students.values())

    def is_due(self, now: float) -> bool:
        """Whether to publish now."""
        return self.is_newer and self._publication.is_due(now)

    def draft(self, now: float) -> Draft:
        """What to publish now."""
        self._publication.drafted(now)
        states = list(self._states(now))
        slots = {state.slot for state in states} | {kept(one.version) for one in self._room.classroom.kept.all}
        gone = [manifest for slot, manifest in self._standing.items() if slot not in {*slots, TRIAL_STATE}]
        return Draft(states, dict(self._standing), erased=gone)

    def committed(self, draft: Draft) -> None:
        """It stands."""
        for manifest in draft.erased:
            del self._standing[manifest.slot]
        self._standing |= {manifest.slot: manifest for manifest in draft.sealed}
        self._offset = self._standing[ROOM_STATE].version
        self._publication.published(draft.took_s)

    def aborted(self) -> None:
        """It does not: it is due again."""
        self._publication.aborted()

    def _states(self, now: float) -> Iterator[ModelState]:
        room = self._room.classroom
        for student in room.students.values():
            slot = CHAMPION_STATE if student is room.champion else challenger(student.name)
            yield state_of(student, slot, self._task, now, Pickled.of(student.model))
        for one in room.kept.all:
            if self._is_new(one):
                yield self._kept(one, now)
        if len(room.trial) and self._trial_is_new():
            yield self._of_room(TRIAL_STATE, list(room.trial), now)
        yield self._of_room(ROOM_STATE, room.snapshot(), now)

    def _is_new(self, one: KeptVersion) -> bool:
        return kept(one.version) not in self._standing

    def _trial_is_new(self) -> bool:
        standing = self._standing.get(TRIAL_STATE)
        return standing is None or standing.learned != self._room.classroom.trial.added

    def _kept(self, one: KeptVersion, now: float) -> ModelState:
        return ModelState(
            slot=kept(one.version),
            name=one.name,
            task=self._task,
            version=one.version,
            verdict_offset=one.version,
            learned=one.learned,
            at=datetime.fromtimestamp(now, UTC),
            model=Pickled(one.pickled),
        )

    def _of_room(self, slot: str, state: object, now: float) -> ModelState:
        """`learned` counts records of the trial here."""
        room = self._room.classroom
        return ModelState(
            slot=slot,
            name=slot,
            task=self._task,
            version=room.offset,
            verdict_offset=room.offset,
            learned=room.trial.added,
            at=datetime.fromtimestamp(now, UTC),
            model=Pickled.of(state),
        )

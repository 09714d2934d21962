"""What scorers get of the champion: what has changed, where that does; all of it every minute, and where it must be."""

from collections import deque
from datetime import datetime

import structlog

from winnow.core.compiled import Compiled, Delta, Series
from winnow.core.models import ModelInput
from winnow.core.school import Deployed
from winnow.learner.classroom import Room
from winnow.learner.issue import Draft
from winnow.learner.model_states import deployed_state
from winnow.learner.publication import Publication
from winnow.learner.settings import LearnerSettings
from winnow.runtime.messages import Outgoing
from winnow.runtime.model_state import ModelState, Packed, Pickled
from winnow.runtime.snapshot_slots import CHAMPION, delta
from winnow_schemas.base import NO_MODEL

FRESH_ANSWERS = 500

_log = structlog.get_logger(__name__)


class ChampionOutlet:
    """The way out of the model that decides. Deltas together stay below half of the whole one; a model that cannot be
    compiled is pickled. Where another model decides than before, all of it goes out. Letters (dead ones, and evidence
    about the model) go along with the version that has passed them over.
    """

    def __init__(self, settings: LearnerSettings, room: Room) -> None:
        self.version = room.champion_version
        self._task = settings.task
        self._room = room.classroom
        self._whole_s = settings.whole_s
        self._publication = Publication(settings.champion_pace)
        self._series = Series(settings.task, self._room.deployed.name)
        self._series_of = self._room.deployed.line
        self._drafted_series = self._series
        self._whole = room.published.get(CHAMPION)
        self._whole_at = float("-inf")
        self._deltas = list(room.deltas)
        self._letters: list[Outgoing] = []
        self._fresh: deque[datetime] = deque(maxlen=FRESH_ANSWERS)
        self._told_fresh: list[datetime] = []
        self._drafted_at = 0.0
        self._told_of_pickles = False
        if self.version == NO_MODEL and self._room.deployed.model.brings_knowledge:
            self.order()

    def learned(self, values: ModelInput, now: float, answered_at: datetime | None) -> None:
        """The champion learned a verdict from these values; `answered_at` when people gave it just now."""
        self._series.learned(values)
        self._publication.learned(now)
        if answered_at is not None:
            self._fresh.append(answered_at)

    def enclose(self, letter: Outgoing, now: float) -> None:
        """A message that goes along with the next version."""
        self._letters.append(letter)
        self._publication.learned(now)

    def order(self) -> None:
        """Somebody wants the next version now."""
        self._publication.order()

    @property
    def is_newer(self) -> bool:
        """Whether scorers know less than the champion does."""
        deployed = self._room.deployed
        return deployed.version > self.version and deployed.says_something

    def is_due(self, now: float) -> bool:
        """Whether to publish now."""
        return self.is_newer and self._publication.is_due(now)

    def draft(self, now: float) -> Draft:
        """What to publish now."""
        self._publication.drafted(now)
        self._drafted_at = now
        self._told_fresh = list(self._fresh)
        self._fresh.clear()
        draft = self._drafted(self._room.deployed, now)
        draft.letters = list(self._letters)
        return draft

    def committed(self, draft: Draft) -> None:
        """It stands."""
        self._drafted_series.published()
        self._publication.published(draft.took_s)
        del self._letters[: len(draft.letters)]
        *deltas, last = draft.sealed
        self.version = last.version
        if last.slot == CHAMPION:
            self._whole, self._whole_at, self._deltas = last, self._drafted_at, deltas
        else:
            self._deltas.append(last)

    def aborted(self) -> None:
        """It does not: it is due again."""
        self._publication.aborted()
        since = list(self._fresh)
        self._fresh.clear()
        self._fresh.extend((*self._told_fresh, *since))

    def _drafted(self, deployed: Deployed, now: float) -> Draft:
        if deployed.line != self._series_of:
            self._series, self._series_of = Series(self._task, deployed.name), deployed.line
        self._drafted_series = self._series
        step = self._series.delta(deployed.model, deployed.version)
        if step is not None and not self._is_whole_due(now):
            return Draft([self._as_delta(deployed, step, now)], {})
        whole = self._series.full(deployed.model, deployed.version)
        if whole is None:
            states = [self._pickled(deployed, now)]
        elif step is None:
            states = [self._as_whole(deployed, whole, now, self._told_fresh)]
        else:
            states = [self._as_delta(deployed, step, now), self._as_whole(deployed, whole, now, [])]
        replaced = {CHAMPION: self._whole} if self._whole else {}
        return Draft(states, replaced, erased=list(self._deltas))

    def _is_whole_due(self, now: float) -> bool:
        bound = self._whole.bytes if self._whole else 0
        return now - self._whole_at >= self._whole_s or 2 * sum(one.bytes for one in self._deltas) >= bound

    def _as_delta(self, deployed: Deployed, step: Delta, now: float) -> ModelState:
        state = self._state(deployed, delta(step.version), now, step, self._told_fresh)
        return state.as_delta(step.digest, step.base_version)

    def _as_whole(self, deployed: Deployed, whole: Compiled, now: float, fresh: list[datetime]) -> ModelState:
        return self._state(deployed, CHAMPION, now, whole, fresh).as_compiled(whole.digest)

    def _pickled(self, deployed: Deployed, now: float) -> ModelState:
        if not self._told_of_pickles:
            self._told_of_pickles = True
            _log.info("published_as_pickle", name=deployed.name, why="this model cannot be compiled")
        return self._state(deployed, CHAMPION, now, Pickled.of(deployed.model), self._told_fresh)

    def _state(self, deployed: Deployed, slot: str, now: float, model: Packed, fresh: list[datetime]) -> ModelState:
        return deployed_state(deployed, self._room.champion, slot, self._task.task, now, model, fresh)

"""What scorers get of the champion: what has changed, where that does; all of it every minute, and where it must be."""

from datetime import datetime

import structlog

from winnow.core.compiled import Compiled, Delta, Series
from winnow.core.models import ModelInput
from winnow.learner.classroom import Classroom
from winnow.learner.issue import Draft
from winnow.learner.publication import Publication
from winnow.learner.settings import LearnerSettings
from winnow.runtime.messages import Outgoing
from winnow.runtime.model_state import ModelState, Pickled
from winnow.runtime.snapshot_slots import CHAMPION, delta

_log = structlog.get_logger(__name__)


class ChampionOutlet:
    """The champion's way out. Deltas together stay smaller than the whole one; a model that cannot be compiled is
    pickled. Dead letters go along with the version that has passed them over.
    """

    def __init__(self, settings: LearnerSettings, room: Classroom) -> None:
        self.version = room.champion_version
        self.is_compiled = True
        self._task = settings.task
        self._student = room.champion
        self._whole_s = settings.whole_s
        self._publication = Publication(settings.champion_pace)
        self._series = Series(settings.task, room.champion.name)
        self._whole = room.published.get(CHAMPION)
        self._whole_at = float("-inf")
        self._deltas = list(room.deltas)
        self._letters: list[Outgoing] = []
        self._fresh: list[datetime] = []
        self._drafted_at = 0.0

    def learned(self, values: ModelInput, now: float) -> None:
        """The champion learned a verdict from these values."""
        self._series.learned(values)
        self._publication.learned(now)

    def bury(self, letter: Outgoing, now: float) -> None:
        """A verdict that nobody can learn."""
        self._letters.append(letter)
        self._publication.learned(now)

    @property
    def is_newer(self) -> bool:
        """Whether scorers know less than the champion does."""
        return self._student.next_offset > self.version and self._student.learned > 0

    def is_due(self, now: float) -> bool:
        """Whether to publish now."""
        return self.is_newer and self._publication.is_due(now)

    def draft(self, now: float) -> Draft:
        """What to publish now."""
        self._publication.drafted(now)
        self._drafted_at = now
        self._fresh = self._student.take_fresh()
        draft = self._drafted(now)
        draft.letters = list(self._letters)
        return draft

    def committed(self, draft: Draft) -> None:
        """It stands."""
        self._series.published()
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
        self._student.put_back(self._fresh)

    def _drafted(self, now: float) -> Draft:
        model, version = self._student.model, self._student.next_offset
        step = self._series.delta(model, version)
        if step is not None and not self._is_whole_due(now):
            return Draft([self._as_delta(step, now)], None)
        whole = self._series.full(model, version)
        if whole is None:
            states = [self._pickled(now)]
        elif step is None:
            states = [self._as_whole(whole, now, self._fresh)]
        else:
            states = [self._as_delta(step, now), self._as_whole(whole, now, [])]
        return Draft(states, self._whole, erased=list(self._deltas))

    def _is_whole_due(self, now: float) -> bool:
        bound = self._whole.bytes if self._whole else 0
        return now - self._whole_at >= self._whole_s or sum(one.bytes for one in self._deltas) >= bound

    def _as_delta(self, step: Delta, now: float) -> ModelState:
        state = self._student.state(delta(step.version), self._task.task, now, step, self._fresh)
        return state.as_delta(step.digest, step.base_version)

    def _as_whole(self, whole: Compiled, now: float, fresh: list[datetime]) -> ModelState:
        return self._student.state(CHAMPION, self._task.task, now, whole, fresh).as_compiled(whole.digest)

    def _pickled(self, now: float) -> ModelState:
        if self.is_compiled:
            self.is_compiled = False
            _log.info("published_as_pickle", name=self._student.name, why="this model cannot be compiled")
        model = Pickled.of(self._student.model)
        return self._student.state(CHAMPION, self._task.task, now, model, self._fresh)

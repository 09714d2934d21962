"""Verdicts in; snapshots, dead letters and figures out."""

from collections.abc import Callable, Sequence

from winnow.core.models import RecordReader, learnable
from winnow.learner.champion_outlet import ChampionOutlet
from winnow.learner.classroom import Classroom
from winnow.learner.figures import Figures
from winnow.learner.issue import Draft, Issue
from winnow.learner.settings import LearnerSettings
from winnow.learner.state_outlet import StateOutlet
from winnow.runtime.dead_letters import dead_letter
from winnow.runtime.messages import Incoming
from winnow_schemas.codec import InvalidMessage
from winnow_schemas.verdicts import Verdict

Outlet = ChampionOutlet | StateOutlet


class LearnerHandler:
    """`due` gives one transaction; `committed` says that it came about. Verdicts may be learned in between.

    A dead letter goes out with the champion that has passed it over, so that a restart does not write it again.
    Nothing is published before something was learned: until then the scorers know no model and all records go to
    people. `clock` measures how long a snapshot takes to make.
    """

    def __init__(
        self, settings: LearnerSettings, room: Classroom, figures: Figures, clock: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._room = room
        self._figures = figures
        self._clock = clock
        self._reader = RecordReader(settings.task)
        self._champion = ChampionOutlet(settings, room)
        self._states = [StateOutlet(settings, one, room.published.get(one.slot)) for one in room.students]
        self._under_way: Sequence[tuple[Outlet, Draft]] = ()

    @property
    def published_version(self) -> int:
        """The version of the champion that scorers may know."""
        return self._champion.version

    def learn(self, messages: Sequence[Incoming], now: float) -> None:
        """Learn these verdicts, in the order of their offsets."""
        for message in messages:
            if message.value is None:
                self._pass_over(message)
                continue
            try:
                self._teach(message, learnable(self._settings.task, message.value), now)
            except InvalidMessage as error:
                self._bury(message, error, now)

    def due(self, now: float) -> Issue | None:
        """What to write now: the champion or one state when they are due, and figures; None when there is nothing."""
        due = next((outlet for outlet in self._outlets() if outlet.is_due(now)), None)
        return self._issue([due] if due else [], now)

    def last(self, now: float) -> Issue | None:
        """What to write before the end: all that is not published yet."""
        return self._issue([outlet for outlet in self._outlets() if outlet.is_newer], now)

    def committed(self) -> None:
        """What was given last is written."""
        done, self._under_way = self._under_way, ()
        for outlet, draft in done:
            outlet.committed(draft)
            if outlet is self._champion:
                self._figures.published(draft.took_s)

    def aborted(self) -> None:
        """It is not: it will be due again."""
        gone, self._under_way = self._under_way, ()
        for outlet, _ in gone:
            outlet.aborted()

    def _outlets(self) -> list[Outlet]:
        """The champion first. A pickled champion is its own state."""
        first, *others = self._states
        return [self._champion, first, *others] if self._champion.is_compiled else [self._champion, *others]

    def _issue(self, outlets: Sequence[Outlet], now: float) -> Issue | None:
        drafts = [(outlet, self._drafted(outlet, now)) for outlet in outlets]
        ready = self._figures.due(self._room.students, now)
        if not drafts and not ready:
            return None
        self._under_way = drafts
        topic = self._settings.topics["models"]
        return Issue(topic, self._settings.keys, [draft for _, draft in drafts], ready, self._clock)

    def _drafted(self, outlet: Outlet, now: float) -> Draft:
        began = self._clock()
        draft = outlet.draft(now)
        draft.took_s = self._clock() - began
        return draft

    def _teach(self, message: Incoming, verdict: Verdict, now: float) -> None:
        values = self._reader.read(verdict.record).values
        for student, state in zip(self._room.students, self._states, strict=True):
            if message.offset < student.next_offset:
                continue
            student.learn(message.offset, verdict, values)
            state.learned(now)
            if student is self._room.champion:
                self._champion.learned(values, now)
        self._figures.learned()

    def _bury(self, message: Incoming, error: InvalidMessage, now: float) -> None:
        if message.offset >= self._champion.version:
            letter = dead_letter(message, error.code, str(error), "learner", self._settings.topics, now)
            self._champion.bury(letter, now)
            self._figures.died()
        self._pass_over(message)

    def _pass_over(self, message: Incoming) -> None:
        for student in self._room.students:
            student.pass_over(message.offset)

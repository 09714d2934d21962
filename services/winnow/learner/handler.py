"""Verdicts in; snapshots, dead letters, evidence about the model, reports and figures out."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from winnow.core.checks.second_look import SecondLook
from winnow.core.models import LeftOut, ModelInput, RecordReader, lesson
from winnow.core.school import Changed
from winnow.learner.champion_outlet import ChampionOutlet
from winnow.learner.classroom import Room
from winnow.learner.doubts import doubt_message
from winnow.learner.figures import Figures
from winnow.learner.issue import Draft, Issue
from winnow.learner.reports import Reports
from winnow.learner.settings import LearnerSettings
from winnow.learner.states_outlet import StatesOutlet
from winnow.runtime.dead_letters import dead_letter
from winnow.runtime.messages import Incoming, Outgoing
from winnow_schemas.codec import InvalidMessage, encode
from winnow_schemas.evidence import ModelChange
from winnow_schemas.verdicts import ModelCommand, Verdict

Outlet = ChampionOutlet | StatesOutlet

_log = structlog.get_logger(__name__)


class LearnerHandler:
    """`due` gives one transaction; `committed` says that it came about. Verdicts may be learned in between.

    A dead letter goes out with the champion that has passed it over, so that a restart does not write it again; so
    does the evidence that another model decides. Nothing is published before something was learned: until then the
    scorers know no model and all records go to people. `clock` measures how long a snapshot takes to make.
    """

    def __init__(self, settings: LearnerSettings, room: Room, figures: Figures, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._room = room.classroom
        self._figures = figures
        self._clock = clock
        self._reader = RecordReader(settings.task)
        share = settings.task.review.second_look
        self._second_look = SecondLook(share) if share else None
        self._champion = ChampionOutlet(settings, room)
        self._states = StatesOutlet(settings, room)
        self._reports = Reports(settings, room.classroom)
        self._under_way: Sequence[tuple[Outlet, Draft]] = ()

    @property
    def published_version(self) -> int:
        """The version of the champion that scorers may know."""
        return self._champion.version

    def learn(self, messages: Sequence[Incoming], now: float) -> None:
        """Learn these verdicts and obey these commands, in the order of their offsets."""
        for message in messages:
            if message.value is None:
                self._room.pass_over(message.offset)
                continue
            try:
                self._take(message.offset, lesson(self._settings.task, message.value), now)
            except InvalidMessage as error:
                self._bury(message, error, now)
        self._tell_changes(now)

    def due(self, now: float) -> Issue | None:
        """What to write now: the champion or the states when they are due, reports and figures; None for nothing."""
        due = next((outlet for outlet in self._outlets if outlet.is_due(now)), None)
        return self._issue([due] if due else [], now)

    def last(self, now: float) -> Issue | None:
        """What to write before the end: all that is not published yet."""
        return self._issue([outlet for outlet in self._outlets if outlet.is_newer], now)

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
        self._reports.aborted()

    @property
    def _outlets(self) -> tuple[Outlet, ...]:
        return self._champion, self._states

    def _issue(self, outlets: Sequence[Outlet], now: float) -> Issue | None:
        drafts = [(outlet, self._drafted(outlet, now)) for outlet in outlets]
        ready = [*self._reports.due(now), *self._figures.due(self._room, now)]
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

    def _take(self, offset: int, taught: Verdict | ModelCommand | LeftOut, now: float) -> None:
        self._states.learned(now)
        if isinstance(taught, LeftOut):
            self._figures.left_out(taught.label)
            self._room.pass_over(offset)
            return
        if isinstance(taught, ModelCommand):
            self._obey(offset, taught)
            return
        values = self._reader.read(taught.record, taught.functions_said).values
        is_new = offset >= self._room.offset
        self._room.teach(offset, taught, values)
        if taught.use == "trial":
            return
        self._figures.learned()
        self._look_again(offset, taught, values, now)
        if is_new:
            self._champion.learned(values, now, taught.answered_at if taught.reason != "seed" else None)

    def _look_again(self, offset: int, verdict: Verdict, values: ModelInput, now: float) -> None:
        """A doubt goes out with the version that has passed the verdict, so that a restart does not say it again."""
        doubted = self._second_look.hear(verdict, values) if self._second_look else None
        if doubted is not None and offset >= self._champion.version:
            self._champion.enclose(doubt_message(doubted, self._settings.topics, now), now)
            self._figures.doubted()

    def _obey(self, offset: int, command: ModelCommand) -> None:
        is_new = offset >= self._room.offset
        self._room.obey(offset, command)
        for refused in self._room.take_refused():
            _log.warning("command_refused", command=refused, operator=command.operator)
        if is_new:
            self._champion.order()

    def _tell_changes(self, now: float) -> None:
        for halving in self._room.take_halvings():
            stay, leave = (", ".join(f"{name} {loss:.4f}" for name, loss in part.items()) for part in halving[1:])
            _log.info("search_halved", round=halving.round, stay=stay, leave=leave, figures="log loss in this round")
            self._reports.order()
        for change in self._room.take_changes():
            _log.info("model_changed", change=change.change, name=change.name, version=change.version, why=change.note)
            self._champion.enclose(self._evidence(change, now), now)
            self._champion.order()
            self._reports.order()

    def _evidence(self, change: Changed, now: float) -> Outgoing:
        """What the monitor learns of it. After a restart it may be told again: it counts once."""
        told = ModelChange(
            change=change.change,
            name=change.name,
            model_version=change.version,
            note=change.note,
            at=datetime.fromtimestamp(now, UTC),
        )
        return Outgoing(self._settings.topics["evidence"], encode(told))

    def _bury(self, message: Incoming, error: InvalidMessage, now: float) -> None:
        if message.offset >= self._champion.version:
            letter = dead_letter(message, error.code, str(error), "learner", self._settings.topics, now)
            self._champion.enclose(letter, now)
            self._figures.died()
        self._room.pass_over(message.offset)

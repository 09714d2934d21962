"""All models of a task: they learn from each verdict, are judged on it before, and one of them decides.

A fold of the topic `verdicts`: the same messages at the same offsets give the same models, promotions and
rollbacks, bit for bit, also across a restart from what it was at some offset.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from winnow.core.comparison import Judgement, weight_of
from winnow.core.models import ModelInput, TaskClassifier
from winnow.core.school.guard import Guard
from winnow.core.school.kept_versions import KeptVersions, is_time_to_keep
from winnow.core.school.reign import Reign
from winnow.core.school.search import Halving, Search
from winnow.core.school.student import Student
from winnow.core.school.trial_set import TrialSet
from winnow_schemas.base import Reason
from winnow_schemas.evidence import Change
from winnow_schemas.verdicts import ModelCommand, Verdict

_NAMED = "the task file names it"
_NOT_CHOSEN_BY_A_COIN: frozenset[Reason] = frozenset({"disputed", "recalled", "gold"})


class Deployed(NamedTuple):
    """The model that decides, and its version. Versions of one `line` are what one model became by learning."""

    name: str
    model: TaskClassifier
    version: int
    learned: int
    line: tuple[int, int | None]

    @property
    def since(self) -> int:
        """The first version of the reign."""
        return self.line[0]

    @property
    def says_something(self) -> bool:
        """Whether it is of use: it has learned, or came with knowledge."""
        return self.learned > 0 or self.model.brings_knowledge


class Changed(NamedTuple):
    """What happened to the model that decides; see `ModelChange`."""

    change: Change
    name: str
    version: int
    note: str


class Classroom:
    """`offset` is the next verdict that is new to the champion; newcomers may be behind it.

    Candidates of the search are students like the others, all at one offset, but compared with nobody's champion.
    `changes` grow with whatever happens to the model that decides, `refused` with commands that cannot be obeyed,
    `halvings` with what the search comes to; whoever tells of them takes them away.
    """

    def __init__(
        self,
        students: Sequence[Student],
        reign: Reign,
        kept: KeptVersions,
        trial: TrialSet,
        search: Search | None = None,
    ) -> None:
        self.students = {student.name: student for student in students}
        self.reign = reign
        self.kept = kept
        self.trial = trial
        self.guard = Guard()
        self.offset = self.champion.next_offset
        self.changes: list[Changed] = []
        self.refused: list[str] = []
        self.halvings: list[Halving] = []
        self.search = search or Search.none()
        self._keep_a_seat()

    @property
    def champion(self) -> Student:
        """The model that decides, as far as it has learned."""
        return self.students[self.reign.champion]

    @property
    def deployed(self) -> Deployed:
        """What is to be given out: the champion, or an older version of it while it is withheld."""
        champion, guard = self.champion, self.guard
        line = self.reign.since, guard.turned_at
        if guard.model is not None and guard.frozen is not None and guard.turned_at is not None:
            return Deployed(champion.name, guard.model, guard.turned_at, guard.frozen.learned, line)
        return Deployed(champion.name, champion.model, champion.next_offset, champion.learned, line)

    @property
    def first_offset(self) -> int:
        """The first verdict that one of them has not learned."""
        return min(student.next_offset for student in self.students.values())

    def teach(self, offset: int, verdict: Verdict, values: ModelInput) -> None:
        """One verdict; `values` is what models read of its record."""
        if verdict.use == "trial":
            if offset >= self.offset:
                self.trial.add(values, verdict.label)
            self.pass_over(offset)
            return
        open_to = [student for student in self.students.values() if offset >= student.next_offset]
        judgements: dict[str, Judgement] = {}
        if verdict.reason not in _NOT_CHOSEN_BY_A_COIN:
            judgements = {student.name: student.judge(verdict, values) for student in open_to}
            if offset >= self.offset:
                self._compare(offset, judgements, verdict, values)
        if any(student.name in self.search.racing for student in open_to):
            self._race(judgements, verdict)
        for student in open_to:
            if student.name in self.students:
                student.learn(offset, verdict, values)
        self._reach(offset)

    def pass_over(self, offset: int) -> None:
        """What is there to be learned by nobody."""
        for student in self.students.values():
            student.pass_over(offset)
        self._reach(offset)

    def obey(self, offset: int, command: ModelCommand) -> None:
        """An operator's word, at its place among the verdicts."""
        if offset >= self.offset:
            by = f"by {command.operator}{': ' + command.note if command.note else ''}"
            if command.action == "promote":
                self._promote_by_hand(offset, command.model or "", by)
            elif command.action == "rollback":
                self._roll_back(offset, command.version or 0, by)
        self.pass_over(offset)

    def take_changes(self) -> list[Changed]:
        """What has happened since this was asked last."""
        changes, self.changes = self.changes, []
        return changes

    def take_refused(self) -> list[str]:
        """Commands that could not be obeyed since this was asked last."""
        refused, self.refused = self.refused, []
        return refused

    def take_halvings(self) -> list[Halving]:
        """Rounds of the search that have ended since this was asked last."""
        halvings, self.halvings = self.halvings, []
        return halvings

    def _race(self, judgements: Mapping[str, Judgement], verdict: Verdict) -> None:
        halving = self.search.hear(judgements, weight_of(verdict.propensity))
        if halving is None:
            return
        self.halvings.append(halving)
        for name in halving.leave:
            del self.students[name]
        if self.search.survivor:
            self.reign.join(self.search.survivor)
            self._keep_a_seat()

    def _keep_a_seat(self) -> None:
        """Whoever survives the search will be one more challenger: the test reckons with it from the beginning."""
        self.reign.awaited = int(bool(self.search.racing))

    @property
    def compared(self) -> list[str]:
        """The models of which one decides: all but the candidates of the search."""
        return [name for name in self.students if name not in self.search.racing]

    def _compare(self, offset: int, judgements: Mapping[str, Judgement], verdict: Verdict, values: ModelInput) -> None:
        """Before anybody learns the verdict, so that what is kept is what was given out under its version."""
        self.reign.hear(judgements, verdict)
        self._watch(offset, judgements[self.champion.name], verdict, values)
        models = {name: student.model for name, student in self.students.items()}
        if better := self.reign.better_one(models, self.trial):
            self._crown(offset, better, "promoted", self.reign.why(better))

    def _watch(self, offset: int, champion: Judgement, verdict: Verdict, values: ModelInput) -> None:
        guard = self.guard
        guard.hear(champion, verdict, values)
        if why := guard.became_worse():
            guard.withhold(offset + 1)
            self._tell("withheld", offset + 1, why)
        elif guard.has_recovered():
            self.guard = Guard(turned_at=offset + 1)
            self._tell("given_out", offset + 1, "no worse any more than the one that was given out instead")
        elif not guard.withholding and is_time_to_keep(self.champion.learned):
            guard.freeze(self.kept.keep(self.champion))

    def _promote_by_hand(self, offset: int, name: str, by: str) -> None:
        if name not in self.students:
            self.refused.append(f"promote {name}: the task has no such model")
        elif name in self.search.racing:
            self.refused.append(f"promote {name}: the search is not over; its survivor will be a challenger")
        elif name == self.reign.champion:
            self.refused.append(f"promote {name}: it is the champion already")
        else:
            self._crown(offset, name, "promoted", by)

    def _roll_back(self, offset: int, version: int, by: str) -> None:
        kept = self.kept.find(version)
        if kept is None or kept.name not in self.students:
            self.refused.append(f"rollback {version}: it is not kept, or its model is none of the task's any more")
            return
        note = f"to version {version} {by}"
        self._crown(offset, kept.name, "rolled_back", note)
        student = self.students[kept.name]
        student.model, student.learned = kept.model(), kept.learned

    def name_another(self, name: str, after: int) -> None:
        """The task names another champion now; what decided until now went out up to the version `after`."""
        self.reign.named = name
        if name != self.reign.champion:
            self._crown(max(after, self.offset - 1), name, "promoted", _NAMED)

    def succeed(self, after: int, note: str = _NAMED) -> None:
        """Another model, of which nothing is known here, went out up to the version `after`."""
        self.reign.since, self.reign.note = after + 1, note
        self._tell("promoted", after + 1, note)

    def _crown(self, offset: int, name: str, change: Change, note: str) -> None:
        """Another reign begins with the version after this offset; what decided until now is kept."""
        if self.champion.learned:
            self.kept.keep(self.champion)
        self.guard = Guard()
        self.reign = Reign(name, self.reign.named, self.compared, offset + 1, note)
        self._keep_a_seat()
        self._tell(change, offset + 1, note)

    def _tell(self, change: Change, version: int, note: str) -> None:
        self.changes.append(Changed(change, self.reign.champion, version, note))

    def _reach(self, offset: int) -> None:
        self.offset = max(self.offset, offset + 1)

    def snapshot(self) -> dict[str, Any]:
        """Everything but the models, what is kept and the trial, as plain JSON."""
        return {
            "offset": self.offset,
            "reign": self.reign.snapshot(),
            "search": self.search.snapshot(),
            "guard": self.guard.snapshot(),
            "gradebooks": {name: student.gradebook.snapshot() for name, student in self.students.items()},
            "unlearnable": {name: student.unlearnable for name, student in self.students.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Back to a snapshot; the models, the search, what is kept and the trial are as they were at its offset."""
        self.offset = state["offset"]
        if state["reign"]["champion"] in self.students:
            self.reign = Reign.of_snapshot(state["reign"], self.compared)
            self._keep_a_seat()
            self.guard.restore(state["guard"], self.kept)
        for name, student in self.students.items():
            if student.next_offset == self.offset and name in state["gradebooks"]:
                student.gradebook.restore(state["gradebooks"][name])
                student.unlearnable = state["unlearnable"][name]

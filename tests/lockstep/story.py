"""What the file replay tells of a stream, up to its last line."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from tests.lockstep.streams import Stream

from winnow.replay import Line, Replay
from winnow.replay.watching import Decided
from winnow_schemas.certificates import Certificate
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.policies import Policy
from winnow_schemas.task import Task

if TYPE_CHECKING:
    from winnow_schemas.decisions import Decision

T = TypeVar("T")


class Story:
    """A watcher. After the last line a replay goes on until all is settled; that is no part of the story."""

    def __init__(self, stream: Stream, task: Task) -> None:
        self.decisions: dict[int, Decision] = {}
        self.dead: list[int] = []
        self.policies: list[Policy] = []
        self.alarms: list[DriftAlarm] = []
        self.certificates: list[Certificate] = []
        self.released_ones: list[int] = []
        self.recalled_ones: list[int] = []
        self.unanswered_ones: list[int] = []
        self._is_over = False
        Replay(task, stream.conditions, [self]).run(self._until_over(stream.lines))

    def _until_over(self, lines: list[Line]) -> Iterator[Line]:
        yield from lines
        self._is_over = True

    def decided(self, decided: Decided) -> None:
        self.decisions[decided.offset] = decided.decision

    def died(self, offset: int) -> None:
        self.dead.append(offset)

    def released(self, decided: Decided) -> None:
        self._note(self.released_ones, decided.offset)

    def recalled(self, decided: Decided, *, put_back: bool) -> None:
        assert put_back, "so many recalls are not part of these streams"
        self._note(self.recalled_ones, decided.offset)

    def unanswered(self, decided: Decided) -> None:
        self._note(self.unanswered_ones, decided.offset)

    def issued(self, policy: Policy, offset: int) -> None:
        self._note(self.policies, policy)

    def alarmed(self, alarm: DriftAlarm, offset: int) -> None:
        self._note(self.alarms, alarm)

    def certified(self, certificate: Certificate, offset: int) -> None:
        self._note(self.certificates, certificate)

    def _note(self, where: list[T], what: T) -> None:
        if not self._is_over:
            where.append(what)

"""How a replay went on, in at most so many stretches of the file: what the report's curves are drawn from."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from winnow.replay.watching import Decided
from winnow.replay.worst_window import WorstWindow
from winnow_schemas.base import State
from winnow_schemas.certificates import Certificate
from winnow_schemas.drift_alarms import DriftAlarm
from winnow_schemas.policies import Policy

EDGES = (*(step / 20 for step in range(1, 20)), 0.97, 0.98, 0.99, 0.995, 0.999)
"""Top probabilities between which a score is judged together."""


@dataclass
class Proof:
    """What was known of the released labels when a stretch ended; `lately` is the error of the last ones."""

    released: int
    wrong: int
    wrong_at_most: float
    lately: float | None


@dataclass
class Stretch:
    """Some hundred records in a row: what was decided in it, and what was known when it ended."""

    auto: int = 0
    recalled: int = 0
    audits: int = 0
    reviews: int = 0
    proof: Proof | None = None
    state: State | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """All that were decided in it."""
        return self.auto + self.recalled + self.audits + self.reviews

    def absorb(self, later: "Stretch") -> None:
        """Take in the stretch that follows."""
        self.auto += later.auto
        self.recalled += later.recalled
        self.audits += later.audits
        self.reviews += later.reviews
        self.proof = later.proof or self.proof
        if later.state is not None:
            self.state, self.thresholds = later.state, later.thresholds


@dataclass
class Calibration:
    """Scored records whose top probability lay between two edges; `claimed` is the sum of these."""

    scored: int = 0
    right: int = 0
    claimed: float = 0.0


class Course:
    """A watcher. When the stretches get too many, neighbours become one."""

    def __init__(self, most: int = 240) -> None:
        self.width = 1
        self.stretches: list[Stretch] = []
        self.calibration = [Calibration() for _ in range(len(EDGES) + 1)]
        self._most = most
        self._released = 0
        self._wrong = 0
        self._lately = WorstWindow()

    def _at(self, offset: int) -> Stretch:
        while offset // self.width >= self._most:
            self._halve()
        place = offset // self.width
        while len(self.stretches) <= place:
            last = self.stretches[-1] if self.stretches else Stretch()
            self.stretches.append(Stretch(state=last.state, thresholds=last.thresholds))
        return self.stretches[place]

    def _halve(self) -> None:
        self.width *= 2
        pairs = zip(self.stretches[::2], [*self.stretches[1::2], Stretch()], strict=False)
        self.stretches = [_joined(*pair) for pair in pairs]

    def decided(self, decided: Decided) -> None:
        """A record goes to its stretch, its score to the others like it."""
        decision, stretch = decided.decision, self._at(decided.offset)
        if decision.outcome != "unlabelled":
            _COUNT[decision.look](stretch)
        if decision.top_probability is not None:
            cell = self.calibration[bisect_right(EDGES, decision.top_probability)]
            cell.scored += 1
            cell.right += not decided.wrong
            cell.claimed += decision.top_probability

    def died(self, offset: int) -> None:
        """Not drawn."""

    def released(self, decided: Decided) -> None:
        """One more label counts."""
        self._released += 1
        self._wrong += decided.wrong
        self._lately.add(wrong=decided.wrong)

    def recalled(self, decided: Decided, *, put_back: bool) -> None:  # noqa: ARG002
        """The label is none any more."""
        stretch = self._at(decided.offset)
        stretch.auto -= 1
        stretch.recalled += 1

    def unanswered(self, decided: Decided) -> None:
        """Not drawn."""

    def issued(self, policy: Policy, offset: int) -> None:
        """How sure the machine has to be from now on."""
        stretch = self._at(offset)
        stretch.state, stretch.thresholds = policy.state, policy.thresholds

    def alarmed(self, alarm: DriftAlarm, offset: int) -> None:
        """Drawn from the figures."""

    def certified(self, certificate: Certificate, offset: int) -> None:
        """What is known now of the labels released."""
        if self._released:
            bound = certificate.wrong_at_most
            self._at(offset).proof = Proof(self._released, self._wrong, bound, self._lately.current)


def _count_auto(stretch: Stretch) -> None:
    stretch.auto += 1


def _count_audit(stretch: Stretch) -> None:
    stretch.audits += 1


def _count_review(stretch: Stretch) -> None:
    stretch.reviews += 1


_COUNT: Mapping[str, Callable[[Stretch], None]] = {
    "none": _count_auto,
    "ledger": _count_audit,
    "extra": _count_audit,
    "review": _count_review,
}


def _joined(earlier: Stretch, later: Stretch) -> Stretch:
    earlier.absorb(later)
    return earlier

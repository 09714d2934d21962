"""What a replay of the topics found: how many decisions and statements are equal, and those that are not."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from winnow.replay.topics.comparison import Deviation


class Difference(NamedTuple):
    """Something recorded that does not come out again. `what` names it, `where` is the topic it stands on."""

    what: str
    where: str
    deviations: tuple[Deviation, ...]


@dataclass
class Tally:
    """Things compared. `kept` of the differences are kept, the others only counted."""

    kept: int
    equal: int = 0
    exact: int = 0
    different: int = 0
    differences: list[Difference] = field(default_factory=list)

    def is_equal(self, *, exact: bool = True) -> None:
        """One more that comes out again; `exact` when to the last bit."""
        self.equal += 1
        self.exact += exact

    def differs(self, difference: Difference) -> None:
        """One more that does not."""
        self.different += 1
        if len(self.differences) < self.kept:
            self.differences.append(difference)


@dataclass
class Findings:
    """Decisions, dead letters and what the monitor said, each compared with itself made anew.

    `ways` counts decisions by where their model came from: `snapshot` (it still stands on `models`),
    `verdicts` (learned anew up to that version), `none` (decided without a model). `not_recomputable`
    counts decisions by what is missing; `repetitions` are later messages that say a decision again.
    `statements_left_out` says why those of the monitor were not compared, if they were not.
    """

    decisions: Tally
    dead_letters: Tally
    statements: Tally
    ways: Counter[str] = field(default_factory=Counter)
    not_recomputable: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    repetitions: int = 0
    unreadable: int = 0
    records: int = 0
    without_decision: int = 0
    verdicts: int = 0
    statements_left_out: str | None = None

    @classmethod
    def keeping(cls, differences: int) -> "Findings":
        """Nothing found yet; so many differences of each kind are kept."""
        return cls(Tally(differences), Tally(differences), Tally(differences))

    @property
    def different(self) -> int:
        """All that differs."""
        return self.decisions.different + self.dead_letters.different + self.statements.different

    @property
    def holds(self) -> bool:
        """Whether nothing differs and every message could be read."""
        return not self.different and not self.unreadable

    def as_values(self) -> dict[str, Any]:
        """For programs."""
        decided = self.decisions.equal + self.decisions.different + self.not_recomputable.total()
        return {
            "holds": self.holds,
            "records": self.records,
            "decisions": decided,
            **_values(self.decisions),
            "not_recomputable": dict(self.not_recomputable),
            "models_from": dict(self.ways),
            "repetitions": self.repetitions,
            "records_without_decision": self.without_decision,
            "unreadable": self.unreadable,
            "verdicts": self.verdicts,
            "dead_letters": _values(self.dead_letters),
            "statements": {
                **_values(self.statements),
                "compared": dict(self.told),
                "left_out": self.statements_left_out,
            },
        }


def _values(tally: Tally) -> dict[str, Any]:
    return {
        "equal": tally.equal,
        "exactly_equal": tally.exact,
        "different": tally.different,
        "differences": [
            {"what": one.what, "where": one.where, "fields": [deviation._asdict() for deviation in one.deviations]}
            for one in tally.differences
        ],
    }

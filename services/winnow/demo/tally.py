"""Counts what became of the demo's records, against the truth. Pure: outcomes go in, figures come out."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from winnow_schemas.certificates import Certificate

Position = tuple[int, int]
_NO_VERSION = -1
_RANK = {"auto": 0, "recall": 1, "human": 2, "unlabelled": 2, "dead_letter": 2}
"""Topics are read side by side: what ended a recall may be seen before the recall."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Labels of the machine, and how many of them are wrong."""

    labels: int = 0
    errors: int = 0

    @property
    def error(self) -> float | None:
        """True error; None without labels."""
        return self.errors / self.labels if self.labels else None

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(self.labels + other.labels, self.errors + other.errors)


@dataclass(frozen=True, slots=True)
class Figures:
    """The sum so far.

    `released` and `recallable` are labels of the machine that hold; `recalled` ones were taken back, and
    are among the others again when people have labelled them. `withdrawn`: their recall is under way.
    """

    released: Counted
    recallable: Counted
    withdrawn: int
    reviewed: int
    unlabelled: int
    dead_letters: int
    recalled: Counted

    @property
    def auto(self) -> Counted:
        """Labels of the machine that hold."""
        return self.released + self.recallable

    @property
    def ended(self) -> int:
        """Records with an outcome."""
        return self.auto.labels + self.reviewed + self.unlabelled + self.dead_letters


@dataclass(frozen=True, slots=True)
class _Outcome:
    kind: str
    version: int = _NO_VERSION
    wrong: bool = False


@dataclass
class Tally:
    """The newest outcome of each record counts; `truth` is by record id.

    `reviews_before_auto`: how many labels of people were seen before the first one of the machine.
    """

    truth: Mapping[str, str]
    certificate: Certificate | None = None
    reviews_before_auto: int | None = None
    _outcomes: dict[Position, _Outcome] = field(default_factory=dict)
    _labelled: dict[Position, _Outcome] = field(default_factory=dict)
    _count: Counter[str] = field(default_factory=Counter)
    _auto: Counter[int] = field(default_factory=Counter)
    _auto_wrong: Counter[int] = field(default_factory=Counter)
    _recalled: Counter[int] = field(default_factory=Counter)
    _recalled_wrong: Counter[int] = field(default_factory=Counter)

    def ended(
        self, position: Position, kind: str, record_id: str | None, label: str | None, policy_version: int | None = None
    ) -> None:
        """An outcome was seen; a recall takes the machine's label back."""
        version = _NO_VERSION if policy_version is None else policy_version
        outcome = _Outcome(kind, version, wrong=kind == "auto" and label != self.truth.get(record_id or ""))
        if kind == "auto":
            self._labelled[position] = outcome
            if self.reviews_before_auto is None:
                self.reviews_before_auto = self._count["human"]
        elif kind == "recall":
            self._note_recall(position)
        before = self._outcomes.get(position)
        if before is not None and _RANK[kind] < _RANK[before.kind]:
            return
        if before is not None:
            self._add(before, -1)
        self._outcomes[position] = outcome
        self._add(outcome, 1)

    def figures(self) -> Figures:
        """The sum so far."""
        certificate = self.certificate
        withdrawn = self._where(lambda version: certificate is not None and certificate.withdraws(version))
        released = self._where(lambda version: certificate is not None and certificate.covers(version))
        everything = self._where(lambda _: True)
        return Figures(
            released=released,
            recallable=Counted(
                everything.labels - released.labels - withdrawn.labels,
                everything.errors - released.errors - withdrawn.errors,
            ),
            withdrawn=withdrawn.labels,
            reviewed=self._count["human"],
            unlabelled=self._count["unlabelled"],
            dead_letters=self._count["dead_letter"],
            recalled=self.recalled_between(_NO_VERSION, math.inf),
        )

    def recalled_between(self, first: float, end: float) -> Counted:
        """Recalled labels of the policy versions from `first` up to, not including, `end`."""
        versions = [version for version in self._recalled if first <= version < end]
        return Counted(
            sum(self._recalled[version] for version in versions),
            sum(self._recalled_wrong[version] for version in versions),
        )

    def _note_recall(self, position: Position) -> None:
        label = self._labelled.pop(position, None)
        if label is not None:
            self._recalled[label.version] += 1
            self._recalled_wrong[label.version] += label.wrong

    def _add(self, outcome: _Outcome, times: int) -> None:
        self._count[outcome.kind] += times
        if outcome.kind == "auto":
            self._auto[outcome.version] += times
            self._auto_wrong[outcome.version] += times * outcome.wrong

    def _where(self, holds: Callable[[int], bool]) -> Counted:
        versions = [version for version in self._auto if holds(version)]
        return Counted(
            sum(self._auto[version] for version in versions), sum(self._auto_wrong[version] for version in versions)
        )


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of the values does not exceed; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

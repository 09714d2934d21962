"""What labelling functions said of labelled records: how often, how right, and how they get on with each other."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Any, NamedTuple

_DEVIATIONS_OF_95 = 1.959964


class Interval(NamedTuple):
    """A share lies between these with 95 % confidence."""

    least: float
    most: float


def interval(hits: int, of: int) -> Interval | None:
    """The interval of a share (Wilson 1927); None when there was nothing to count."""
    if not of:
        return None
    square = _DEVIATIONS_OF_95**2
    share = hits / of
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _DEVIATIONS_OF_95 * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


@dataclass
class _OneFunction:
    """`overlaps` counts votes beside another function's, `conflicts` those that another one contradicts.

    `failures` counts the abstentions that were none of the function's choosing, by what happened.
    """

    votes: Counter[str] = field(default_factory=Counter)
    right: int = 0
    judged: int = 0
    overlaps: int = 0
    conflicts: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    first_failure: str | None = None


class FunctionFigures:
    """Is told record by record who voted what; a function that is not named abstained."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.records = 0
        self.silent = 0
        self._functions = {name: _OneFunction() for name in names}

    def add(self, votes: Mapping[str, str], label: str | None) -> None:
        """One record; `label` is the true one, where it is known."""
        self.records += 1
        self.silent += not votes
        for name, vote in votes.items():
            one = self._functions[name]
            one.votes[vote] += 1
            if label is not None:
                one.judged += 1
                one.right += vote == label
            others = [other for another, other in votes.items() if another != name]
            one.overlaps += bool(others)
            one.conflicts += any(other != vote for other in others)

    def failed(self, name: str, kind: str, why: str | None) -> None:
        """A function did not answer; that counts as an abstention."""
        one = self._functions[name]
        one.failures[kind] += 1
        one.first_failure = one.first_failure or why

    def as_values(self) -> dict[str, Any]:
        """For people and programs: shares of all records, but for the accuracy, which is one of the votes."""
        functions = {name: self._of(one) for name, one in self._functions.items()}
        return {"records": self.records, "without_any_vote": self.silent, "functions": functions}

    def _of(self, one: _OneFunction) -> dict[str, Any]:
        records = self.records or 1
        return {
            "votes": dict(one.votes),
            "coverage": one.votes.total() / records,
            "accuracy": one.right / one.judged if one.judged else None,
            "accuracy_between": interval(one.right, one.judged),
            "overlaps": one.overlaps / records,
            "conflicts": one.conflicts / records,
            "failures": dict(one.failures),
            "first_failure": one.first_failure,
        }

"""What a committee is made of: members, in groups that read the same part of a record."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from winnow.core.models.committee.growing_tables import Floats

Input = dict[Any, Any]
Kept = TypeVar("Kept")
Seen = TypeVar("Seen")


class Reader(ABC, Generic[Kept, Seen]):
    """What a group reads of a record: `Kept` is raw, `Seen` is measured by what was learned so far."""

    @property
    def full(self) -> bool:
        """Whether something was left out because there was no room for it."""
        return False

    @abstractmethod
    def read(self, x: Input) -> Kept:
        """The part of the record that the group knows."""

    def learn(self, x: Input) -> Kept:
        """The same, and from now on all of it is known (as far as there is room)."""
        return self.read(x)

    @abstractmethod
    def see(self, kept: Kept) -> Seen:
        """What members read."""


class Member(ABC, Generic[Seen]):
    """One voter. `start` is its first weight in the pool; labels are rows 0, 1, … in the order they came."""

    name: str
    start: float

    @abstractmethod
    def votes(self, seen: Seen) -> Floats:
        """A log-probability per label; all zeros abstain."""

    @abstractmethod
    def learn(self, seen: Seen, label: int) -> None:
        """A verdict, the first time."""

    def again(self, seen: Seen, label: int) -> None:
        """The same verdict once more: nothing for those who count."""

    @abstractmethod
    def add_label(self, label: Any) -> None:
        """One more label."""


class Group(Generic[Kept, Seen]):
    """Members that share a reader."""

    def __init__(self, reader: Reader[Kept, Seen], members: Sequence[Member[Seen]]) -> None:
        self.reader = reader
        self.members = tuple(members)

    def votes(self, x: Input) -> list[Floats]:
        """A row per member."""
        seen = self.reader.see(self.reader.read(x))
        return [member.votes(seen) for member in self.members]

    def learn(self, x: Input, label: int) -> Kept:
        """One verdict; gives what to keep for learning it again."""
        kept = self.reader.learn(x)
        seen = self.reader.see(kept)
        for member in self.members:
            member.learn(seen, label)
        return kept

    def again(self, kept: Kept, label: int) -> None:
        """The same verdict once more."""
        seen = self.reader.see(kept)
        for member in self.members:
            member.again(seen, label)

    def add_label(self, label: Any) -> None:
        """One more label for all."""
        for member in self.members:
            member.add_label(label)

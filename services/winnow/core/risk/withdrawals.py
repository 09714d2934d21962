"""Which policy versions are released, and which of them were withdrawn and never count."""

from collections.abc import Mapping
from typing import Any

from winnow_schemas.base import NO_POLICY


class Withdrawals:
    """`released`: the version up to which every label is either released or in a withdrawn range."""

    def __init__(self) -> None:
        self.released = NO_POLICY
        self._ranges: list[tuple[int, int]] = []

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Both ends belong to the range."""
        return tuple(self._ranges)

    def withdraw_to(self, last: int) -> None:
        """Take back what is not released up to `last`; the released number passes over it."""
        if last <= self.released:
            return
        first = self.released + 1
        if self._ranges and self._ranges[-1][1] == self.released:
            first = self._ranges.pop()[0]
        self._ranges.append((first, last))
        self.released = last

    def cover(self, version: int) -> bool:
        """Whether the labels of a policy version were withdrawn."""
        return any(first <= version <= last for first, last in self._ranges)

    def snapshot(self) -> dict[str, Any]:
        return {"released": self.released, "ranges": self._ranges}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.released = state["released"]
        self._ranges = [(first, last) for first, last in state["ranges"]]
